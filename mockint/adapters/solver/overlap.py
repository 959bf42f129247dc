"""Rounds whose starts may exclude each other, by a linear programme on few of the edges.

The programme says what no matching can exceed: its prices are rounded to integers, and whatever
an edge is still worth above its price is added, so the bound holds exactly on all edges. What the
programme takes whole is kept, and the rest is searched for whole solutions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, vstack

from mockint.adapters.solver.cells import without_neighbours
from mockint.adapters.solver.disjoint import Progress, matches, solve_disjoint
from mockint.adapters.solver.engines import engine
from mockint.adapters.solver.limits import Limits, limits_of, own_rows
from mockint.adapters.solver.linear import Programme
from mockint.adapters.solver.network import kth_interviews
from mockint.domain.errors import N_
from mockint.domain.round.edges import Edges, SmallArray, edges_of
from mockint.domain.round.instance import Instance, IntArray
from mockint.domain.round.solution import Objective, Solution
from mockint.domain.round.worth import most_matches, previous_slots, weights, worth

Flags = NDArray[np.bool_]
SMALL = 200_000
"""A round with fewer edges begins without a flow."""
BEST, DRAWN, ADDED, A_SLOT = 12, 12, 12, 6
"""Edges a candidate: at first the best and some by lot, then the most added; at first a slot."""
NEAR, FAR = 4, 60
"""Points under its price at which an edge is added, and left out after the first pass."""
PASSES = 16
MANY = 60_000
"""Edges beyond which the search for a whole solution stays near what the programme took."""


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """What counts in the programme: levels far enough apart, yet small enough for its numbers.

    Starts that exclude each other offer two interviews for one, which a matroid does not; so
    under B and C a further interview outweighs whatever classes a few others gain.
    """

    number: IntArray
    """Per candidate: of an interview, with the place of their class."""
    kept: int
    step: int
    """Of a place, or of a match kept: more than ten times the quality of an interview."""


def scale_of(instance: Instance, objective: Objective) -> Scale:
    exact = weights(instance, objective)
    step = 10 * (int(instance.pair_quality.max(initial=0)) + instance.load_price) or 1
    places = int(exact.rank.max(initial=1))
    number = exact.rank * step
    if places > 1:
        number = number + 10 * places * step
    if exact.kept_weight:
        return Scale(number * 20, step, step)
    return Scale(number, 0, step)


def solve_overlap(
    instance: Instance, objective: Objective, *, seed: int = 0, progress: Progress | None = None
) -> Solution:
    """A matching in the positions of `instance`, with a bound that holds exactly.

    `bound - value` is in points of quality while it is below what a place of priority counts;
    beyond, each place that may be missing counts in full.
    """
    tell = progress or (lambda share, words: None)
    tell(0.0, N_("Listing who can meet whom"))
    market = _Market(instance, objective, seed)
    found, at, prices = market.relaxed(tell)
    tell(0.8, N_("Matching"))
    taken = market.whole(found, at, prices)
    return market.solution(objective, taken, prices.bound)


@dataclass(frozen=True, slots=True, eq=False)
class _Prices:
    """Of rows over slots and of rows over edges, in fractions; and the bound they prove."""

    rows: IntArray
    own: IntArray
    over: IntArray
    """By how much each edge is worth more than its price, before the candidate's own."""
    bound: int

    def between(self, other: _Prices) -> tuple[IntArray, IntArray]:
        return (self.rows + other.rows) // 2, (self.own + other.own) // 2


