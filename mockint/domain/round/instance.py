"""A round to be matched, as arrays: who offers which starts, who asks, which pairs may meet.

Slots are the starts offered, numbered interviewer by interviewer and from early to late. All times
are minutes from the start of the round in UTC. Nothing in an instance depends on the order in
which starts, windows or pairs were given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from mockint.domain.errors import N_, Invalid

IntArray = NDArray[np.int64]
DAY = 1440

Span = tuple[int, int, int]
"""At most the third number of interviews start in [first, second)."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one interviewer offers. Spans of `days` lie apart, and each inside one of `weeks`."""

    starts: Sequence[int]
    gap: int
    max_total: int
    days: Sequence[Span]
    weeks: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What one candidate asks for: `wants` interviews, each inside one window [from, to)."""

    windows: Sequence[tuple[int, int]]
    priority: int = 0
    wants: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """`x_ptr[i]:x_ptr[i + 1]` are the places of person i in the arrays of x."""

    duration: int
    days: int
    start_ptr: IntArray
    start: IntArray
    """Minute of each slot, ascending within an interviewer."""
    gap: IntArray
    """Per interviewer: minutes between the end of one interview and the next start."""
    max_total: IntArray
    slot_day: IntArray
    """Per slot the number of its day: ascending, and a day belongs to one interviewer."""
    day_cap: IntArray
    day_week: IntArray
    week_cap: IntArray
    week_interviewer: IntArray
    window_ptr: IntArray
    window: IntArray
    """(n, 2), sorted within a candidate; an interview lies inside one of them as given."""
    priority: IntArray
    wants: IntArray
    pair_ptr: IntArray
    """Pairs that may meet, by candidate and within a candidate by interviewer."""
    pair_interviewer: IntArray
    pair_quality: IntArray
    previous: IntArray
    """(n, 3) sorted: candidate, interviewer, start of the matching to be kept under C."""
    candidate_ids: tuple[str, ...] | None = None
    interviewer_ids: tuple[str, ...] | None = None
    load_price: int = 0
    """The k-th interview of the same interviewer costs `load_price * (k - 1)` of quality."""

    @property
    def n_candidates(self) -> int:
        return len(self.priority)

    @property
    def n_interviewers(self) -> int:
        return len(self.gap)

    @property
    def n_slots(self) -> int:
        return len(self.start)

    @property
    def slot_interviewer(self) -> IntArray:
        """Per slot the interviewer who offers it."""
        return np.repeat(np.arange(self.n_interviewers), np.diff(self.start_ptr))

    def with_load_price(self, points: int) -> Instance:
        """The same round where taking many interviews costs more."""
        return replace(self, load_price=points)


def by_two(first: IntArray, second: IntArray) -> IntArray:
    """The order by one and then by the other, neither below 0; what is in order already is fast."""
    return np.argsort(first * (second.max(initial=0) + 1) + second, kind="stable")


def build(
    *,
    duration: int,
    days: int,
    capacities: Sequence[Capacity],
    requests: Sequence[Request],
    pair_ptr: Sequence[int] | IntArray,
    pair_interviewer: Sequence[int] | IntArray,
    pair_quality: Sequence[int] | IntArray,
    previous: Sequence[tuple[int, int, int]] | IntArray = (),
    candidate_ids: Sequence[str] | None = None,
    interviewer_ids: Sequence[str] | None = None,
    load_price: int = 0,
) -> Instance:
    """An instance in its one order; raises `Invalid` for starts or spans that cannot be."""
    start_ptr = _pointers(len(one.starts) for one in capacities)
    groups = [_groups(number, one) for number, one in enumerate(capacities)]
    window_ptr = _pointers(len(one.windows) for one in requests)
    windows = chain.from_iterable(sorted(one.windows) for one in requests)
    pointers = np.asarray(pair_ptr, np.int64)
    whose = np.repeat(np.arange(len(requests)), np.diff(pointers))
    interviewer = np.asarray(pair_interviewer, np.int64)
    order = by_two(whose, interviewer)
    before = np.asarray(previous, np.int64).reshape(-1, 3)
    return Instance(
        duration=duration,
        days=days,
        start_ptr=start_ptr,
        start=_flat(sorted(one.starts) for one in capacities),
        gap=_array(one.gap for one in capacities),
        max_total=_array(one.max_total for one in capacities),
        **_joined(groups),
        window_ptr=window_ptr,
        window=_flat(windows).reshape(-1, 2),
        priority=_array(one.priority for one in requests),
        wants=_array(one.wants for one in requests),
        pair_ptr=pointers,
        pair_interviewer=interviewer[order],
        pair_quality=np.asarray(pair_quality, np.int64)[order],
        previous=np.unique(before, axis=0),
        candidate_ids=None if candidate_ids is None else tuple(candidate_ids),
        interviewer_ids=None if interviewer_ids is None else tuple(interviewer_ids),
        load_price=load_price,
    )


@dataclass(frozen=True, slots=True)
class _Groups:
    """The days and weeks of one interviewer, numbered from 0."""

    slot_day: IntArray
    day_cap: IntArray
    day_week: IntArray
    week_cap: IntArray


def _groups(number: int, capacity: Capacity) -> _Groups:
    """Starts outside every span have a span of their own, which only `max_total` limits."""
    start = np.array(sorted(capacity.starts), np.int64)
    twice = np.flatnonzero(start[1:] == start[:-1])
    if len(twice):
        place = max(at for at, one in enumerate(capacity.starts) if one == start[twice[0]])
        raise Invalid(f"interviewers[{number}].starts[{place}]", N_("This start is offered twice."))
    day, day_cap = _spans(f"interviewers[{number}].days", capacity.days, start, capacity.max_total)
    week, week_cap = _spans(
        f"interviewers[{number}].weeks", capacity.weeks, start, capacity.max_total
    )
    first = np.flatnonzero(np.diff(day, prepend=-1))
    if (week != week[first][day]).any():
        place = int(np.flatnonzero(week != week[first][day])[0])
        raise Invalid(
            f"interviewers[{number}].days",
            N_("The day around minute %(start)s lies in two weeks."),
            start=int(start[place]),
        )
    return _Groups(day, day_cap, week[first], week_cap)


def _spans(
    field: str, spans: Sequence[Span], start: IntArray, otherwise: int
) -> tuple[IntArray, IntArray]:
    """Which used span each start lies in, numbered along the starts, and the cap of each."""
    given = np.array(sorted(spans), np.int64).reshape(-1, 3)
    crossing = np.flatnonzero(given[1:, 0] < given[:-1, 1])
    if len(crossing):
        raise Invalid(
            field,
            N_("The spans from %(one)s and from %(other)s overlap."),
            one=int(given[crossing[0], 0]),
            other=int(given[crossing[0] + 1, 0]),
        )
    place = np.searchsorted(given[:, 0], start, side="right") - 1
    inside = (place >= 0) & (start < given[place, 1]) if len(given) else np.zeros(len(start), bool)
    key = np.where(inside, 2 * place, 2 * place + 1)
    first = np.diff(key, prepend=-2) != 0
    caps = np.where(inside, given[place, 2] if len(given) else otherwise, otherwise)
    return np.cumsum(first) - 1, caps[first].astype(np.int64)


def _joined(groups: Sequence[_Groups]) -> dict[str, IntArray]:
    """The groups of all interviewers, numbered through."""
    days_before = _pointers(len(one.day_cap) for one in groups)
    weeks_before = _pointers(len(one.week_cap) for one in groups)
    return {
        "slot_day": _concatenated(
            one.slot_day + before for one, before in zip(groups, days_before, strict=False)
        ),
        "day_cap": _concatenated(one.day_cap for one in groups),
        "day_week": _concatenated(
            one.day_week + before for one, before in zip(groups, weeks_before, strict=False)
        ),
        "week_cap": _concatenated(one.week_cap for one in groups),
        "week_interviewer": np.repeat(np.arange(len(groups)), np.diff(weeks_before)),
    }


def _pointers(counts: Iterable[int]) -> IntArray:
    return np.concatenate([[0], np.cumsum(_array(counts))]).astype(np.int64)


def _array(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, np.int64)


def _flat(values: Iterable[Iterable[int]]) -> IntArray:
    return np.fromiter(chain.from_iterable(values), np.int64)


def _concatenated(parts: Iterable[IntArray]) -> IntArray:
    return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64)


def close_starts(instance: Instance) -> IntArray:
    """Slots that leave too little time before the next one of the same interviewer."""
    whose = instance.slot_interviewer
    close = np.diff(instance.start) < instance.duration + instance.gap[whose[1:]]
    found: IntArray = np.flatnonzero(close & (whose[1:] == whose[:-1]))
    return found


def refuse_close_starts(instance: Instance) -> None:
    """Refuse a round in which two starts of an interviewer exclude each other."""
    found = close_starts(instance)
    if len(found):
        number = int(instance.slot_interviewer[found[0]])
        one, other = instance.start[found[0] : found[0] + 2]
        raise Invalid(
            f"interviewers[{number}].starts",
            N_(
                "The starts %(one)s and %(other)s are closer than an interview and the gap after"
                " it (%(least)s minutes). Leave one out, or allow overlapping starts."
            ),
            one=int(one),
            other=int(other),
            least=int(instance.duration + instance.gap[number]),
        )
