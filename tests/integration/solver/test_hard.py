"""Rounds at the edges: nobody there, nothing offered, weights too light, a run that is stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockint.adapters.solver import disjoint, solve
from mockint.adapters.solver.engines import EngineName
from mockint.domain.round import files
from mockint.domain.round.solution import Cancelled, Objective
from mockint.domain.round.verify import verify
from mockint.domain.round.worth import Weights
from tests.support.small_rounds import best_levels, levels

NOBODY: dict[str, Any] = {
    "duration": 60,
    "days": 1,
    "interviewers": [],
    "candidates": [],
    "eligible": [],
}
ALONE = {"candidates": [{"windows": [[0, 60]], "priority": 1, "wants": 1}], "eligible": [[[], []]]}
SILENT = {"interviewers": [{"starts": [], "gap": 0, "max_total": 1, "max_per_day": 1}]}
ASKING = {"interviewers": [{"starts": [0], "gap": 0, "max_total": 1, "max_per_day": 1}]}
GONE = {"eligible": [[[0], [5]]], "previous": [[0, 0, 7]]}


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("engine", ["ortools", "highs"])
@pytest.mark.parametrize(
    ("parts", "matched"),
    [
        ([], 0),
        ([ALONE], 0),
        ([SILENT], 0),
        ([ASKING], 0),
        ([ALONE, SILENT], 0),
        ([ALONE, ASKING, GONE], 1),
    ],
)
def test_a_round_may_be_empty(
    parts: list[dict[str, Any]], matched: int, engine: EngineName, objective: Objective
) -> None:
    round_ = dict(NOBODY)
    for part in parts:
        round_ |= part
    found = solve(files.read(round_), objective, engine=engine)
    assert (found.matched, found.kept, found.status) == (matched, 0, "optimal")
    assert verify(round_, json.loads(json.dumps(found.as_json()))) == []


CROSSED: dict[str, Any] = {
    "duration": 60,
    "days": 1,
    "interviewers": [
        {"starts": [0], "gap": 0, "max_total": 1, "max_per_day": 1},
        {"starts": [0], "gap": 0, "max_total": 1, "max_per_day": 1},
    ],
    "candidates": [
        {"windows": [[0, 60]], "priority": 0, "wants": 1},
        {"windows": [[0, 60]], "priority": 5, "wants": 1},
        {"windows": [[0, 60]], "priority": 1, "wants": 1},
    ],
    "eligible": [[[0, 1], [900, 0]], [[0], [1]], [[0, 1], [700, 900]]],
    "previous": [[0, 1, 0]],
    "load_price": 0,
}


@pytest.mark.parametrize("objective", ["A", "B", "C"])
def test_weights_that_are_too_light_are_noticed(
    objective: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The prices are made with the exact weights, so a flow by lighter ones cannot pass as best."""
    tried: list[Weights] = []

    def too_light(instance: object, exact: Weights) -> Weights:
        tried.append(exact)
        return Weights(exact.rank, 1, 0)

    monkeypatch.setattr(disjoint, "_lighter", too_light)
    found = solve(files.read(CROSSED), Objective(objective))
    matching = tuple((one.candidate, one.interviewer, one.start) for one in found.matching)
    assert tried
    assert levels(CROSSED, objective, matching) == best_levels(CROSSED, objective)


def stopper(after: int) -> Callable[[float, str], None]:
    heard = 0

    def hear(share: float, words: str) -> None:
        nonlocal heard
        heard += 1
        if heard > after:
            raise Cancelled

    return hear


@pytest.mark.parametrize("after", [0, 1])
def test_whoever_listens_can_stop_it(after: int) -> None:
    with pytest.raises(Cancelled):
        solve(files.read(CROSSED), Objective.A, progress=stopper(after))
