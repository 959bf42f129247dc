"""Weekly hours and dates that differ, by a wall clock, as open stretches of UTC.

The rule: an instant is open when the wall clock of the zone reads inside the hours of that local
date. So a time that a clock change skips is never open and one it repeats is open twice. Open
stretches that touch are one block, also over midnight. Starts lie every `step_min` of elapsed
time from the start of their block, and the interview ends inside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from mockint.domain.zones import DAY_S, first_instant, local_date, wall_intervals

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
        if (blocks := hours.on(day))
        for interval in _intervals(hours.zone, day, blocks)
    )


def _intervals(zone: str, day: date, blocks: Blocks) -> Iterator[tuple[int, int]]:
    """When the wall clock reads the blocks of one date."""
    midnight = _even_midnight(zone, day)
    for start, end in blocks:
        if midnight is None:
            yield from wall_intervals(zone, day, start, end)
        else:
            yield midnight + start * 60, midnight + end * 60


@lru_cache(maxsize=16_384)
def _even_midnight(zone: str, day: date) -> int | None:
    """When a day begins on which the clock runs evenly for 24 hours; None on any other day."""
    whole = wall_intervals(zone, day, 0, DAY_MIN)
    return whole[0][0] if len(whole) == 1 and whole[0][1] - whole[0][0] == DAY_S else None


@lru_cache(maxsize=256)
def _expanded(hours: Hours, step_min: int, frame: range) -> tuple[int, int]:
    """The open cells of `frame`, and those that a block's grid of starts meets, as bit sets."""
    first, last = _local_dates(hours.zone, Span(instant_of(frame.start), instant_of(frame.stop)))
    for _ in range(_LOOK_BACK_DAYS):
        if join(hours.on(first)) != [(0, DAY_MIN)]:
            break
        first -= DAY
    step = cells_long(step_min)
    opened, phases = 0, [0] * step
    for start, end in _open_intervals(hours, first, last):
        opened |= bits_of(range(-(-start // CELL_S), end // CELL_S), frame)
        for origin, until in _grid_pieces(hours.zone, start, end):
            if origin % CELL_S == 0:
                part = range(origin // CELL_S, -(-until // CELL_S))
                phases[part.start % step] |= bits_of(part, frame)
    grid = 0
    for phase, bits in enumerate(phases):
        if bits:
            first_cell = frame.start + (phase - frame.start) % step
            grid |= bits & bits_every(range(first_cell, frame.stop, step), frame)
    return opened, grid


def _grid_pieces(zone: str, start: int, end: int) -> list[tuple[int, int]]:
    """A block with the origin of its grid; seconds since 1970 UTC.

    Hours around the clock have no start to count from, so a block that has run for a week counts
    afresh from each local Monday. Then a start does not depend on when it is looked up.
    """
    if end - start < 6 * DAY_S:  # no Monday comes a week after the day it began
        return [(start, end)]
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


def open_starts(hours: Hours, frame: range, length: int, step_min: int) -> tuple[int, int]:
    """Starts the hours leave room for inside `frame`, and all cells on the grid of starts."""
    opened, grid = _expanded(hours, step_min, frame)
    return runs(opened, length), grid


def starts(hours: Hours, window: Span, *, duration_min: int, step_min: int) -> list[datetime]:
    """Every start the hours alone allow: on the grid of its block, ending in block and window."""
    frame, length = frame_around(window), cells_long(duration_min)
    room, grid = open_starts(hours, frame, length, step_min)
    found = room & grid & starts_inside(window, frame, length)
    return [instant_of(cell) for cell in cells_of_bits(found, frame)]


def starts_inside(window: Span, frame: range, length: int) -> int:
    """Starts of interviews of `length` cells that lie wholly in `window`, open or not."""
    inside = cells_inside(window)
    return bits_of(range(inside.start, inside.stop - length + 1), frame)


def cells_long(duration_min: int) -> int:
    if duration_min <= 0 or duration_min % CELL_MIN:
        raise ValueError(f"not a positive number of quarter hours: {duration_min}")
    return duration_min // CELL_MIN
