"""Solving a round: numpy, OR-tools and HiGHS behind one function."""

from __future__ import annotations

import sys
from dataclasses import replace
from time import perf_counter

import numpy as np

from mockint.adapters.solver.disjoint import Progress, solve_disjoint
from mockint.adapters.solver.engines import EngineName
from mockint.adapters.solver.engines import engine as engine_named
from mockint.adapters.solver.several import solve_several
from mockint.domain.errors import N_, Invalid
from mockint.domain.round.instance import Instance, IntArray, refuse_close_starts
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
    if not overlap:
        refuse_close_starts(instance)
    lots = ordered(instance, seed)
    if overlap:
        found = _overlapping(lots, objective, seed, tell)
    elif (instance.wants > 1).any():
        matching, bound = solve_several(lots.instance, objective, engine_named(engine), tell)
        found = _solution(instance, objective, lots.matching(matching), bound, None)
    else:
        proven = solve_disjoint(lots.instance, objective, engine_named(engine), tell)
        proof = _in_places(lots, proven.certificate)
        found = _solution(instance, objective, lots.matching(proven.matching), proven.value, proof)
    tell(1.0, N_("Done"))
    return _timed(found, perf_counter() - began)


def peak_mb() -> float:
    """The most memory this process ever had, in MB."""
    import resource  # not on every platform

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / (1 << 10)


def _silent(share: float, words: str) -> None:
    """Nobody wants to know."""


def _overlapping(lots: Ordered, objective: Objective, seed: int, tell: Progress) -> Solution:
    raise Invalid("overlap", N_("Overlapping starts cannot be solved yet."))


def _solution(
    instance: Instance,
    objective: Objective,
    matching: tuple[Match, ...],
    bound: int,
    proof: Certificate | None,
) -> Solution:
    each = worth(instance, objective, matching)
    return Solution(
        objective=objective,
        status="optimal" if bound == each.value else "gap",
        matched=each.matched,
        classes=each.classes,
        priority_profile=each.priority_profile,
        quality=each.quality,
        kept=each.kept,
        value=each.value,
        bound=bound,
        gap=(bound - each.value) / bound if bound else 0.0,
        matching=matching,
        certificate=proof if bound == each.value else None,
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


def _timed(found: Solution, seconds: float) -> Solution:
    return replace(found, seconds=seconds, peak_mb=peak_mb())
