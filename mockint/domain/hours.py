"""Weekly hours and dates that differ, by a wall clock, as open stretches of UTC.

The rule: an instant is open when the wall clock of the zone reads inside the hours of that local
date. So a time that a clock change skips is never open and one it repeats is open twice. Open
stretches that touch are one block, also over midnight. Starts lie every `step_min` of elapsed
time from the start of their block, and the interview ends inside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from mockint.domain.errors import N_, Invalid
from mockint.domain.timespan import (
    CELL,
    CELL_MIN,
    CELL_S,
    EPOCH,
    Span,
    at_second,
    bits_every,
    bits_of,
    cells_inside,
    cells_of_bits,
    instant_of,
    join,
    runs,
    seconds_of,
)
from mockint.domain.zones import first_instant, local_date, wall_intervals

Block = tuple[int, int]
"""Minutes of the local day, [from, to); 1440 is 24:00."""
Blocks = tuple[Block, ...]

DAY = timedelta(days=1)
DAY_MIN = 1440
_CELLS_A_DAY = DAY // CELL
_LOOK_BACK_DAYS = 16


@dataclass(frozen=True, slots=True)
class DateException:
    """Local dates, both ends included, on which `blocks` replace the weekly hours; () is away."""

    first: date
    last: date
    blocks: Blocks = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours, Monday first, and dates that differ, all by the wall clock of `zone`."""

    zone: str
    weekly: tuple[Blocks, ...]
    exceptions: tuple[DateException, ...] = ()

    def on(self, day: date) -> Blocks:
        """The hours of one local date: the last exception that names it, else its weekday's."""
        for exception in reversed(self.exceptions):
            if exception.first <= day <= exception.last:
                return exception.blocks
        return self.weekly[day.weekday()]


def clean_blocks(name: str, blocks: Iterable[Sequence[int]]) -> Blocks:
    """Check the blocks of one day and return them in order, joined; `name` is the field."""
    checked: list[Block] = []
    for block in blocks:
        if len(block) != 2 or any(type(minute) is not int for minute in block):
            raise Invalid(name, N_("A block has a start and an end."))
        start, end = block
        if start % CELL_MIN or end % CELL_MIN:
            raise Invalid(name, N_("Choose times on a quarter of an hour."))
        if not 0 <= start <= DAY_MIN or not 0 <= end <= DAY_MIN:
            raise Invalid(name, N_("Times of a day lie between 00:00 and 24:00."))
        if start >= end:
            raise Invalid(name, N_("A block ends after it starts; for over midnight use two days."))
        checked.append((start, end))
    return tuple(join(checked))


def hours_from(
    zone: str,
    rules: Iterable[tuple[int, int, int]],
    exceptions: Iterable[tuple[date, date, Iterable[Sequence[int]]]] = (),
) -> Hours:
    """Hours from rows (weekday with Monday 0, from, to) and (first date, last date, blocks)."""
    weekly: list[list[Block]] = [[] for _ in range(7)]
    for weekday, start, end in rules:
        weekly[weekday].append((start, end))
    return Hours(
        zone=zone,
        weekly=tuple(clean_blocks("weekly", blocks) for blocks in weekly),
        exceptions=tuple(
            DateException(first, last, clean_blocks("exceptions", blocks))
            for first, last, blocks in exceptions
        ),
    )


def open_spans(hours: Hours, window: Span) -> list[Span]:
    """The blocks of the hours, joined where they touch and cut to `window`."""
    first, last = _local_dates(hours.zone, window)
    found = (
        Span(max(at_second(start), window.start), min(at_second(end), window.end))
        for start, end in _open_intervals(hours, first, last)
        if at_second(start) < window.end and window.start < at_second(end)
    )
    return list(found)


def _local_dates(zone: str, window: Span) -> tuple[date, date]:
    """The local dates of a window, and a day more at both ends."""
    return local_date(zone, window.start) - DAY, local_date(zone, window.end) + DAY


def _open_intervals(hours: Hours, first: date, last: date) -> list[tuple[int, int]]:
    """Blocks of the dates `first` to `last`, in seconds since 1970 UTC, joined where they touch."""
    return join(
        interval
        for day in (first + DAY * n for n in range((last - first).days + 1))
        for start, end in hours.on(day)
        for interval in wall_intervals(hours.zone, day, start, end)
    )


@lru_cache(maxsize=8192)
def _expanded(hours: Hours, step_min: int, frame: range) -> tuple[int, int]:
    """The open cells of `frame`, and those that a block's grid of starts meets, as bit sets."""
    first, last = _local_dates(hours.zone, Span(instant_of(frame.start), instant_of(frame.stop)))
    for _ in range(_LOOK_BACK_DAYS):
        if join(hours.on(first)) != [(0, DAY_MIN)]:
            break
        first -= DAY
    opened = grid = 0
    for start, end in _open_intervals(hours, first, last):
        opened |= bits_of(cells_inside(Span(at_second(start), at_second(end))), frame)
        for origin, until in _grid_pieces(hours.zone, start, end):
            if origin % CELL_S == 0:
                part = range(origin // CELL_S, -(-until // CELL_S), cells_long(step_min))
                grid |= bits_every(part, frame)
    return opened, grid


def _grid_pieces(zone: str, start: int, end: int) -> list[tuple[int, int]]:
    """A block with the origin of its grid; seconds since 1970 UTC.

    Hours around the clock have no start to count from, so a block that has run for a week counts
    afresh from each local Monday. Then a start does not depend on when it is looked up.
    """
    day = local_date(zone, at_second(start)) + 7 * DAY
    day += (-day.weekday() % 7) * DAY
    origins = [start]
    while (monday := seconds_of(first_instant(zone, day))) < end:
        origins.append(monday)
        day += 7 * DAY
    return list(zip(origins, [*origins[1:], end], strict=True))


def frame_around(window: Span) -> range:
    """Whole UTC days around a window, so that neighbouring questions share their expansion."""
    first, last = (window.start - EPOCH) // DAY, -((EPOCH - window.end) // DAY)
    return range(first * _CELLS_A_DAY, last * _CELLS_A_DAY)


def open_starts(
    hours: Hours, window: Span, frame: range, length: int, step_min: int
) -> tuple[int, int]:
    """Starts the hours leave room for inside `window`, and all cells on the grid of starts."""
    opened, grid = _expanded(hours, step_min, frame)
    return runs(opened & bits_of(cells_inside(window), frame), length), grid


def starts(hours: Hours, window: Span, *, duration_min: int, step_min: int) -> list[datetime]:
    """Every start the hours alone allow: on the grid of its block, ending in block and window."""
    frame = frame_around(window)
    room, grid = open_starts(hours, window, frame, cells_long(duration_min), step_min)
    return [instant_of(cell) for cell in cells_of_bits(room & grid, frame)]


def cells_long(duration_min: int) -> int:
    if duration_min <= 0 or duration_min % CELL_MIN:
        raise ValueError(f"not a positive number of quarter hours: {duration_min}")
    return duration_min // CELL_MIN
