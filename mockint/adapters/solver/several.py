"""Rounds of disjoint starts in which some candidates want several interviews.

Their interviews must not overlap, and must be with different interviewers. These limits cross
each other, so a flow that leaves them out only gives a bound. It is the answer when its matching
keeps them; otherwise what breaks them is dropped, and what is free is given to who lost it.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from mockint.adapters.solver.disjoint import Progress, matches
from mockint.adapters.solver.network import Engine, network_of
from mockint.domain.errors import N_
from mockint.domain.round.edges import Edges, SmallArray, edges_of
from mockint.domain.round.instance import Instance, IntArray
from mockint.domain.round.solution import Match, Objective
from mockint.domain.round.worth import previous_slots, weights, worth


def solve_several(
    instance: Instance, objective: Objective, engine: Engine, progress: Progress
) -> tuple[list[Match], int]:
    """A matching, and a bound of the value that no matching passes."""
    progress(0.0, N_("Listing who can meet whom"))
    edges = edges_of(instance)
    candidate = edges.candidate
    weight = _weights(instance, objective, edges, candidate)
    progress(0.2, N_("Matching"))
    flowing = network_of(instance).solve(candidate, edges.slot, weight, engine)
    bound = worth(instance, objective, matches(instance, candidate[flowing], edges.slot[flowing]))
    progress(0.8, N_("Parting interviews that overlap"))
    book = _Book(instance)
    lost = set()
    for one in flowing[np.argsort(-weight[flowing], kind="stable")].tolist():
        if not book.take(int(candidate[one]), int(edges.slot[one])):
            lost.add(int(candidate[one]))
    others = np.concatenate(
        [np.arange(0), *(np.arange(*edges.ptr[one : one + 2]) for one in sorted(lost))]
    ).astype(np.int64)
    for one in others[np.argsort(-weight[others], kind="stable")].tolist():
        book.take(int(candidate[one]), int(edges.slot[one]))
    taken = np.array(book.taken, np.int32).reshape(-1, 2)
    return matches(instance, taken[:, 0], taken[:, 1]), bound.value


def _weights(
    instance: Instance, objective: Objective, edges: Edges, candidate: SmallArray
) -> IntArray:
    each = weights(instance, objective)
    whom, slot = previous_slots(instance)
    keys = candidate.astype(np.int64) * instance.n_slots + edges.slot
    kept = np.isin(keys, whom * instance.n_slots + slot)
    found = each.rank[candidate] * each.rank_weight + kept * each.kept_weight + edges.quality
    return found.astype(np.int64)


class _Book:
    """Matches taken one by one, each only where every limit allows it."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.whose = instance.slot_interviewer.tolist()
        self.taken: list[tuple[int, int]] = []
        self.used: set[int] = set()
        self.load: Counter[tuple[str, int]] = Counter()
        self.agreed: defaultdict[int, list[int]] = defaultdict(list)

    def take(self, candidate: int, slot: int) -> bool:
        """Add a match, or say that it cannot be."""
        instance = self.instance
        if slot in self.used or len(self.agreed[candidate]) >= instance.wants[candidate]:
            return False
        start, who = instance.start[slot], self.whose[slot]
        for other in self.agreed[candidate]:
            apart = abs(int(instance.start[other] - start)) >= instance.duration
            if not apart or self.whose[other] == who:
                return False
        day = int(instance.slot_day[slot])
        week = int(instance.day_week[day])
        limits = {
            ("day", day): instance.day_cap[day],
            ("week", week): instance.week_cap[week],
            ("total", who): instance.max_total[who],
        }
        if any(self.load[name] >= most for name, most in limits.items()):
            return False
        self.load.update(limits.keys())
        self.used.add(slot)
        self.agreed[candidate].append(slot)
        self.taken.append((candidate, slot))
        return True