class _Market:
    """All edges of a round with what they are worth, and the rows they must keep."""

    def __init__(self, instance: Instance, objective: Objective, seed: int) -> None:
        self.instance = instance
        self.objective = objective
        self.edges: Edges = edges_of(instance)
        self.candidate = self.edges.candidate
        self.scale = scale_of(instance, objective)
        self.worth = self.scale.number[self.candidate] + self.edges.quality
        if self.scale.kept:
            self.worth += self.scale.kept * self._kept()
        self.fraction = 1 << (8 * most_matches(instance)).bit_length()
        """Of a point: all lots of a matching together are less than one."""
        self.lot = _lots(self.candidate, self.edges.slot, seed)
        self.exact: IntArray = self.worth * self.fraction + (self.lot & 7)
        self.limits: Limits = limits_of(instance)
        self.by_slot = self.limits.rows.T.tocsr()
        self.own = own_rows(instance, self.candidate, self.edges.slot)
        self.load_of, self.kth = kth_interviews(instance)

    def _kept(self) -> Flags:
        whom, slot = previous_slots(self.instance)
        keys = self.candidate.astype(np.int64) * self.instance.n_slots + self.edges.slot
        return np.isin(keys, whom * self.instance.n_slots + slot)

    def relaxed(self, tell: Progress) -> tuple[NDArray[np.float64], IntArray, _Prices]:
        """What the programme takes of the edges in use, these, and the best prices."""
        using, passes = self._first(tell), 0
        best: _Prices | None = None
        while True:
            passes += 1
            at = np.flatnonzero(using)
            x, prices = self._solved(at)
            best = self._lower(prices, best)
            tell(0.8 - 0.4 * 0.75**passes, N_("Matching"))
            reached = best.bound // self.fraction <= self._worth_of(x, at) // self.fraction
            lacking = self._lacking(prices, using)
            if reached or not len(lacking) or passes == PASSES:
                return x[: len(at)], at, best
            if passes == 1:
                own = self._own(prices.over)[self.candidate]
                using &= prices.over - own > -FAR * self.fraction
                using[at[x[: len(at)] > 0]] = True
            using[lacking] = True
            using[self._lacking(best, using)] = True

    def _solved(self, at: IntArray) -> tuple[NDArray[np.float64], _Prices]:
        """What the programme takes of some edges and of load, and its prices."""
        x, duals = self._programme(at).solved()
        whole = np.rint(duals[self.instance.n_candidates :] * self.fraction).astype(np.int64)
        rows = len(self.limits.most)
        return x, self._priced(whole[:rows], whole[rows:])

    def _lower(self, prices: _Prices, best: _Prices | None) -> _Prices:
        """Prices of the lowest bound: these, the best before, or between the two."""
        if best is None:
            return prices
        middle = self._priced(*prices.between(best))
        return min(prices, middle, best, key=lambda one: one.bound)

    def _worth_of(self, x: NDArray[np.float64], at: IntArray) -> int:
        """In fractions; near enough to know when the bound is reached."""
        kth = self.kth[: len(x) - len(at)]
        cost = self.instance.load_price * self.fraction * float(kth @ x[len(at) :])
        return int(float(self.exact[at] @ x[: len(at)]) - cost)

    def _first(self, tell: Progress) -> Flags:
        """Edges to begin with: the best of each candidate and slot by the prices of a flow."""
        using = np.zeros(len(self.candidate), np.bool_)
        every = np.arange(len(using))
        if len(using) <= SMALL or (self.instance.wants > 1).any():
            using[_best(self.candidate, every, self.exact, BEST)] = True
            using[_best(self.candidate, every, self.lot, DRAWN)] = True
            return using
        over = self._over_flow(tell)
        near = np.flatnonzero(over > -FAR)
        drawn = (over[near] << 16) + (self.lot[near] & 0xFFFF)
        using[_best(self.candidate, near, drawn, BEST)] = True
        using[_best(self.edges.slot, near, drawn, A_SLOT)] = True
        return using

    def _over_flow(self, tell: Progress) -> IntArray:
        """By how much each edge is worth more than its price in a flow that allows more."""
        looser = without_neighbours(self.instance)
        proof = solve_disjoint(
            looser, self.objective, engine("auto"), lambda share, words: tell(0.4 * share, words)
        ).certificate
        week = np.array(proof.weeks) + np.array(proof.interviewers)[looser.week_interviewer]
        day = np.array(proof.days) + week[looser.day_week]
        slot = np.array(proof.slots) + day[looser.slot_day]
        exact = weights(self.instance, self.objective)
        over: IntArray = (exact.rank * exact.rank_weight - proof.candidates)[self.candidate]
        over += self.edges.quality - slot[self.edges.slot]
        if exact.kept_weight:
            over += exact.kept_weight * self._kept()
        return over

    def _programme(self, at: IntArray) -> Programme:
        """Rows: of candidates, of slots, of edges. Columns: edges, then what load costs."""
        size, wants = len(at), self.instance.wants
        whose = csr_array(
            (np.ones(size), (self.candidate[at], np.arange(size))), shape=(len(wants), size)
        )
        rows = vstack([whose, self.by_slot[self.edges.slot[at]].T, self.own[:, at]], format="csr")
        most = np.concatenate([wants, self.limits.most, np.ones(self.own.shape[0])])
        worth, upper = self.exact[at] / self.fraction, np.full(size, np.inf)
        if self.instance.load_price:
            total = len(wants) + self.limits.rows.shape[0] - self.instance.n_interviewers
            count = len(self.load_of)
            extra = csr_array(
                (-np.ones(count), (total + self.load_of, np.arange(count))),
                shape=(rows.shape[0], count),
            )
            rows = hstack([rows, extra], format="csr")
            most[total : total + self.instance.n_interviewers] = 0
            worth = np.concatenate([worth, -self.instance.load_price * self.kth])
            upper = np.concatenate([upper, np.ones(count)])
        return Programme(worth.astype(float), rows, most.astype(float), upper)

    def _priced(self, rows: IntArray, own: IntArray) -> _Prices:
        over: IntArray = self.exact - (self.by_slot.astype(np.int64) @ rows)[self.edges.slot]
        if len(own):
            over -= self.own.T.astype(np.int64) @ own
        people = len(rows) - self.instance.n_interviewers
        bound = int(self._own(over) @ self.instance.wants) + int(own.sum())
        bound += int(rows[:people] @ self.limits.most[:people])
        if self.instance.load_price:
            cost = self.instance.load_price * self.fraction * self.kth
            bound += int(np.maximum(0, rows[people:][self.load_of] - cost).sum())
        else:
            bound += int(rows[people:] @ self.limits.most[people:])
        return _Prices(rows, own, over, bound)

    def _own(self, over: IntArray, at: IntArray | None = None) -> IntArray:
        """Per candidate the most that one of the edges is worth above its price, at least 0."""
        whose, some = self.candidate, over
        if at is not None:
            whose, some = whose[at], over[at]
        found = np.zeros(self.instance.n_candidates, np.int64)
        if len(some):
            first = np.flatnonzero(np.diff(whose, prepend=-1))
            found[whose[first]] = np.maximum(np.maximum.reduceat(some, first), 0)
        return found

    def _lacking(self, prices: _Prices, using: Flags) -> IntArray:
        """Edges to add: the best of those not in use that beat, or nearly, what is."""
        own = self._own(prices.over, np.flatnonzero(using))
        beyond = prices.over - own[self.candidate]
        beyond[using] = np.iinfo(np.int64).min
        if not (beyond > 0).any():
            return np.empty(0, np.int64)
        at = np.flatnonzero(beyond > -NEAR * self.fraction)
        return _best(self.candidate, at, beyond[at], ADDED)

    def whole(self, x: NDArray[np.float64], at: IntArray, prices: _Prices) -> IntArray:
        """Edges of a matching: what the programme took whole, and the best of what is left."""
        sure = at[x > 1 - 1e-6]
        taken = self._completed(sure, at)
        short = prices.bound // self.fraction - self.value(taken)
        if short > 0:
            reach = self._own(prices.over)[self.candidate] - prices.over <= short * self.fraction
            reach[taken] = True
            near = np.flatnonzero(reach)
            if len(near) <= MANY:
                return max(taken, self._completed(near[:0], near), key=self.value)
        return taken

    def _completed(self, sure: IntArray, at: IntArray) -> IntArray:
        """The best whole matching of some edges that keeps those that are sure."""
        slot, whose = self.edges.slot, self.candidate
        left = self.instance.wants - np.bincount(whose[sure], minlength=self.instance.n_candidates)
        room = self.limits.most - np.asarray(
            self.by_slot[slot[sure]].astype(np.int64).sum(axis=0)
        ).reshape(-1)
        full = self.by_slot @ (room <= 0) > 0
        rest = at[(left[whose[at]] > 0) & ~full[slot[at]]]
        rest = np.setdiff1d(rest, sure)
        programme = self._programme(np.concatenate([sure, rest]))
        fixed = np.zeros(len(programme.worth), np.bool_)
        fixed[: len(sure)] = True
        found = programme.whole(fixed)
        if found is None:
            return sure
        return np.sort(np.concatenate([sure, rest])[found[: len(sure) + len(rest)]])

    def value(self, taken: IntArray) -> int:
        """What a matching is worth on the scale of the programme."""
        load = np.bincount(self.instance.slot_interviewer[self.edges.slot[taken]])
        cost = self.instance.load_price * int((load * (load - 1) // 2).sum())
        return int(self.worth[taken].sum()) - cost

    def solution(self, objective: Objective, taken: IntArray, bound: int) -> Solution:
        instance, step = self.instance, self.scale.step
        matching = matches(instance, self.candidate[taken], self.edges.slot[taken])
        each = worth(instance, objective, matching)
        short = bound // self.fraction - self.value(taken)
        places = -(-short // step) if short >= step else 0
        most = each.value + (places * weights(instance, objective).rank_weight or short)
        return Solution(
            objective=objective,
            status="gap" if short else "optimal",
            matched=each.matched,
            classes=each.classes,
            priority_profile=each.priority_profile,
            quality=each.quality,
            kept=each.kept,
            value=each.value,
            bound=most,
            gap=(most - each.value) / most if most else 0.0,
            matching=tuple(sorted(matching)),
            load_cost=each.load_cost,
        )


def _best(group: SmallArray, at: IntArray, worth: IntArray, most: int) -> IntArray:
    """Of some edges, the `most` best of each group."""
    order = np.lexsort((-worth, group[at]))
    grouped = group[at[order]]
    first = np.searchsorted(grouped, grouped)
    return at[order[np.arange(len(at)) - first < most]]


def _lots(candidate: SmallArray, slot: SmallArray, seed: int) -> IntArray:
    """A number below 2^31 for each edge that looks like a random one."""
    mixed = candidate.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= (slot.astype(np.uint64) + np.uint64(seed)) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(33)).astype(np.int64)
