"""The edges of a round: which candidate can take which slot, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mockint.domain.round.instance import Instance, IntArray

SmallArray = NDArray[np.int32]

_BLOCK = 1 << 21
"""Slots of eligible interviewers looked at together: a block is some 50 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Edges of candidate c are `ptr[c]:ptr[c + 1]`, in the order of slots."""

    ptr: IntArray
    slot: SmallArray
    quality: SmallArray

    @property
    def candidate(self) -> SmallArray:
        """The candidate of each edge."""
        return np.repeat(np.arange(len(self.ptr) - 1, dtype=np.int32), np.diff(self.ptr))


def edges_of(instance: Instance) -> Edges:
    """Every slot of an eligible interviewer that lies inside one of the candidate's windows."""
    blocks = list(edge_blocks(instance))
    counts = np.concatenate([np.zeros(1, np.int64), *(np.diff(one.ptr) for one in blocks)])
    none = np.empty(0, np.int32)
    return Edges(
        np.cumsum(counts),
        np.concatenate([none, *(one.slot for one in blocks)]),
        np.concatenate([none, *(one.quality for one in blocks)]),
    )


def edge_blocks(instance: Instance) -> Iterator[Edges]:
    """The edges of some candidates after the other; the blocks together are `edges_of`."""
    offered = np.diff(instance.start_ptr)[instance.pair_interviewer]
    before = np.concatenate([[0], np.cumsum(offered)])[instance.pair_ptr]
    times, time_of = np.unique(instance.start, return_inverse=True)
    first = 0
    while first < instance.n_candidates:
        room = int(before[first]) + _BLOCK
        last = int(np.searchsorted(before, room, side="right")) - 1
        last = max(first + 1, min(last, instance.n_candidates))
        yield _block(instance, first, last, times, time_of.astype(np.int32))
        first = last


def _block(
    instance: Instance, first: int, last: int, times: IntArray, time_of: SmallArray
) -> Edges:
    pairs = slice(instance.pair_ptr[first], instance.pair_ptr[last])
    who = instance.pair_interviewer[pairs]
    counts = np.diff(instance.start_ptr)[who]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    slot = np.arange(total, dtype=np.int32)
    slot += np.repeat((instance.start_ptr[who] - ends + counts).astype(np.int32), counts)
    a_pair = np.diff(instance.pair_ptr[first : last + 1])
    row = np.repeat(np.repeat(np.arange(last - first, dtype=np.int32), a_pair), counts)
    inside = _open_times(instance, first, last, times)[row, time_of[slot]]
    kept = np.bincount(row[inside], minlength=last - first)
    quality = np.repeat(instance.pair_quality[pairs].astype(np.int32), counts)
    return Edges(np.concatenate([[0], np.cumsum(kept)]), slot[inside], quality[inside])


def _open_times(instance: Instance, first: int, last: int, times: IntArray) -> NDArray[np.bool_]:
    """Whether an interview that starts at a time lies inside one of the candidate's windows."""
    bounds = instance.window_ptr[first : last + 1]
    windows = instance.window[bounds[0] : bounds[-1]]
    row = np.repeat(np.arange(last - first), np.diff(bounds))
    opens = np.searchsorted(times, windows[:, 0])
    closes = np.searchsorted(times, windows[:, 1] - instance.duration, side="right")
    change = np.zeros((last - first, len(times) + 1), np.int16)
    np.add.at(change, (row, opens), 1)
    np.add.at(change, (row, np.maximum(opens, closes)), -1)
    return np.cumsum(change, axis=1, dtype=np.int16)[:, :-1] > 0
