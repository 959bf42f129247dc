"""How questions are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mockint.domain.kit import Kit
from mockint.domain.rubric import Track

_BLANK = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of a plain text: prose, or lines to be shown as they stand."""

    text: str
    code: bool


def paragraphs(text: str) -> list[Paragraph]:
    """A text by blank lines; a run of lines indented by four blanks is code or a table."""
    found: list[Paragraph] = []
    for block in _BLANK.split(text.strip("\n")):
        prose: list[str] = []
        code: list[str] = []
        for line in block.split("\n"):
            if line.startswith("    "):
                if prose:
                    found.append(Paragraph("\n".join(prose), False))
                    prose = []
                code.append(line[4:])
            else:
                if code:
                    _add_code(found, code)
                    code = []
                prose.append(line)
        if prose:
            found.append(Paragraph("\n".join(prose), False))
        if code:
            _add_code(found, code)
    return found


def _add_code(found: list[Paragraph], lines: list[str]) -> None:
    """Code that a blank line parts is one piece."""
    text = "\n".join(lines)
    if found and found[-1].code:
        found[-1] = Paragraph(f"{found[-1].text}\n\n{text}", True)
    else:
        found.append(Paragraph(text, True))


@dataclass(frozen=True, slots=True)
class Part:
    """What a kit says of one dimension."""

    name: str
    signals: tuple[tuple[int, str], ...]
    follow_ups: tuple[str, ...]


def parts(kit: Kit, track: Track) -> list[Part]:
    """By dimension, as the rubric orders them; those it says nothing of are left out."""
    found = [
        Part(
            one.name,
            tuple((signal.score, signal.seen) for signal in kit.signals_of(one.key)),
            kit.follow_ups_of(one.key),
        )
        for one in track.dimensions
    ]
    return [one for one in found if one.signals or one.follow_ups]
