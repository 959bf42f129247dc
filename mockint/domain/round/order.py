"""The order in which a round is solved: a seeded lot over people, never the order of a file.

With ids, the lot of a person is drawn from their id, so moving people in the file changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np

from mockint.domain.round.instance import Instance, IntArray, by_two
from mockint.domain.round.solution import Match


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """An instance whose people stand in the order of their lots, and the way back."""

    instance: Instance
    candidate: IntArray
    """The original position of each candidate."""
    interviewer: IntArray
    slot: IntArray
    day: IntArray
    week: IntArray

    def matching(self, matching: Iterable[Match]) -> tuple[Match, ...]:
        """The same matching in positions of the original."""
        return tuple(
            sorted(
                Match(
                    int(self.candidate[one.candidate]),
                    int(self.interviewer[one.interviewer]),
                    one.start,
                )
                for one in matching
            )
        )


def ordered(instance: Instance, seed: int) -> Ordered:
    """The instance in the order of a seed."""
    candidate = _lots("candidate", instance.candidate_ids, instance.n_candidates, seed)
    interviewer = _lots("interviewer", instance.interviewer_ids, instance.n_interviewers, seed)
    start_ptr, slot = _moved(instance.start_ptr, interviewer)
    week_ptr = np.searchsorted(instance.week_interviewer, np.arange(instance.n_interviewers + 1))
    _, week = _moved(week_ptr, interviewer)
    day_ptr = np.searchsorted(instance.day_week, np.arange(len(instance.week_cap) + 1))
    _, day = _moved(day_ptr, week)
    window_ptr, window = _moved(instance.window_ptr, candidate)
    pair_ptr, pair = _moved(instance.pair_ptr, candidate)
    new_interviewer = np.argsort(interviewer)
    whose = np.repeat(np.arange(len(candidate)), np.diff(pair_ptr))
    pair = pair[by_two(whose, new_interviewer[instance.pair_interviewer[pair]])]
    moved = replace(
        instance,
        start_ptr=start_ptr,
        start=instance.start[slot],
        gap=instance.gap[interviewer],
        max_total=instance.max_total[interviewer],
        slot_day=np.argsort(day)[instance.slot_day[slot]],
        day_cap=instance.day_cap[day],
        day_week=np.argsort(week)[instance.day_week[day]],
        week_cap=instance.week_cap[week],
        week_interviewer=new_interviewer[instance.week_interviewer[week]],
        window_ptr=window_ptr,
        window=instance.window[window],
        priority=instance.priority[candidate],
        wants=instance.wants[candidate],
        pair_ptr=pair_ptr,
        pair_interviewer=new_interviewer[instance.pair_interviewer[pair]],
        pair_quality=instance.pair_quality[pair],
        previous=_previous(instance.previous, np.argsort(candidate), new_interviewer),
        candidate_ids=None,
        interviewer_ids=None,
    )
    return Ordered(moved, candidate, interviewer, slot, day, week)


def _lots(kind: str, ids: Sequence[str] | None, count: int, seed: int) -> IntArray:
    """Positions in the order of their lots."""
    names: Sequence[object] = range(count) if ids is None else ids
    lots = [blake2b(f"{seed}:{kind}:{name}".encode(), digest_size=16).digest() for name in names]
    return np.array(sorted(range(count), key=lots.__getitem__), np.int64)


def _moved(pointers: IntArray, order: IntArray) -> tuple[IntArray, IntArray]:
    """Pointers and old places of ranges that are put into another order."""
    counts = np.diff(pointers)[order]
    ends = np.cumsum(counts)
    places = np.arange(int(counts.sum())) + np.repeat(pointers[order] - ends + counts, counts)
    return np.concatenate([[0], ends]).astype(np.int64), places.astype(np.int64)


def _previous(previous: IntArray, candidate: IntArray, interviewer: IntArray) -> IntArray:
    return np.column_stack(
        [candidate[previous[:, 0]], interviewer[previous[:, 1]], previous[:, 2]]
    ).astype(np.int64)
