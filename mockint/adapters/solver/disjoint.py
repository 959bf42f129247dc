"""The best matching of a round of disjoint starts, on few of its edges, proven on all.

Solve on each candidate's best edges and a few drawn by lot, price every edge with the prices of
that flow, add those worth more than their price, and solve again until there are none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mockint.adapters.solver.network import Engine, Network, contracted
from mockint.adapters.solver.prices import Prices, certificate, dual_value, least_prices
from mockint.adapters.solver.ties import drawn, lots
from mockint.domain.errors import N_, Refusal
from mockint.domain.round.edges import Edges, SmallArray, edges_of
from mockint.domain.round.instance import Instance, IntArray
from mockint.domain.round.solution import Certificate, Match, Objective
from mockint.domain.round.worth import Weights, previous_slots, weights

Progress = Callable[[float, str], None]

_ALL = 200_000
"""A round with fewer edges is solved on all of them at once."""
_BEST, _DRAWN, _ADDED = 16, 16, 16
"""Edges a candidate: at first by quality and by lot, then the most that are added at once."""
_NEAR = 4
"""Points under its price at which an edge is added with the others."""
_FAR = 60
"""Points under its price at which an edge of the first pass is left out of the second."""
_TIED = 500_000
"""More edges than these that are worth their price are not all drawn from."""
_BLOCK = 1 << 20


class Unproven(Refusal):
    """A flow that its engine called the best is not."""


@dataclass(frozen=True, slots=True, eq=False)
class Proven:
    """Edges taken, the prices behind the proof, and the proof."""

    matching: list[Match]
    certificate: Certificate
    value: int


def solve_disjoint(
    instance: Instance, objective: Objective, engine: Engine, progress: Progress
) -> Proven:
    """Solve a round in which every candidate wants one interview."""
    progress(0.0, N_("Listing who can meet whom"))
    edges = edges_of(instance)
    search = _Search(instance, edges, weights(instance, objective))
    prices, taken = search.run(engine, progress)
    exact = search.weights
    proof = certificate(instance, prices, exact.rank_weight, exact.kept_weight)
    return Proven(
        matches(instance, search.candidate[taken], edges.slot[taken]),
        proof,
        dual_value(instance, proof),
    )


def matches(instance: Instance, candidate: SmallArray, slot: SmallArray) -> list[Match]:
    """Edges as matches."""
    who, start = instance.slot_interviewer[slot], instance.start[slot]
    return [
        Match(*one) for one in zip(candidate.tolist(), who.tolist(), start.tolist(), strict=True)
    ]


class _Search:
    """Edges in use, grown until prices prove that no other is needed."""

    def __init__(self, instance: Instance, edges: Edges, exact: Weights) -> None:
        self.instance = instance
        self.edges = edges
        self.weights = exact
        self.candidate = edges.candidate
        self.kept = _kept(instance, edges, self.candidate) if exact.kept_weight else None

    def weight(self, at: IntArray | slice, exact: Weights) -> IntArray:
        """What edges are worth."""
        found: IntArray = (
            exact.rank[self.candidate[at]] * exact.rank_weight + self.edges.quality[at]
        )
        if self.kept is not None:
            found += self.kept[at] * exact.kept_weight
        return found

    def run(self, engine: Engine, progress: Progress) -> tuple[Prices, IntArray]:
        """Prices for all edges, and the numbers of the edges taken."""
        network = contracted(self.instance)
        using = self._first()
        light = _lighter(self.instance, self.weights)
        times = 0
        while True:
            times += 1
            at = np.flatnonzero(using)
            prices, taken = self._solved(network, at, light, engine)
            if prices is None:
                if light is self.weights:
                    raise Unproven(N_("The flow is not the best. Try the other engine."))
                light = self.weights
                continue
            wanted, lacking = self._wanted(prices, using)
            progress(1 - 0.7**times, N_("Matching"))
            if not lacking:
                return prices, self._drawn(prices, taken, engine)
            if times == 1:
                using &= self._near(prices)
                using[taken] = True
            using[wanted] = True

    def _solved(
        self, network: Network, at: IntArray, light: Weights, engine: Engine
    ) -> tuple[Prices | None, IntArray]:
        candidate, slot = self.candidate[at], self.edges.slot[at]
        taken = network.solve(candidate, slot, self.weight(at, light), engine)
        exact = self.weight(at, self.weights)
        return least_prices(self.instance, candidate, slot, exact, taken), at[taken]

    def _drawn(self, prices: Prices, taken: IntArray, engine: Engine) -> IntArray:
        """The one matching of all that are as good."""
        tight = [np.flatnonzero(self._over(prices, one) == 0) + one.start for one in self._parts()]
        at = np.concatenate([np.empty(0, np.int64), *tight])
        if len(at) > _TIED:
            worth = (1 << 32) - lots(self.candidate[at], self.edges.slot[at])
            at = np.union1d(self._best(at, worth, _BEST), taken)
        return at[drawn(self.instance, prices, self.candidate[at], self.edges.slot[at], engine)]

    def _first(self) -> NDArray[np.bool_]:
        """Each candidate's best edges and as many by lot; all of a small round."""
        count = len(self.edges.slot)
        if count <= _ALL:
            return np.ones(count, bool)
        worth = self.edges.quality.astype(np.int64)
        if self.kept is not None:
            worth += self.kept * (int(worth.max()) + 1)
        using = np.zeros(count, bool)
        using[self._best(np.arange(count), worth, _BEST)] = True
        using[self._best(np.arange(count), lots(self.candidate, self.edges.slot), _DRAWN)] = True
        return using

    def _best(self, at: IntArray, worth: IntArray, most: int) -> IntArray:
        """Of some edges in order, the `most` best of each candidate."""
        candidate = self.candidate[at]
        key = (candidate.astype(np.int64) << 40) - np.minimum(worth, 1 << 39)
        order = np.argsort(key, kind="stable")
        ptr = np.searchsorted(candidate, np.arange(self.instance.n_candidates + 1))
        place = np.arange(len(at)) - np.repeat(ptr[:-1], np.diff(ptr))
        return at[order[place < most]]

    def _over(self, prices: Prices, part: slice) -> IntArray:
        """By how much edges are worth more than their price."""
        over = self.weight(part, self.weights)
        over -= prices.slot[self.edges.slot[part]]
        over -= prices.candidate[self.candidate[part]]
        return over

    def _parts(self) -> list[slice]:
        count = len(self.edges.slot)
        return [slice(at, min(count, at + _BLOCK)) for at in range(0, count, _BLOCK)]

    def _near(self, prices: Prices) -> NDArray[np.bool_]:
        return np.concatenate([self._over(prices, part) > -_FAR for part in self._parts()])

    def _wanted(self, prices: Prices, using: NDArray[np.bool_]) -> tuple[IntArray, bool]:
        """Edges to add, and whether one of them is worth more than its price."""
        found, worth = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for part in self._parts():
            over = self._over(prices, part)
            at = np.flatnonzero((over > -_NEAR) & ~using[part])
            found.append(at + part.start)
            worth.append(over[at])
        at, over = np.concatenate(found), np.concatenate(worth)
        lacking = bool((over > 0).any())
        return (self._best(at, over + _NEAR, _ADDED) if lacking else at), lacking


def _kept(instance: Instance, edges: Edges, candidate: SmallArray) -> IntArray:
    """1 for each edge of the previous matching."""
    whom, slot = previous_slots(instance)
    keys = candidate.astype(np.int64) * instance.n_slots + edges.slot
    return np.isin(keys, whom * instance.n_slots + slot).astype(np.int64)


def _lighter(instance: Instance, exact: Weights) -> Weights:
    """Smaller weights that nearly always give the same matching, in half of the time."""
    step = 10 * (int(instance.pair_quality.max(initial=0)) + instance.load_price) or 1
    kept = min(exact.kept_weight, step)
    rank = min(exact.rank_weight, 20 * step if kept else step)
    if (rank, kept) == (exact.rank_weight, exact.kept_weight):
        return exact
    return Weights(exact.rank, rank, kept)
