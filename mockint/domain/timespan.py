"""Half-open spans of UTC instants, and the 15-minute cells a day is made of.

A span [start, end) owns its start and not its end, so spans that touch do not overlap.
Sets of cells are plain integers: bit k stands for the cell `first + k` of a frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import compress
from typing import TypeVar

Edge = TypeVar("Edge", int, datetime)

CELL = timedelta(minutes=15)
CELL_MIN = 15
CELL_S = 900
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def require_utc(instant: datetime) -> datetime:
    """Return `instant`; a naive or non-UTC datetime is a programming error, not bad input."""
    if instant.utcoffset() != timedelta(0):
        raise ValueError(f"not an aware UTC instant: {instant!r}")
    return instant


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The instants from `start` up to, not including, `end`; never empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if require_utc(self.start) >= require_utc(self.end):
            raise ValueError(f"a span ends after it starts: {self.start} to {self.end}")

    @classmethod
    def lasting(cls, start: datetime, minutes: int) -> Span:
        """The span of `minutes` from `start`."""
        return cls(start, start + timedelta(minutes=minutes))

    @property
    def duration(self) -> timedelta:
        return self.end - self.start

    def contains(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


def join(intervals: Iterable[tuple[Edge, Edge]]) -> list[tuple[Edge, Edge]]:
    """Half-open intervals in order, with those that overlap or touch made one."""
    united: list[tuple[Edge, Edge]] = []
    for start, end in sorted(intervals):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def merge(spans: Iterable[Span]) -> list[Span]:
    """The union as sorted spans that neither overlap nor touch."""
    return [Span(start, end) for start, end in join((span.start, span.end) for span in spans)]


def subtract(spans: Iterable[Span], removed: Iterable[Span]) -> list[Span]:
    """The instants of `spans` that are not in `removed`."""
    rest = merge(spans)
    for hole in merge(removed):
        rest = [piece for span in rest for piece in _without(span, hole)]
    return rest


def _without(span: Span, hole: Span) -> Iterator[Span]:
    if not span.overlaps(hole):
        yield span
        return
    if span.start < hole.start:
        yield Span(span.start, hole.start)
    if hole.end < span.end:
        yield Span(hole.end, span.end)


def seconds_of(instant: datetime) -> int:
    """Whole seconds since 1970-01-01T00:00Z, rounded down."""
    return (require_utc(instant) - EPOCH) // timedelta(seconds=1)


def on_grid(instant: datetime) -> bool:
    """True when `instant` is a quarter hour of UTC, to the microsecond."""
    return (require_utc(instant) - EPOCH) % CELL == timedelta(0)


def cell_of(instant: datetime) -> int:
    """The number of the cell that begins at `instant`; an instant off the grid is refused."""
    if not on_grid(instant):
        raise ValueError(f"not on a quarter hour of UTC: {instant}")
    return seconds_of(instant) // CELL_S


def instant_of(cell: int) -> datetime:
    """When `cell` begins."""
    return EPOCH + cell * CELL


def cells(start: datetime, end: datetime) -> range:
    """The cells of an interview from `start` to `end`, both on the grid."""
    return range(cell_of(start), cell_of(end))


def at_second(second: int) -> datetime:
    """The instant `second` seconds after 1970-01-01T00:00Z."""
    return EPOCH + timedelta(seconds=second)


def cells_inside(span: Span) -> range:
    """The cells that lie wholly in `span`: both ends are rounded inwards."""
    return range(-((EPOCH - span.start) // CELL), (span.end - EPOCH) // CELL)


def cells_around(span: Span) -> range:
    """The cells that `span` uses any part of: both ends are rounded outwards."""
    return range((span.start - EPOCH) // CELL, -((EPOCH - span.end) // CELL))


def cells_starting_in(span: Span) -> range:
    """The cells that begin in `span`."""
    return range(-((EPOCH - span.start) // CELL), -((EPOCH - span.end) // CELL))


def bits_of(part: range, frame: range) -> int:
    """The cells of `part` inside `frame` as a bit set."""
    first, end = max(part.start, frame.start), min(part.stop, frame.stop)
    return ((1 << (end - first)) - 1) << (first - frame.start) if first < end else 0


def bits_every(part: range, frame: range) -> int:
    """The cells of a range with a step inside `frame` as a bit set."""
    inside = part[len(range(part.start, frame.start, part.step)) :]
    count = len(range(inside.start, min(inside.stop, frame.stop), part.step))
    if not count:
        return 0
    return ((1 << part.step * count) - 1) // ((1 << part.step) - 1) << (inside.start - frame.start)


def cells_of_bits(bits: int, frame: range) -> list[int]:
    """The cells of a bit set over `frame`, in order."""
    return [frame.start + k for k, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


def instants_of_bits(bits: int, frame: range) -> list[datetime]:
    """When the cells of a bit set over `frame` begin, in order."""
    chosen = f"{bits:b}".encode()[::-1].translate(_DIGITS)
    return list(compress(_instants(frame), chosen))


_DIGITS = bytes.maketrans(b"01", b"\0\1")


@lru_cache(maxsize=8)
def _instants(frame: range) -> tuple[datetime, ...]:
    """All that begin in a frame; there are one or two frames a week, asked about all the time."""
    return tuple(map(instant_of, frame))


def runs(bits: int, length: int) -> int:
    """The bits at which `length` ones in a row begin."""
    have = 1
    while have < length:
        shift = min(have, length - have)
        bits &= bits >> shift
        have += shift
    return bits
