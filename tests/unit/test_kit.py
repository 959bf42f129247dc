"""Question kits: what is refused, and which one an interview gets."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain import kit, rubric
from mockint.domain.errors import Conflict
from mockint.domain.kit import InvalidKit, Seen, Stock
from tests.support.kits import DIMENSIONS, made

DATA = Path(__file__).resolve().parents[2] / "mockint" / "data"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize("path", sorted((DATA / "kits").glob("*.json")), ids=lambda one: one.stem)
def test_every_kit_that_comes_with_mockint_is_whole(path: Path) -> None:
    rubrics = rubric.parse(json.loads((DATA / "rubrics.json").read_text(encoding="utf-8")))
    said = json.loads(path.read_text(encoding="utf-8"))
    assert said["track"] == path.stem
    dimensions = rubrics.tracks[path.stem].keys
    found = [kit.parse(path.stem, raw, dimensions) for raw in said["kits"]]
    assert len(found) >= 8
    assert len({one.key for one in found}) == len(found)
    for level in rubric.LEVELS:
        assert sum(level in one.levels for one in found) >= 2, level
    for one in found:
        assert len(one.prompt) > 200
        assert len(one.asked) >= 3
        assert len(one.pitfalls) >= 3
        assert len(one.outline) > 300
        assert one.not_observable == ()


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"title": " "}, "title is missing"),
        ({"difficulty": 5}, "difficulty is no number from 1 to 4"),
        ({"minutes": True}, "minutes is no number"),
        ({"target_levels": ["chief"]}, "target_levels has 'chief'"),
        ({"languages": []}, "languages is no list"),
        ({"hints": []}, "hints is no list"),
        ({"hints": [{"rung": "nudge", "when": "x", "text": "y"}]}, "hints need the rungs"),
        ({"signals": [{"dimension": "luck", "score": 3, "seen": "x"}]}, "names no dimension"),
        ({"signals": [{"dimension": "framing", "score": 3, "seen": "x"}]}, "needs a signal"),
        ({"not_observable": ["framing"]}, "not both"),
        ({"topics": [""]}, "topics holds something that is no text"),
    ],
)
def test_what_is_not_whole_is_refused_with_its_place(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidKit, match=where):
        kit.parse("coding", made(**changes), DIMENSIONS)


def test_the_rungs_stand_in_their_order() -> None:
    hints = list(reversed(made()["hints"]))
    with pytest.raises(InvalidKit, match="in this order"):
        kit.parse("coding", made(hints=hints), DIMENSIONS)


stocks = st.lists(
    st.builds(
        Stock,
        kit_id=st.integers(1, 40),
        key=st.sampled_from("abcdefgh"),
        family=st.sampled_from("fgh"),
        uses=st.integers(0, 9),
        recent=st.integers(0, 9),
    ),
    max_size=12,
    unique_by=lambda one: one.kit_id,
)
sights = st.lists(
    st.builds(
        Seen,
        key=st.sampled_from("abcdefgh"),
        family=st.sampled_from("fgh"),
        at=st.integers(0, 400).map(lambda days: NOW - timedelta(days=days)),
    ),
    max_size=6,
)


@given(stocks, sights, st.integers(0, 60), st.randoms(use_true_random=False))
def test_nobody_gets_what_they_saw_and_chance_is_among_the_least_used(
    stock: list[Stock], seen: list[Seen], recent: int, chance: random.Random
) -> None:
    fit = kit.fitting(stock, seen, recent=recent, now=NOW)
    taken = kit.choose(fit, chance)
    allowed = [
        one
        for one in stock
        if one.key not in {old.key for old in seen}
        and one.family not in {old.family for old in seen if NOW - old.at < timedelta(days=180)}
    ]
    assert (taken is None) == (not allowed)
    if taken is None:
        return
    assert taken in allowed
    assert sum(one.uses < taken.uses for one in fit) < kit.LEAST_USED
    if recent >= kit.SHARE_FROM and taken.recent > 0.2 * recent:
        assert all(one.recent > 0.2 * recent for one in allowed), "only when nothing else is left"


def test_states_move_one_way() -> None:
    kit.require_move("draft", "pilot")
    for before, after in (("draft", "active"), ("retired", "active"), ("x", "draft")):
        with pytest.raises(Conflict):
            kit.require_move(before, after)


def test_it_is_shown_around_the_interview_only() -> None:
    start, end = NOW, NOW + timedelta(hours=1)
    for minutes, allowed in ((-16, False), (-15, True), (0, True), (240, True), (241, False)):
        assert kit.may_reveal(start, end, NOW + timedelta(minutes=minutes)) is allowed
