"""What the worker works out of a round: the matching, its proof, and what a review shows."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from mockint.domain.errors import N_
from mockint.domain.round import export
from mockint.domain.round.residual import residual
from mockint.domain.round.solution import Match, Objective, Solution
from mockint.domain.round.states import LOAD_PRICES
from mockint.services.round import outcomes
from mockint.services.round.ground import Stand

Note = Callable[[float, str], None]
MATCHING = N_("Matching as many as possible, by priority.")
COMPARING = N_("Comparing with other prices of load.")
EXPLAINING = N_("Finding out why, and what would help.")
_STEPS = {MATCHING: (0.1, 0.35), COMPARING: (0.35, 0.8), EXPLAINING: (0.8, 0.95)}


@dataclass(frozen=True, slots=True)
class Found:
    """All that is kept of a result."""

    matches: Sequence[tuple[Match, int, dict[str, Any]]]
    """Each with its quality and why."""
    outcomes: Mapping[int, dict[str, Any]]
    """By place of the candidate: why there is no match."""
    figures: dict[str, Any]
    instance: bytes
    result: bytes
    digest: str
    seconds: float


def find(read: Stand, *, load_price: int, note: Note) -> Found:
    """Solve it; the same rows give the same bytes."""
    from mockint.adapters import solver  # numpy and OR-tools, only where a round is solved

    began = perf_counter()
    base = read.instance
    chosen = base.with_load_price(load_price)
    best = solver.solve(chosen, Objective.B, progress=_within(note, MATCHING))
    steps = _within(note, COMPARING)
    by_price = {load_price: best}
    for number, price in enumerate(one for one in LOAD_PRICES if one != load_price):
        steps(number / len(LOAD_PRICES), "")
        by_price[price] = solver.solve(base.with_load_price(price), Objective.B)
    steps(1 - 1 / len(LOAD_PRICES), "")
    freely = solver.solve(chosen, Objective.A)
    explaining = _within(note, EXPLAINING)
    explaining(0.0, "")
    said = best.as_json()
    for machine in ("seconds", "peak_mb"):  # another one takes another time
        del said[machine]
    text = _text(said)
    graph = residual(chosen, best.matching)
    told = outcomes.outcomes(read, graph)
    explaining(0.5, "")
    figures = _figures(read, best, freely, by_price)
    figures["hours"] = outcomes.hours(read, graph)
    figures["parity"] = outcomes.parity_of(
        read, best, lambda part: solver.solve(part, Objective.A).matched
    )
    return Found(
        matches=_matches(read, best),
        outcomes=told,
        figures=figures,
        instance=gzip.compress(_text(export.as_json(chosen)), mtime=0),
        result=gzip.compress(text, mtime=0),
        digest=hashlib.sha256(text).hexdigest(),
        seconds=perf_counter() - began,
    )


def _within(note: Note, words: str) -> Note:
    """Shares of one step as shares of the whole."""
    first, last = _STEPS[words]
    return lambda share, _step: note(first + share * (last - first), words)


def _text(said: object) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _matches(read: Stand, best: Solution) -> list[tuple[Match, int, dict[str, Any]]]:
    qualities = read.qualities(best.matching)
    return [
        (one, quality, outcomes.as_json(read.why(one)))
        for one, quality in zip(best.matching, qualities, strict=True)
    ]


def _figures(
    read: Stand, best: Solution, freely: Solution, by_price: Mapping[int, Solution]
) -> dict[str, Any]:
    asked = Counter(one.priority for one in read.ground.askers)
    served = Counter(read.ground.askers[one.candidate].priority for one in best.matching)
    return {
        "status": best.status,
        "asked": len(read.ground.askers),
        "matched": best.matched,
        "quality": best.quality,
        "value": best.value,
        "bound": best.bound,
        "gap": best.gap,
        "classes": [[one, asked[one], served[one]] for one in sorted(asked, reverse=True)],
        "price": [freely.quality, best.quality],
        "curve": [_point(read, price, by_price[price]) for price in LOAD_PRICES],
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
