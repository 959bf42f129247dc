"""Starts that exclude each other: no rule is broken, the bound holds, small rounds are the best."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from bench.matching import market
from mockint.adapters.solver.overlap import solve_overlap
from mockint.domain.round.edges import edges_of
from mockint.domain.round.instance import Capacity, Instance, Request, build
from mockint.domain.round.solution import Cancelled, Match, Objective, Solution
from mockint.domain.round.worth import worth


@st.composite
def instances(draw: st.DrawFn, several: bool = False, load: bool = False) -> Instance:
    """A few people, half hours, interviews of an hour."""
    half_hours = st.lists(st.integers(0, 8), unique=True, max_size=6)
    capacities = [
        Capacity(
            starts=[30 * one for one in draw(half_hours)],
            gap=draw(st.sampled_from([0, 15, 30])),
            max_total=draw(st.integers(0, 4)),
            days=[(0, 150, draw(st.integers(0, 2))), (150, 1440, draw(st.integers(1, 3)))],
            weeks=[(0, 1440, draw(st.integers(1, 4)))],
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    requests = [
        Request(
            windows=[(30 * one, 30 * one + draw(st.sampled_from([60, 120, 300])))],
            priority=draw(st.integers(0, 2)),
            wants=draw(st.integers(1, 3)) if several else 1,
        )
        for one in draw(st.lists(st.integers(0, 7), min_size=1, max_size=6))
    ]
    people, askers = range(len(capacities)), range(len(requests))
    pairs = [(one, who) for one in askers for who in people if draw(st.booleans())]
    quality = [draw(st.integers(0, 9)) for _ in pairs]
    made = build(
        duration=60,
        days=1,
        capacities=capacities,
        requests=requests,
        pair_ptr=np.searchsorted([one for one, _ in pairs], range(len(requests) + 1)),
        pair_interviewer=[who for _, who in pairs],
        pair_quality=quality,
        load_price=draw(st.integers(1, 4)) if load else 0,
    )
    return replace(made, previous=_some_previous(made))


def _some_previous(instance: Instance) -> np.ndarray:
    """Every third edge."""
    edges = edges_of(instance)
    at = slice(0, None, 3)
    slot = edges.slot[at]
    rows = (edges.candidate[at], instance.slot_interviewer[slot], instance.start[slot])
    return np.column_stack(rows).astype(np.int64)


def _apart(instance: Instance, one: Match, other: Match) -> bool:
    """Whether two matches can both be."""
    between = abs(one.start - other.start)
    if one.interviewer == other.interviewer:
        needed = instance.duration + int(instance.gap[one.interviewer])
        return one.candidate != other.candidate and between >= needed
    return one.candidate != other.candidate or between >= instance.duration


def _check(instance: Instance, matching: Sequence[Match]) -> None:
    edges = edges_of(instance)
    whose, start = instance.slot_interviewer[edges.slot], instance.start[edges.slot]
    allowed = set(zip(edges.candidate.tolist(), whose.tolist(), start.tolist(), strict=True))
    assert {(one.candidate, one.interviewer, one.start) for one in matching} <= allowed
    assert all(_apart(instance, one, other) for one, other in combinations(matching, 2))
    slot = [
        int(
            np.flatnonzero(
                (instance.slot_interviewer == m.interviewer) & (instance.start == m.start)
            )[0]
        )
        for m in matching
    ]
    for group, cap in _caps(instance):
        assert (np.bincount(group[slot], minlength=len(cap)) <= cap).all()
    asked = np.bincount([m.candidate for m in matching], minlength=instance.n_candidates)
    assert (asked <= instance.wants).all()


def _caps(instance: Instance) -> list[tuple[np.ndarray, np.ndarray]]:
    """Groups of slots and their caps."""
    week = instance.day_week[instance.slot_day]
    return [
        (instance.slot_day, instance.day_cap),
        (week, instance.week_cap),
        (instance.slot_interviewer, instance.max_total),
    ]


def _exact(instance: Instance, levels: np.ndarray) -> int:
    """The best sum of `levels` over the edges, by HiGHS on all pairs that exclude each other."""
    edges = edges_of(instance)
    whose, start = instance.slot_interviewer[edges.slot], instance.start[edges.slot]
    each = [
        Match(*one)
        for one in zip(edges.candidate.tolist(), whose.tolist(), start.tolist(), strict=True)
    ]
    if not each:
        return 0
    rows, most = [], []
    for one, other in combinations(range(len(each)), 2):
        if not _apart(instance, each[one], each[other]):
            rows.append(np.isin(np.arange(len(each)), [one, other]))
            most.append(1)
    for group, cap in [*_caps(instance), (np.arange(instance.n_slots), None)]:
        for number in np.unique(group[edges.slot]).tolist():
            rows.append(group[edges.slot] == number)
            most.append(1 if cap is None else cap[number])
    for number in range(instance.n_candidates):
        rows.append(edges.candidate == number)
        most.append(instance.wants[number])
    found = milp(
        -levels.astype(float),
        constraints=LinearConstraint(np.array(rows, float), -np.inf, np.array(most, float)),
        integrality=np.ones(len(each)),
        bounds=Bounds(0, 1),
    )
    return int(np.rint(-found.fun))


def _levels(instance: Instance, objective: Objective) -> np.ndarray:
    """One integer an edge whose sums are in the order of the objective; few people only."""
    edges = edges_of(instance)
    worth = edges.quality.astype(np.int64)
    scale = 1000
    if objective is Objective.B:
        for one in np.unique(instance.priority):
            worth += scale * (instance.priority[edges.candidate] == one)
            scale *= 20
    if objective is Objective.C:
        previous = {tuple(one) for one in instance.previous.tolist()}
        whose, start = instance.slot_interviewer[edges.slot], instance.start[edges.slot]
        triples = zip(edges.candidate.tolist(), whose.tolist(), start.tolist(), strict=True)
        worth += scale * np.array([one in previous for one in triples], bool)
        scale *= 20
    return worth + scale


def _sum(instance: Instance, objective: Objective, found: Solution) -> int:
    edges, levels = edges_of(instance), _levels(instance, objective)
    whose, start = instance.slot_interviewer[edges.slot], instance.start[edges.slot]
    triples = zip(edges.candidate.tolist(), whose.tolist(), start.tolist(), strict=True)
    values = dict(zip(triples, levels.tolist(), strict=True))
    return sum(values[m.candidate, m.interviewer, m.start] for m in found.matching)


@settings(max_examples=60, deadline=None)
@given(instance=instances(), objective=st.sampled_from(Objective))
def test_small_rounds_are_the_best_in_every_level(instance: Instance, objective: Objective) -> None:
    found = solve_overlap(instance, objective)
    _check(instance, found.matching)
    assert found.status == "optimal"
    assert found.bound == found.value == worth(instance, objective, found.matching).value
    assert _sum(instance, objective, found) == _exact(instance, _levels(instance, objective))


@settings(max_examples=60, deadline=None)
@given(instance=instances(several=True), objective=st.sampled_from(Objective))
def test_several_wishes_of_a_candidate_keep_apart(instance: Instance, objective: Objective) -> None:
    found = solve_overlap(instance, objective)
    _check(instance, found.matching)
    best = _exact(instance, _levels(instance, objective))
    assert _sum(instance, objective, found) <= best
    if found.status == "optimal" and objective is Objective.A:
        assert _sum(instance, objective, found) == best


@settings(max_examples=40, deadline=None)
@given(instance=instances(load=True))
def test_a_load_price_is_never_paid_with_interviews(instance: Instance) -> None:
    free = solve_overlap(instance.with_load_price(0), Objective.A)
    priced = solve_overlap(instance, Objective.A)
    _check(instance, priced.matching)
    assert priced.matched == free.matched
    assert priced.bound >= priced.value
    paid = worth(instance, Objective.A, free.matching)
    if priced.status == "optimal":
        assert priced.quality - priced.load_cost >= paid.quality - paid.load_cost


@pytest.fixture(scope="module")
def middle() -> Instance:
    return market.instance(market.make(market.Shape(300, 90, supply=4, step=30), 2))


@pytest.mark.parametrize("objective", [Objective.A, Objective.B])
def test_a_middle_round_has_no_gap(middle: Instance, objective: Objective) -> None:
    found = solve_overlap(middle, objective)
    _check(middle, found.matching)
    assert found.gap == 0
    assert found == solve_overlap(middle, objective)


def test_a_round_without_or_tools_is_as_good(
    middle: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = solve_overlap(middle, Objective.A)
    monkeypatch.setitem(sys.modules, "ortools", None)
    assert solve_overlap(middle, Objective.A).value == ours.value


def test_a_large_round_begins_with_a_flow() -> None:
    shape = market.Shape(1500, 400, supply=4, step=30)
    instance = market.instance(market.make(shape, 1))
    found = solve_overlap(instance, Objective.B)
    _check(instance, found.matching)
    assert found.gap == 0


def test_progress_rises_and_can_stop(middle: Instance) -> None:
    shares: list[float] = []
    solve_overlap(middle, Objective.A, progress=lambda share, words: shares.append(share))
    assert shares == sorted(shares)
    assert shares[0] == 0 < shares[-1] <= 1

    def stop(share: float, words: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        solve_overlap(middle, Objective.A, progress=stop)
