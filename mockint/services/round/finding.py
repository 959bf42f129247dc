"""What the worker works out of a round: the matching, its proof, and why somebody got none."""

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
from mockint.services.round import outcomes
from mockint.services.round.ground import Stand

Note = Callable[[float, str], None]
MATCHING = N_("Matching as many as possible, by priority.")
EXPLAINING = N_("Finding out why, and what would help.")
_STEPS = {MATCHING: (0.1, 0.7), EXPLAINING: (0.7, 0.95)}


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
    best: Solution


def find(read: Stand, *, load_price: int, note: Note) -> Found:
    """Solve it; the same rows give the same bytes."""
    from mockint.adapters import solver  # numpy and OR-tools, only where a round is solved

    began = perf_counter()
    chosen = read.instance.with_load_price(load_price)
    best = solver.solve(chosen, Objective.B, progress=_within(note, MATCHING))
    explaining = _within(note, EXPLAINING)
    explaining(0.0, "")
    text = _result(best)
    graph = residual(chosen, best.matching)
    told = outcomes.outcomes(read, graph)
    explaining(0.5, "")
    figures = _figures(read, best)
    figures["hours"] = outcomes.hours(read, graph)
    return Found(
        matches=_matches(read, best),
        outcomes=told,
        figures=figures,
        instance=_packed(_text(export.as_json(chosen))),
        result=_packed(text),
        digest=_digest(text),
        seconds=perf_counter() - began,
        best=best,
    )


def digest_of(best: Solution) -> str:
    """Of all that the same rows give again."""
    return _digest(_result(best))


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _result(best: Solution) -> bytes:
    """A result without what another machine says otherwise."""
    said = best.as_json()
    for machine in ("seconds", "peak_mb"):
        del said[machine]
    return _text(said)


def _within(note: Note, words: str) -> Note:
    """Shares of one step as shares of the whole."""
    first, last = _STEPS[words]
    return lambda share, _step: note(first + share * (last - first), words)


def _text(said: object) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _packed(text: bytes) -> bytes:
    """At the fastest level: a large round, 36 MB, takes 0.3 s to 10 MB; the best one 6 s to 5."""
    return gzip.compress(text, 1, mtime=0)


def _matches(read: Stand, best: Solution) -> list[tuple[Match, int, dict[str, Any]]]:
    qualities = read.qualities(best.matching)
    return [
        (one, quality, outcomes.as_json(read.why(one)))
        for one, quality in zip(best.matching, qualities, strict=True)
    ]


def _figures(read: Stand, best: Solution) -> dict[str, Any]:
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
    }
