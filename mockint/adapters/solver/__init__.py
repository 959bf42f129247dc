"""Solving a round: numpy, OR-tools and HiGHS behind one function."""

from __future__ import annotations

import sys
from dataclasses import replace
from time import perf_counter

import numpy as np

from mockint.adapters.solver.disjoint import Progress, Unproven, solve_disjoint
from mockint.adapters.solver.engines import EngineName
from mockint.adapters.solver.engines import engine as engine_named
from mockint.adapters.solver.several import solve_several
from mockint.domain.errors import N_
from mockint.domain.round.instance import Instance, IntArray, close_starts, refuse_close_starts
from mockint.domain.round.order import Ordered, ordered
from mockint.domain.round.solution import Certificate, Match, Objective, Solution
from mockint.domain.round.worth import worth

__all__ = ["EngineName", "Progress", "peak_mb", "solve"]


def solve(
    instance: Instance,
    objective: Objective,
    *,
    overlap: bool = False,
    engine: EngineName = "auto",
    seed: int = 0,
    progress: Progress | None = None,
) -> Solution:
    """The best matching, with a proof. `progress` hears of shares done, and may raise.

    With `overlap`, starts may exclude each other; otherwise such a round raises `Invalid`.
    """
    began = perf_counter()
    tell = progress or _silent
    close = bool(len(close_starts(instance)))
    if close and not overlap:
        refuse_close_starts(instance)
    lots = ordered(instance, seed)
    if close:
        found = _bounded(lots, objective, seed, tell)
    elif (instance.wants > 1).any():
        matching = solve_several(lots.instance, objective, engine_named(engine), tell)
        found = (
            _bounded(lots, objective, seed, tell)
            if matching is None
            else _best(instance, objective, lots.matching(matching), None)
        )
    else:
        proven = solve_disjoint(lots.instance, objective, engine_named(engine), tell)
        proof = _in_places(lots, proven.certificate)
        found = _best(instance, objective, lots.matching(proven.matching), proof)
        if found.value != proven.value:
            raise Unproven(N_("The prices do not add up to the value. Try the other engine."))
    tell(1.0, N_("Done"))
    return replace(found, seconds=perf_counter() - began, peak_mb=peak_mb())


def peak_mb() -> float:
    """The most memory this process ever had, in MB."""
    import resource  # not on every platform

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)


def _silent(share: float, words: str) -> None:
    """Nobody wants to know."""


def _bounded(lots: Ordered, objective: Objective, seed: int, tell: Progress) -> Solution:
    """What no flow can solve: a matching and how far below the best it may be."""
    from mockint.adapters.solver.overlap import solve_overlap  # scipy is loaded when used

    found = solve_overlap(lots.instance, objective, seed=seed, progress=tell)
    return replace(found, matching=lots.matching(found.matching))


def _best(
    instance: Instance,
    objective: Objective,
    matching: tuple[Match, ...],
    proof: Certificate | None,
) -> Solution:
    each = worth(instance, objective, matching)
    return Solution(
        objective=objective,
        status="optimal",
        matched=each.matched,
        classes=each.classes,
        priority_profile=each.priority_profile,
        quality=each.quality,
        kept=each.kept,
        value=each.value,
        bound=each.value,
        gap=0.0,
        matching=matching,
        certificate=proof,
        load_cost=each.load_cost,
    )


def _in_places(lots: Ordered, proof: Certificate) -> Certificate:
    """The prices at the positions of the original instance."""

    def back(prices: tuple[int, ...], order: IntArray) -> tuple[int, ...]:
        return tuple(np.array(prices, np.int64)[np.argsort(order)].tolist())

    return Certificate(
        proof.rank_weight,
        proof.kept_weight,
        back(proof.candidates, lots.candidate),
        back(proof.slots, lots.slot),
        back(proof.days, lots.day),
        back(proof.weeks, lots.week),
        back(proof.interviewers, lots.interviewer),
    )
