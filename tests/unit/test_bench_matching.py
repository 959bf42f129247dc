"""Made-up rounds are repeatable and well formed, and what they are measured against is honest."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bench.matching import baselines, floor, market
from mockint.domain.errors import Invalid
from mockint.domain.round import files
from mockint.domain.round.edges import Edges, edges_of
from mockint.domain.round.instance import Instance, refuse_close_starts

SMALL = market.Shape(120, 40)


@pytest.fixture(scope="module", params=[1.0, 3.0], ids=["short", "ample"])
def instance(request: pytest.FixtureRequest) -> Instance:
    return market.instance(market.make(market.Shape(120, 40, caps=request.param), 3))


@pytest.fixture
def edges(instance: Instance) -> Edges:
    return edges_of(instance)


@pytest.mark.parametrize("shape", [SMALL, market.Shape(120, 90, supply=1, step=30)])
def test_a_round_is_the_same_over_a_file(shape: market.Shape) -> None:
    made = market.make(shape, 3)
    built, read = market.instance(made), files.read(json.loads(json.dumps(market.as_json(made))))
    for name in Instance.__slots__:
        np.testing.assert_array_equal(getattr(built, name), getattr(read, name), name)


def test_a_seed_makes_one_round() -> None:
    one, same, other = (market.as_json(market.make(SMALL, seed)) for seed in (5, 5, 6))
    assert one == same
    assert one != other


def test_starts_of_a_grid_keep_apart_and_other_starts_do_not() -> None:
    refuse_close_starts(market.instance(market.make(SMALL, 1)))
    with pytest.raises(Invalid, match="closer than an interview"):
        refuse_close_starts(market.instance(market.make(market.Shape(120, 40, step=30), 1)))


def test_scarce_tracks_are_asked_more_than_offered() -> None:
    made = market.make(market.Shape(3000, 1000), 1)
    asked = np.bincount(made.asking.track, minlength=6) / 3000
    offered = (made.giving.expertise > 0).mean(axis=0)
    assert asked[3] > 2 * offered[3]
    assert offered[0] > asked[0]


def _check(instance: Instance, edges: Edges, found: baselines.Found) -> None:
    slots = np.array(list(found.slot.values()))
    assert len(set(slots.tolist())) == len(slots)
    days = np.bincount(instance.slot_day[slots], minlength=len(instance.day_cap))
    assert (days <= instance.day_cap).all()
    taken = np.bincount(instance.slot_interviewer[slots], minlength=instance.n_interviewers)
    assert (taken <= instance.max_total).all()
    worth = {
        (int(one), int(slot)): int(quality)
        for one, slot, quality in zip(edges.candidate, edges.slot, edges.quality, strict=True)
    }
    assert found.quality == sum(worth[pair] for pair in found.slot.items())


def test_baselines_keep_the_rules_and_lose_to_the_flow(instance: Instance, edges: Edges) -> None:
    flow = floor.solve(instance, edges, by_class=True)
    first_come = np.arange(instance.n_candidates)
    for found in (
        baselines.greedy(instance, edges, baselines.order_by_class(instance)),
        baselines.greedy(instance, edges, first_come),
        baselines.gale_shapley(instance, edges),
    ):
        _check(instance, edges, found)
        assert 0 < found.matched <= flow.matched


def test_gale_shapley_is_stable(instance: Instance, edges: Edges) -> None:
    """With one order on the interviewers' side there is one stable matching: in turn, by rank."""
    stable = baselines.gale_shapley(instance, edges)
    assert stable == baselines.greedy(instance, edges, baselines.order_by_class(instance))


def test_the_floor_takes_edges_inside_all_caps(instance: Instance, edges: Edges) -> None:
    flow = floor.solve(instance, edges, by_class=False)
    chosen = dict(
        zip(edges.candidate[flow.edges].tolist(), edges.slot[flow.edges].tolist(), strict=True)
    )
    assert len(chosen) == flow.matched
    quality = int(edges.quality[flow.edges].sum())
    _check(instance, edges, baselines.Found(chosen, quality))
    assert flow.value == flow.matched * floor.RANK_WEIGHT + quality
