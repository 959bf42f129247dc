"""What programmes do without a solver: first come, first served, and Gale-Shapley.

Both know the same edges, caps and times as a round. A candidate wants one interview.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mockint.domain.round.edges import Edges
from mockint.domain.round.instance import Instance, IntArray


@dataclass(frozen=True, slots=True)
class Found:
    """The slot of each candidate served, and the sum of the quality."""

    slot: dict[int, int]
    quality: int

    @property
    def matched(self) -> int:
        return len(self.slot)


def order_by_class(instance: Instance) -> IntArray:
    """The highest priority first, then as they came."""
    return np.argsort(-instance.priority, kind="stable")


def greedy(instance: Instance, edges: Edges, order: IntArray) -> Found:
    """Each in turn takes the best that is left: of equal quality, the first."""
    owner = instance.slot_interviewer
    day_left, total_left = instance.day_cap.copy(), instance.max_total.copy()
    free = np.ones(len(instance.start), np.bool_)
    taken: dict[int, int] = {}
    total = 0
    for candidate in order.tolist():
        part = slice(edges.ptr[candidate], edges.ptr[candidate + 1])
        slots = edges.slot[part]
        worth = np.where(
            free[slots] & (day_left[instance.slot_day[slots]] > 0) & (total_left[owner[slots]] > 0),
            edges.quality[part],
            -1,
        )
        if not len(worth) or worth.max() < 0:
            continue
        best = int(worth.argmax())
        slot = int(slots[best])
        taken[candidate] = slot
        total += int(worth[best])
        free[slot] = False
        day_left[instance.slot_day[slot]] -= 1
        total_left[owner[slot]] -= 1
    return Found(taken, total)


@dataclass(slots=True)
class Hands:
    """What each interviewer holds for now, and whom of it they would give up first."""

    instance: Instance
    rank: Sequence[int]
    """A place for each candidate, all different; interviewers like low ones."""
    slot: dict[int, int] = field(default_factory=dict)
    holder: dict[int, int] = field(default_factory=dict)
    of_day: dict[int, set[int]] = field(default_factory=dict)
    of_interviewer: dict[int, set[int]] = field(default_factory=dict)

    def propose(self, candidate: int, slot: int, interviewer: int) -> int | None:
        """Who has to look on: nobody (None), the candidate, or whoever makes room."""
        day = int(self.instance.slot_day[slot])
        of_day = self.of_day.setdefault(day, set())
        of_all = self.of_interviewer.setdefault(interviewer, set())
        rivals: set[int] | None = None
        if slot in self.holder:
            rivals = {self.holder[slot]}
        elif len(of_day) >= self.instance.day_cap[day]:
            rivals = of_day
        elif len(of_all) >= self.instance.max_total[interviewer]:
            rivals = of_all
        worst = None
        if rivals is not None:
            worst = max(rivals | {candidate}, key=self.rank.__getitem__)
            if worst == candidate:
                return candidate
            self._drop(worst, interviewer)
        self.slot[candidate], self.holder[slot] = slot, candidate
        of_day.add(candidate)
        of_all.add(candidate)
        return worst

    def _drop(self, candidate: int, interviewer: int) -> None:
        slot = self.slot.pop(candidate)
        del self.holder[slot]
        self.of_day[int(self.instance.slot_day[slot])].discard(candidate)
        self.of_interviewer[interviewer].discard(candidate)


def gale_shapley(instance: Instance, edges: Edges) -> Found:
    """Candidates propose from their best edge on; interviewers keep the highest priority."""
    rank = np.empty(len(instance.priority), np.int64)
    rank[order_by_class(instance)] = np.arange(len(rank))
    owner = instance.slot_interviewer.tolist()
    bounds = edges.ptr.tolist()
    hands = Hands(instance, rank.tolist())
    wishes: dict[int, tuple[list[int], list[int]]] = {}
    nth = [0] * len(rank)
    asking = deque(range(len(rank)))
    while asking:
        candidate = asking.popleft()
        slots, _ = wishes.setdefault(candidate, _wishes(edges, bounds, candidate))
        looking: int | None = candidate
        while looking == candidate and nth[candidate] < len(slots):
            slot = slots[nth[candidate]]
            nth[candidate] += 1
            looking = hands.propose(candidate, slot, owner[slot])
        if looking is not None and looking != candidate:
            asking.append(looking)
    quality = {one: wishes[one][1][nth[one] - 1] for one in hands.slot}
    return Found(hands.slot, sum(quality.values()))


def _wishes(edges: Edges, bounds: list[int], candidate: int) -> tuple[list[int], list[int]]:
    """Slots and their quality, the best first."""
    part = slice(bounds[candidate], bounds[candidate + 1])
    order = np.argsort(-edges.quality[part], kind="stable")
    return edges.slot[part][order].tolist(), edges.quality[part][order].tolist()
