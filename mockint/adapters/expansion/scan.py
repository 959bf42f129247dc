"""Takes a calendar file apart by lines, before any library sees it.

Only what says when somebody is busy is kept: titles, descriptions, alarms and people who did not
decline are passed over. That is most of a file, so the rest is quick to parse.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockint.domain.busytime import CalendarRefused
from mockint.domain.errors import N_

MOST_OCTETS = 10 * 2**20
MOST_ENTRIES = 20_000
"""Without what is in them: alarms are passed over."""
ENTRY, DEEPEST = 2, 3
"""Levels: a calendar, an entry, and an alarm or the half of a zone in it."""
LONGEST_LINE = 2**20
"""Letters of a line that counts, without its folds."""
LONGEST_TIME = 500
REPEATABLE = frozenset({"RRULE", "EXRULE", "RDATE", "EXDATE", "ATTENDEE", "FREEBUSY", "TZNAME"})
"""Of all others the first line counts."""

_KEPT = re.compile(
    r"^(BEGIN|END|UID|SEQUENCE|DTSTART|DTEND|DURATION|RECURRENCE-ID|RRULE|EXRULE|RDATE|EXDATE"
    r"|STATUS|TRANSP|X-MICROSOFT-CDO-BUSYSTATUS|ATTENDEE|FREEBUSY|X-WR-TIMEZONE"
    r"|TZID|TZOFFSETFROM|TZOFFSETTO|TZNAME)([;:].*)$",
    re.MULTILINE | re.IGNORECASE,
)
_UTC_IN_ZONE = re.compile(r';TZID=(?:"[^"]*"|[^:;"]*)(?=[^"]*:[0-9T]+Z$)', re.IGNORECASE)
"""A zone that does not apply, because the time is in UTC (RFC 5545, 3.2.19)."""


@dataclass(slots=True)
class Block:
    """A component: the lines that count, by property, and the components in it."""

    name: str
    lines: dict[str, list[str]] = field(default_factory=dict)
    parts: list[Block] = field(default_factory=list)

    def first(self, name: str) -> str:
        """The value of the first line of a property; empty without one."""
        lines = self.lines.get(name)
        return value_of(lines[0]) if lines else ""

    def walk(self, name: str) -> Iterator[Block]:
        """The components of a name in it, at any depth."""
        for part in self.parts:
            if part.name == name:
                yield part
            yield from part.walk(name)

    def text(self) -> str:
        """What was kept, as content lines again; of its parts only the halves of a zone."""
        halves = self.parts if self.name == "VTIMEZONE" else []
        inside = [line for lines in self.lines.values() for line in lines]
        inside += [half.text() for half in halves]
        return "\r\n".join([f"BEGIN:{self.name}", *inside, f"END:{self.name}"])


def value_of(line: str) -> str:
    """What follows the first colon outside of quotes."""
    quoted = False
    for place, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            return line[place + 1 :].strip()
    return ""


def scan(data: bytes) -> list[Block]:
    """The calendars of a file; CalendarRefused when there are none, or more than can be read."""
    if len(data) > MOST_OCTETS:
        raise CalendarRefused(N_("The calendar is larger than 10 MiB."))
    text = _unfolded(_decoded(data))
    calendars: list[Block] = []
    stack: list[Block] = []
    entries = 0
    for found in _KEPT.finditer(text):
        name, rest = found[1].upper(), found[2]
        if len(rest) > LONGEST_LINE:
            raise CalendarRefused(N_("The calendar has a line that is longer than 1 MiB."))
        if name == "BEGIN":
            _begin(rest[1:].strip().upper(), stack, calendars)
            entries += len(stack) <= ENTRY
            if entries > MOST_ENTRIES:
                raise CalendarRefused(N_("The calendar has more than 20,000 entries."))
        elif name == "END":
            _end(rest[1:].strip().upper(), stack)
        elif stack and (name != "ATTENDEE" or "DECLINED" in rest.upper()):
            line = f"{name}{rest.rstrip()}"
            if line.endswith("Z") and len(line) < LONGEST_TIME:
                line = _UTC_IN_ZONE.sub("", line)
            lines = stack[-1].lines.setdefault(name, [])
            if not lines or name in REPEATABLE:
                lines.append(line)
    if not calendars:
        raise CalendarRefused(N_("This is not a calendar file."))
    if stack:
        raise CalendarRefused(N_("The calendar breaks off in the middle."))
    return calendars


def _begin(name: str, stack: list[Block], calendars: list[Block]) -> None:
    block = Block(name)
    if stack:
        stack[-1].parts.append(block)
    elif name == "VCALENDAR":
        calendars.append(block)
    else:
        return
    stack.append(block)
    if len(stack) > DEEPEST:
        raise CalendarRefused(N_("The calendar has entries nested too deeply."))


def _end(name: str, stack: list[Block]) -> None:
    """Close a component, and those in it that were left open."""
    if any(block.name == name for block in stack):
        while stack.pop().name != name:
            pass


def _decoded(data: bytes) -> str:
    """UTF-8 as it should be, UTF-16 if marked so, else the octets of western Windows."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.removeprefix(codecs.BOM_UTF8).decode("cp1252", "replace")


def _unfolded(text: str) -> str:
    """The lines without folds (RFC 5545, 3.1), whatever ends them, and without NULs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return text.replace("\n ", "").replace("\n\t", "")
