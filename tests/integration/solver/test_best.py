"""The solver against trying everything, HiGHS as a programme of whole numbers, and itself."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from mockint.adapters.solver import solve
from mockint.domain.round import files
from mockint.domain.round.solution import Objective, Solution
from mockint.domain.round.verify import verify
from tests.support.small_rounds import allowed, best_levels, edges_of, levels, small_rounds

SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(SOME, max_examples=25)
OBJECTIVES = st.sampled_from(["A", "B", "C"])


def solved(round_: dict[str, Any], objective: str, **options: Any) -> Solution:
    return solve(files.read(deepcopy(round_)), Objective(objective), **options)


def triples(found: Solution) -> tuple[tuple[int, int, int], ...]:
    return tuple((one.candidate, one.interviewer, one.start) for one in found.matching)


@SOME
@given(small_rounds(), OBJECTIVES)
def test_no_matching_is_better(round_: dict[str, Any], objective: str) -> None:
    found = solved(round_, objective)
    assert set(triples(found)) <= set(edges_of(round_))
    assert allowed(round_, triples(found))
    assert levels(round_, objective, triples(found)) == best_levels(round_, objective)
    assert (found.status, found.gap, found.bound) == ("optimal", 0.0, found.value)
    assert verify(round_, json.loads(json.dumps(found.as_json()))) == []


@FEW
@given(small_rounds(), OBJECTIVES)
def test_both_engines_give_the_same_result(round_: dict[str, Any], objective: str) -> None:
    one, other = (solved(round_, objective, engine=name) for name in ("ortools", "highs"))
    assert (one.value, one.matching) == (other.value, other.matching)
    assert one.certificate is not None
    assert other.certificate is not None


@FEW
@given(small_rounds())
def test_priority_costs_no_match(round_: dict[str, Any]) -> None:
    assert solved(round_, "A").matched == solved(round_, "B").matched


@FEW
@given(small_rounds(), OBJECTIVES, st.randoms(use_true_random=False))
def test_hiding_windows_gains_no_match(
    round_: dict[str, Any], objective: str, chance: random.Random
) -> None:
    before = solved(round_, objective)
    alone = set(range(len(round_["candidates"]))) - {one.candidate for one in before.matching}
    for who in alone:
        hidden = deepcopy(round_)
        windows = hidden["candidates"][who]["windows"]
        hidden["candidates"][who]["windows"] = [one for one in windows if chance.random() < 0.5]
        assert solved(hidden, objective).matching == before.matching


def shuffled(round_: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The same round, its starts, windows and pairs in another order."""
    other = deepcopy(round_)
    for one in other["interviewers"]:
        chance.shuffle(one["starts"])
    for one in other["candidates"]:
        chance.shuffle(one["windows"])
    for at, (who, worth) in enumerate(other["eligible"]):
        pairs = list(zip(who, worth, strict=True))
        chance.shuffle(pairs)
        other["eligible"][at] = [[one for one, _ in pairs], [one for _, one in pairs]]
    return other


@FEW
@given(small_rounds(), OBJECTIVES, st.randoms(use_true_random=False))
def test_the_order_of_a_file_changes_nothing(
    round_: dict[str, Any], objective: str, chance: random.Random
) -> None:
    assert solved(round_, objective) == solved(shuffled(round_, chance), objective)


@FEW
@given(small_rounds(), st.randoms(use_true_random=False))
def test_with_ids_the_order_of_people_changes_nothing(
    round_: dict[str, Any], chance: random.Random
) -> None:
    n_candidates, n_people = len(round_["candidates"]), len(round_["interviewers"])
    whom = chance.sample(range(n_people), n_people)
    who = chance.sample(range(n_candidates), n_candidates)
    round_["ids"] = {
        "candidates": [f"c{one}" for one in range(n_candidates)],
        "interviewers": [f"i{one}" for one in range(n_people)],
    }
    moved = shuffled(round_, chance)
    moved["interviewers"] = [moved["interviewers"][one] for one in whom]
    moved["candidates"] = [moved["candidates"][one] for one in who]
    moved["eligible"] = [
        [[whom.index(one) for one in moved["eligible"][at][0]], moved["eligible"][at][1]]
        for at in who
    ]
    moved["ids"] = {
        "candidates": [f"c{one}" for one in who],
        "interviewers": [f"i{one}" for one in whom],
    }
    moved.pop("previous", None)
    back = {(who[a], whom[b], start) for a, b, start in triples(solved(moved, "B"))}
    assert back == set(triples(solved(round_, "B")))


