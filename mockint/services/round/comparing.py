"""A result beside what else could be had: other prices of load, no priority, each group alone.

That takes several times as long as the result, which is shown meanwhile and can be decided on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from mockint.domain.errors import N_
from mockint.domain.round.instance import Instance
from mockint.domain.round.solution import Objective, Solution
from mockint.domain.round.states import LOAD_PRICES
from mockint.services.round import outcomes
from mockint.services.round.finding import Note
from mockint.services.round.ground import Stand

PRICES = N_("Comparing with other prices of load.")
GROUPS = N_("Finding out how each group would fare alone.")
_PRICES_END = 0.5
WAYS = 4
"""Everybody is in one group by track, one by level, one by zone and one by language."""


def compare(read: Stand, best: Solution, *, load_price: int, note: Note) -> dict[str, Any]:
    """What `figures` of a result lack before: its curve of load, price of priority and parity."""
    from mockint.adapters import solver  # numpy and OR-tools, only where a round is solved

    base = read.instance
    by_price = {load_price: best}
    others = [one for one in LOAD_PRICES if one != load_price]
    for number, price in enumerate(others):
        note(_PRICES_END * number / len(LOAD_PRICES), PRICES)
        by_price[price] = solver.solve(base.with_load_price(price), Objective.B)
    note(_PRICES_END * len(others) / len(LOAD_PRICES), PRICES)
    freely = solver.solve(base.with_load_price(load_price), Objective.A)
    seen = 0

    def most(part: Instance) -> int:
        nonlocal seen
        note(_PRICES_END + (1 - _PRICES_END) * seen / (WAYS * max(1, base.n_candidates)), GROUPS)
        seen += part.n_candidates
        return solver.solve(part, Objective.A).matched

    return {
        "price": [freely.quality, best.quality],
        "curve": [_point(read, price, by_price[price]) for price in LOAD_PRICES],
        "parity": outcomes.parity_of(read, best, most),
    }


def _point(read: Stand, price: int, found: Solution) -> list[Any]:
    """One price: matched, idle, interviewers, quality, and how unevenly the load lies."""
    people = len(read.ground.givers)
    given = Counter(one.interviewer for one in found.matching)
    load = sorted(given[one] for one in range(people))
    return [price, found.matched, load.count(0), people, found.quality, round(_gini(load), 4)]


def _gini(load: Sequence[int]) -> float:
    """0 when everybody has as many, towards 1 when one has them all; `load` is sorted."""
    total = sum(load)
    if not total:
        return 0.0
    weighted = sum(place * each for place, each in enumerate(load, 1))
    return 2 * weighted / (len(load) * total) - (len(load) + 1) / len(load)
