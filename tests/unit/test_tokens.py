"""Contrast of the colour tokens, WCAG 2: text needs 4.5, edges and ticks need 3."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
MODES = ("light", "dark")

TEXT_ON_GROUND = [
    *[(text, "paper") for text in ("ink", "ink-2", "muted", "good", "bad", "warn")],
    ("ink", "wash"),
    ("muted", "wash"),
    ("paper", "ink"),  # the primary button
    ("paper", "ink-2"),  # the same under the pointer
    ("on-marker", "marker"),
    ("ink", "tint"),
    ("muted", "tint"),
    ("bad", "tint"),  # a late row that is ticked
    ("ink", "band"),
    ("ink", "bad-tint"),
    ("bad", "bad-tint"),
    *[("on-heat-low", f"heat-{level}") for level in (1, 2, 3)],
    ("on-heat-4", "heat-4"),
    ("on-heat-5", "heat-5"),
]
EDGES_ON_GROUND = [("edge", "paper"), ("ink", "paper"), ("bad", "paper"), ("edge", "wash")]


def tokens() -> dict[str, dict[str, str]]:
    found = PAIR.findall(TOKENS.read_text(encoding="utf-8"))
    return {name: {"light": light, "dark": dark} for name, light, dark in found}


def luminance(colour: str) -> float:
    def channel(start: int) -> float:
        value = int(colour[start : start + 2], 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_is_readable(text: str, ground: str, mode: str) -> None:
    assert contrast(tokens()[text][mode], tokens()[ground][mode]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("edge", "ground"), EDGES_ON_GROUND)
def test_edges_are_visible(edge: str, ground: str, mode: str) -> None:
    assert contrast(tokens()[edge][mode], tokens()[ground][mode]) >= 3


def test_the_marker_is_the_same_in_both_modes() -> None:
    for name in ("marker", "on-marker"):
        assert tokens()[name]["light"] == tokens()[name]["dark"]


def test_every_colour_is_a_token() -> None:
    """Only tokens.css names colours; #fff is the ground of a chosen radio in both modes."""
    for sheet in TOKENS.parent.glob("*.css"):
        if sheet.name not in ("tokens.css", "modes.css"):
            colours = set(re.findall(r"#[0-9a-f]{3,8}\b", sheet.read_text(encoding="utf-8")))
            assert colours <= {"#fff"}, sheet.name