@FEW
@given(small_rounds(most_wanted=2), OBJECTIVES)
def test_several_interviews_a_candidate(round_: dict[str, Any], objective: str) -> None:
    found = solved(round_, objective)
    assert allowed(round_, triples(found))
    assert verify(round_, json.loads(json.dumps(found.as_json()))) == []
    best = best_levels(round_, objective)
    assert found.value <= found.bound
    assert (found.status == "optimal") is (found.gap == 0)
    if found.status == "optimal":
        assert levels(round_, objective, triples(found)) == best


def by_whole_numbers(round_: dict[str, Any]) -> tuple[int, int]:
    """Objective A, level by level, by branching on each edge."""
    edges = list(edges_of(round_))
    keys = [
        {
            ("candidate", who): 1,
            ("slot", whom, start): 1,
            ("day", whom, start // 1440): round_["interviewers"][whom]["max_per_day"],
            ("person", whom): round_["interviewers"][whom]["max_total"],
        }
        for who, whom, start in edges
    ]
    rows = sorted({(key, cap) for one in keys for key, cap in one.items()}, key=str)
    matrix = np.array([[float(key in one) for one in keys] for key, _ in rows])
    limits = [LinearConstraint(matrix, ub=[cap for _, cap in rows])]
    number, done = np.ones(len(edges)), []
    worth = [dict(zip(*round_["eligible"][who], strict=True))[whom] for who, whom, _ in edges]
    for level in (number, np.array(worth, float)):
        found = milp(-level, constraints=limits, integrality=number, bounds=Bounds(0, 1))
        assert found.status == 0
        done.append(round(-found.fun))
        limits.append(LinearConstraint(level, lb=done[-1]))
    return done[0], done[1]


@pytest.mark.parametrize("seed", range(4))
def test_a_larger_round_against_whole_numbers(seed: int) -> None:
    round_ = market(seed, 60, 20)
    found = solved(round_, "A")
    assert (found.matched, found.quality) == by_whole_numbers(round_)


def market(seed: int, n_candidates: int, n_people: int) -> dict[str, Any]:
    chance = random.Random(seed)
    return {
        "duration": 60,
        "days": 5,
        "interviewers": [
            {
                "starts": chance.sample(range(0, 5 * 1440, 90), 6),
                "gap": 15,
                "max_total": chance.randint(1, 4),
                "max_per_day": chance.randint(1, 2),
            }
            for _ in range(n_people)
        ],
        "candidates": [
            {
                "windows": [[at, at + 700] for at in chance.sample(range(0, 6500, 60), 3)],
                "priority": chance.randint(0, 4),
                "wants": 1,
            }
            for _ in range(n_candidates)
        ],
        "eligible": [
            [who, [chance.randint(0, 100) for _ in who]]
            for who in (chance.sample(range(n_people), n_people // 2) for _ in range(n_candidates))
        ],
    }


@pytest.mark.parametrize("objective", ["A", "B", "C"])
def test_few_edges_prove_what_all_edges_give(
    objective: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = market(7, 200, 60)
    round_["previous"] = [list(one) for one in list(edges_of(round_))[::97]]
    at_once = solved(round_, objective)
    monkeypatch.setattr("mockint.adapters.solver.disjoint._ALL", 0)
    monkeypatch.setattr("mockint.adapters.solver.disjoint._BEST", 1)
    monkeypatch.setattr("mockint.adapters.solver.disjoint._DRAWN", 1)
    monkeypatch.setattr("mockint.adapters.solver.disjoint._ADDED", 2)
    passes: list[float] = []
    grown = solved(round_, objective, progress=lambda share, words: passes.append(share))
    assert grown.value == at_once.value
    assert len(passes) > 4, "edges were added in several passes"
    assert passes == sorted(passes)
    assert verify(round_, json.loads(json.dumps(grown.as_json()))) == []
