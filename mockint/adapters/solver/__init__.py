"""Solving a round: numpy, OR-tools and HiGHS behind one function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter

import numpy as np

from mockint.adapters.solver.engines import EngineName
from mockint.adapters.solver.engines import engine as engine_named
from mockint.adapters.solver.network import network_of
from mockint.domain.errors import N_, Invalid
from mockint.domain.round.edges import edges_of
from mockint.domain.round.instance import Instance, IntArray, refuse_close_starts
from mockint.domain.round.order import ordered
from mockint.domain.round.solution import Match, Objective, Solution
from mockint.domain.round.worth import weights, worth

Progress = Callable[[float, str], None]


def solve(
    instance: Instance,
    objective: Objective,
    *,
    overlap: bool = False,
    engine: EngineName = "auto",
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """The best matching, with a proof. `progress` hears of shares done, and may raise."""
    began = perf_counter()
    if overlap:
        raise Invalid("overlap", N_("Overlapping starts cannot be solved yet."))
    refuse_close_starts(instance)
    if (instance.wants > 1).any():
        raise Invalid("wants", N_("Candidates who want several cannot be solved yet."))
    lots = ordered(instance, seed)
    matching = lots.matching(_flow(lots.instance, objective, engine))
    found = worth(instance, objective, matching)
    return Solution(
        objective=objective,
        status="optimal",
        matched=found.matched,
        classes=found.classes,
        priority_profile=found.priority_profile,
        quality=found.quality,
        kept=found.kept,
        value=found.value,
        bound=found.value,
        gap=0.0,
        matching=matching,
        load_cost=found.load_cost,
        seconds=perf_counter() - began,
        peak_mb=peak_mb(),
    )


def _flow(instance: Instance, objective: Objective, engine: EngineName) -> list[Match]:
    edges = edges_of(instance)
    candidate = edges.candidate
    each = weights(instance, objective)
    weight = each.rank[candidate] * each.rank_weight + edges.quality
    if each.kept_weight:
        keys = candidate.astype(np.int64) * instance.n_slots + edges.slot
        weight += each.kept_weight * np.isin(keys, previous_keys(instance))
    taken = network_of(instance).solve(candidate, edges.slot, weight, engine_named(engine))
    who = instance.slot_interviewer
    return [
        Match(int(candidate[one]), int(who[edges.slot[one]]), int(instance.start[edges.slot[one]]))
        for one in taken
    ]


def previous_keys(instance: Instance) -> IntArray:
    """candidate * slots + slot, for each match of the previous matching that can still be."""
    candidate, interviewer, start = instance.previous.T
    first = instance.start.min(initial=0)
    span = int(instance.start.max(initial=0) - first) + 1
    keys = instance.slot_interviewer * span + instance.start - first
    wanted = interviewer * span + start - first
    inside = (start >= first) & (start - first < span)
    place = np.minimum(np.searchsorted(keys, wanted), instance.n_slots - 1)
    there = inside & (keys[place] == wanted) if instance.n_slots else inside & False
    found: IntArray = candidate[there] * instance.n_slots + place[there]
    return found


def peak_mb() -> float:
    """The most memory this process ever had, in MB."""
    import resource  # not on every platform

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)
