"""The days of a round as rows of hours to paint, and back: in the reader's own zone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mockint.domain import timespan, zones
from mockint.domain.errors import N_, Invalid
from mockint.domain.timespan import Span

HOURS = range(24)
NIGHT = frozenset({*range(7), 22, 23})
"""Hours on dark ground, so that evenings are found at once."""
Hour = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of a day: whether it lies in the round, and whether it is painted."""

    hour: int
    inside: bool
    painted: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A local day and its 24 hours."""

    on: date
    cells: tuple[Cell, ...]


def spans(zone: str, hour: Hour, inside: Span) -> list[Span]:
    """When it is this hour there, cut to the round; an hour that a clock repeats is two of them.

    Nothing for an hour that a clock skips.
    """
    on, number = hour
    found = zones.wall_intervals(zone, on, number * 60, number * 60 + 60)
    return [
        Span(max(start, inside.start), min(end, inside.end))
        for start, end in ((timespan.at_second(a), timespan.at_second(b)) for a, b in found)
        if start < inside.end and inside.start < end
    ]


def dates(zone: str, inside: Span) -> list[date]:
    """The local days of a round; the first and the last may lie in it only partly."""
    first = zones.local_date(zone, inside.start)
    last = zones.local_date(zone, inside.end - timedelta(microseconds=1))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def grid(zone: str, inside: Span, painted: Collection[Hour]) -> list[Day]:
    """What the page shows."""
    return [
        Day(
            on,
            tuple(
                Cell(hour, bool(spans(zone, (on, hour), inside)), (on, hour) in painted)
                for hour in HOURS
            ),
        )
        for on in dates(zone, inside)
    ]


def hours(zone: str, inside: Span, windows: Iterable[Span]) -> set[Hour]:
    """The hours that lie wholly in the windows."""
    known = timespan.merge(windows)
    return {
        (on, hour)
        for on in dates(zone, inside)
        for hour in HOURS
        if (parts := spans(zone, (on, hour), inside)) and not timespan.subtract(parts, known)
    }


def windows(zone: str, inside: Span, painted: Iterable[Hour]) -> list[Span]:
    """What was painted, as spans that neither overlap nor touch."""
    return timespan.merge(part for hour in painted for part in spans(zone, hour, inside))


def lost(zone: str, inside: Span, known: Sequence[Span]) -> bool:
    """Whether windows painted in another zone do not end on this one's hours."""
    kept = windows(zone, inside, hours(zone, inside, known))
    return bool(timespan.subtract(known, kept))


def text_of(hour: Hour) -> str:
    """An hour as the form sends it: 2026-11-30T18."""
    return f"{hour[0].isoformat()}T{hour[1]:02}"


def read(zone: str, inside: Span, sent: Iterable[str]) -> set[Hour]:
    """The hours a form sent; one that the page did not show is refused."""
    shown = {
        text_of((day.on, cell.hour)): (day.on, cell.hour)
        for day in grid(zone, inside, ())
        for cell in day.cells
        if cell.inside
    }
    sent = set(sent)
    if not sent <= shown.keys():
        raise Invalid("windows", N_("Paint hours of the days shown."))
    return {shown[one] for one in sent}


def copied(zone: str, inside: Span, painted: Collection[Hour], source: date) -> set[Hour]:
    """Every day painted like `source`, as far as its hours lie in the round."""
    wanted = {hour for on, hour in painted if on == source}
    return {
        (day.on, cell.hour)
        for day in grid(zone, inside, ())
        for cell in day.cells
        if cell.inside and cell.hour in wanted
    }


def counted(painted: Collection[Hour]) -> tuple[int, int]:
    """How many hours on how many days."""
    return len(painted), len({on for on, _hour in painted})
