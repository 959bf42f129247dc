"""What a matching must keep where starts overlap, as rows of a linear programme.

Each row limits how many of the edges on its slots may be taken: one of the starts that exclude each
other, and the caps of days, weeks and people. Candidates who want several have rows of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from mockint.domain.round.edges import SmallArray
from mockint.domain.round.instance import Instance, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    rows: csr_array
    """Rows by slots. The last `n_interviewers` of them count the interviews of one person."""
    most: IntArray


def limits_of(instance: Instance) -> Limits:
    """All rows but those that another one implies."""
    whose, day = instance.slot_interviewer, instance.slot_day
    week_of_day, total = instance.day_week, instance.max_total
    day_total = total[instance.week_interviewer[week_of_day]]
    day_room = np.minimum(instance.week_cap[week_of_day], day_total)
    first, end = exclusive(instance.start, instance.duration + instance.gap[whose], whose)
    alone = (day[first] == day[end - 1]) & (instance.day_cap[day[first]] <= 1)
    needed = ~(alone | (total[whose[first]] <= 1))
    first, end = first[needed], end[needed]
    days = _tight(day, instance.day_cap, day_room)
    weeks = _tight(week_of_day[day], instance.week_cap, total[instance.week_interviewer])
    parts = [
        (_ranges(first, end, instance.n_slots), np.ones(len(first), np.int64)),
        (_groups(day, len(instance.day_cap))[days], instance.day_cap[days]),
        (_groups(week_of_day[day], len(instance.week_cap))[weeks], instance.week_cap[weeks]),
        (_groups(whose, instance.n_interviewers), total),
    ]
    rows = vstack([one for one, _ in parts], format="csr")
    return Limits(rows, np.concatenate([most for _, most in parts]))


def exclusive(start: IntArray, apart: IntArray, whose: IntArray) -> tuple[IntArray, IntArray]:
    """Largest ranges of starts of one owner of which only one can be taken: first and end.

    Starts ascend within an owner; two of one owner exclude each other when less than `apart` lies
    between them.
    """
    low = int(start.min(initial=0))
    span = int(start.max(initial=0)) - low + int(apart.max(initial=0)) + 1
    key = whose * span + start - low
    end = np.searchsorted(key, key + apart)
    end = np.minimum(end, np.searchsorted(whose, whose, side="right"))
    largest = np.ones(len(start), np.bool_)
    largest[1:] = (end[1:] != end[:-1]) | (whose[1:] != whose[:-1])
    first = np.flatnonzero(largest)
    return first, end[first]


def _tight(group: IntArray, cap: IntArray, room: IntArray) -> IntArray:
    """Groups whose cap says something: below what they lie in, and below what they hold."""
    held = np.bincount(group, minlength=len(cap))
    return np.flatnonzero((cap < room) & ((held > cap) | (cap <= 1)))


def _groups(group: IntArray, count: int) -> csr_array:
    size = len(group)
    return csr_array((np.ones(size), (group, np.arange(size))), shape=(count, size))


def _ranges(first: IntArray, end: IntArray, size: int) -> csr_array:
    """A row for each range of slots."""
    counts = end - first
    pointers = np.concatenate([[0], np.cumsum(counts)])
    columns = np.arange(pointers[-1]) + np.repeat(first - pointers[:-1], counts)
    return csr_array((np.ones(len(columns)), columns, pointers), shape=(len(first), size))


def own_rows(instance: Instance, candidate: SmallArray, slot: SmallArray) -> csr_array:
    """Rows by edges, each at most 1: several interviews of a candidate are with different people
    and do not overlap."""
    several = np.flatnonzero(instance.wants[candidate] > 1)
    whose = candidate[several].astype(np.int64)
    owner = instance.slot_interviewer[slot[several]]
    pair = np.unique(whose * instance.n_interviewers + owner, return_inverse=True)[1]
    size = len(candidate)
    count = int(pair.max(initial=-1)) + 1
    pairs = csr_array((np.ones(len(several)), (pair, several)), shape=(count, size))
    start = instance.start[slot[several]]
    order = np.lexsort((start, whose))
    apart = np.full(len(several), instance.duration)
    first, end = exclusive(start[order], apart, whose[order])
    ranges = _ranges(first, end, len(several)).tocoo()
    at_once = csr_array(
        (np.ones(ranges.nnz), (ranges.row, several[order[ranges.col]])), shape=(len(first), size)
    )
    return vstack([pairs, at_once], format="csr")
