"""Prices that prove a flow best, from the flow alone: the least ones, in exact integers.

A price of a node is what one more unit of capacity there would add to the value. They are the
longest distances in the residual network, which passes over all of its arcs at once find.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mockint.adapters.solver.network import kth_interviews, most_of
from mockint.domain.round.edges import SmallArray
from mockint.domain.round.instance import Instance, IntArray
from mockint.domain.round.solution import Certificate

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Each includes the prices further on: a slot's those of its day, week and interviewer."""

    candidate: IntArray
    slot: IntArray
    day: IntArray
    week: IntArray
    interviewer: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """Which of the capacities are used up, and where the groups begin."""

    used: Flags
    day_first: IntArray
    day_open: Flags
    week_first: IntArray
    week_open: Flags
    offering: IntArray
    interviewer_first: IntArray
    least: IntArray
    """What the last interview an interviewer takes costs."""
    most: IntArray
    """What one more would cost; only of those who could take one more."""


def least_prices(
    instance: Instance, candidate: SmallArray, slot: SmallArray, weight: IntArray, taken: IntArray
) -> Prices | None:
    """Prices for the edges given, of which `taken` flow; None when the flow is not the best.

    Each candidate takes one edge at most.
    """
    tree = _tree(instance, slot[taken])
    order = np.argsort(slot, kind="stable")
    by_slot, whose, worth = slot[order], candidate[order], weight[order]
    reached, first = np.unique(by_slot, return_index=True)
    matched, place = candidate[taken], slot[taken]
    won = weight[taken]
    gain = np.zeros(instance.n_candidates, np.int64)
    prices = Prices(
        gain,
        np.zeros(instance.n_slots, np.int64),
        np.zeros(len(instance.day_cap), np.int64),
        np.zeros(len(instance.week_cap), np.int64),
        tree.least.copy(),
    )
    while True:
        prices.candidate[matched] = won - prices.slot[place]
        if prices.candidate.min(initial=0) < 0:
            return None
        before = prices.slot.copy()
        if len(reached):
            bid = np.maximum.reduceat(worth - prices.candidate[whose], first)
            prices.slot[reached] = np.maximum(prices.slot[reached], bid)
        if not _settle(instance, tree, prices):
            return None
        if np.array_equal(before, prices.slot):
            return prices


def _tree(instance: Instance, taken_slots: SmallArray) -> _Tree:
    used = np.zeros(instance.n_slots, bool)
    used[taken_slots] = True
    n_days, n_weeks = len(instance.day_cap), len(instance.week_cap)
    in_day = np.bincount(instance.slot_day[taken_slots], minlength=n_days)
    in_week = np.zeros(n_weeks, np.int64)
    np.add.at(in_week, instance.day_week, in_day)
    load = np.zeros(instance.n_interviewers, np.int64)
    np.add.at(load, instance.week_interviewer, in_week)
    cap = most_of(instance)
    offering, interviewer_first = np.unique(instance.week_interviewer, return_index=True)
    unlimited = instance.week_cap >= cap[instance.week_interviewer]
    highest = np.iinfo(np.int64).max
    return _Tree(
        used=used,
        day_first=np.flatnonzero(np.diff(instance.slot_day, prepend=-1)),
        day_open=in_day < instance.day_cap,
        week_first=np.flatnonzero(np.diff(instance.day_week, prepend=-1)),
        week_open=(in_week < instance.week_cap) | unlimited,
        offering=offering,
        interviewer_first=interviewer_first,
        least=instance.load_price * np.maximum(load - 1, 0),
        most=np.where(load < cap, instance.load_price * load, highest),
    )


def _settle(instance: Instance, tree: _Tree, prices: Prices) -> bool:
    """Carry prices up where capacity is left, then down; False when that cannot be."""
    if not instance.n_slots:
        return True
    up = np.maximum.reduceat(np.where(tree.used, 0, prices.slot), tree.day_first)
    at = instance.slot_day[tree.day_first]
    prices.day[at] = np.maximum(prices.day[at], up)
    up = np.maximum.reduceat(np.where(tree.day_open, prices.day, 0), tree.week_first)
    at = instance.day_week[tree.week_first]
    prices.week[at] = np.maximum(prices.week[at], up)
    up = np.maximum.reduceat(np.where(tree.week_open, prices.week, 0), tree.interviewer_first)
    at = tree.offering
    prices.interviewer[at] = np.maximum(prices.interviewer[at], up)
    if (prices.interviewer > tree.most).any():
        return False
    np.maximum(prices.week, prices.interviewer[instance.week_interviewer], out=prices.week)
    np.maximum(prices.day, prices.week[instance.day_week], out=prices.day)
    np.maximum(prices.slot, prices.day[instance.slot_day], out=prices.slot)
    return True


def certificate(
    instance: Instance, prices: Prices, rank_weight: int, kept_weight: int
) -> Certificate:
    """The prices of each capacity by itself."""
    return Certificate(
        rank_weight=rank_weight,
        kept_weight=kept_weight,
        candidates=tuple(prices.candidate.tolist()),
        slots=tuple((prices.slot - prices.day[instance.slot_day]).tolist()),
        days=tuple((prices.day - prices.week[instance.day_week]).tolist()),
        weeks=tuple((prices.week - prices.interviewer[instance.week_interviewer]).tolist()),
        interviewers=tuple(prices.interviewer.tolist()),
    )


def dual_value(instance: Instance, proof: Certificate) -> int:
    """What all capacities together cost: no matching is worth more."""
    who, kth = kth_interviews(instance)
    each = np.array(proof.interviewers, np.int64)[who] - instance.load_price * kth
    most = 1 if instance.load_price else most_of(instance)
    people = int((np.maximum(0, each) * most).sum())
    return (
        sum(proof.candidates)
        + sum(proof.slots)
        + int(np.array(proof.days, np.int64) @ instance.day_cap)
        + int(np.array(proof.weeks, np.int64) @ instance.week_cap)
        + people
    )
