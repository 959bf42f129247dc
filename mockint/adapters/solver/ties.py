"""One matching among all that are equally good, whatever the engine found first.

A matching is best exactly when its edges are worth their prices and no capacity that has a price is
left over. Among those, the one with the least sum of lots is taken: a lot is drawn for each edge
from the seed and from who meets whom when. So leaving out edges that are not taken never
changes the result, and two engines agree.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mockint.adapters.solver.network import Engine, Network, kth_interviews, network_of
from mockint.adapters.solver.prices import Prices
from mockint.domain.round.edges import SmallArray
from mockint.domain.round.instance import Instance, IntArray


def drawn(
    instance: Instance, prices: Prices, candidate: SmallArray, slot: SmallArray, engine: Engine
) -> IntArray:
    """Which of the edges that are worth their price are taken."""
    return _narrowed(instance, prices).solve(candidate, slot, -lots(candidate, slot), engine)


def lots(candidate: SmallArray, slot: SmallArray) -> IntArray:
    """A number below 2^32 for each edge. Candidates and slots are numbered by the seed already."""
    mixed = candidate.astype(np.uint64) << np.uint64(32)
    mixed |= slot.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # SplitMix64
        mixed += np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return (mixed >> np.uint64(32)).astype(np.int64)


def _narrowed(instance: Instance, prices: Prices) -> Network:
    """The network in which exactly the best matchings flow."""
    network = network_of(instance)
    who, kth = kth_interviews(instance)
    price = np.concatenate(
        [
            -prices.candidate,
            prices.slot - prices.day[instance.slot_day],
            prices.day - prices.week[instance.day_week],
            prices.week - prices.interviewer[instance.week_interviewer],
            prices.interviewer[who] - instance.load_price * kth,
        ]
    )
    arcs = network.arcs
    filled = np.where(price > 0, arcs.capacity, 0)
    supply = network.supply.copy()
    np.subtract.at(supply, arcs.tail, filled)
    np.add.at(supply, arcs.head, filled)
    free = np.where(price == 0, arcs.capacity, 0)
    return replace(
        network, supply=supply, arcs=replace(arcs, capacity=free, cost=np.zeros_like(arcs.cost))
    )
