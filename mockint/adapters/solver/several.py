"""Rounds of disjoint starts in which some candidates want several interviews.

Their interviews must not overlap, and must be with different interviewers. These limits cross
each other, so no flow keeps them; but where the best flow without them happens to, nothing is
better.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np

from mockint.adapters.solver.disjoint import Progress, matches
from mockint.adapters.solver.network import Engine, network_of
from mockint.domain.errors import N_
from mockint.domain.round.edges import Edges, SmallArray, edges_of
from mockint.domain.round.instance import Instance, IntArray
from mockint.domain.round.solution import Match, Objective
from mockint.domain.round.worth import previous_slots, weights


def solve_several(
    instance: Instance, objective: Objective, engine: Engine, progress: Progress
) -> list[Match] | None:
    """The best matching, or None where that takes more than a flow."""
    progress(0.0, N_("Listing who can meet whom"))
    edges = edges_of(instance)
    candidate = edges.candidate
    weight = _weights(instance, objective, edges, candidate)
    progress(0.2, N_("Matching"))
    flowing = network_of(instance).solve(candidate, edges.slot, weight, engine)
    found = matches(instance, candidate[flowing], edges.slot[flowing])
    return found if _apart(instance, found) else None


def _apart(instance: Instance, matching: list[Match]) -> bool:
    """Whether nobody has two interviews at once, or two with the same interviewer."""
    agreed: defaultdict[int, list[Match]] = defaultdict(list)
    for one in sorted(matching):
        agreed[one.candidate].append(one)
    return all(
        one.interviewer != other.interviewer and abs(one.start - other.start) >= instance.duration
        for each in agreed.values()
        for one, other in combinations(each, 2)
    )


def _weights(
    instance: Instance, objective: Objective, edges: Edges, candidate: SmallArray
) -> IntArray:
    each = weights(instance, objective)
    whom, slot = previous_slots(instance)
    keys = candidate.astype(np.int64) * instance.n_slots + edges.slot
    kept = np.isin(keys, whom * instance.n_slots + slot)
    found = each.rank[candidate] * each.rank_weight + kept * each.kept_weight + edges.quality
    return found.astype(np.int64)
