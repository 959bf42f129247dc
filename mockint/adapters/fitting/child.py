"""The fitting process: tracks in, what calibration says out, both as JSON."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from typing import Any

from mockint.domain.calibration.fit import MODEL_VERSION, Calibration, calibrate
from mockint.domain.calibration.level import Interval, Level
from mockint.domain.calibration.ratings import Rating, Ratings

DIGITS = 5


def main() -> None:
    """Read one object, write one."""
    asked = json.load(sys.stdin)
    found = {name: fitted(one["rows"], one["known"]) for name, one in asked.items()}
    json.dump(found, sys.stdout, allow_nan=False)


def fitted(rows: list[list[Any]], known: str) -> dict[str, Any] | None:
    """What a fit with learning says; None when it is the one that is known already."""
    ratings = Ratings.of(Rating(*row) for row in rows)
    if f"{MODEL_VERSION} {ratings.digest}" == known:
        return None
    began = time.perf_counter()
    found = calibrate(ratings, learning=True, own_dimensions=True)
    own = _last_dimensions(ratings)
    return {
        "model_version": found.model_version,
        "data_hash": found.data_hash,
        "seconds": time.perf_counter() - began,
        "feedbacks": len(ratings.feedbacks),
        "fitted": found.fitted,
        "components": found.components,
        "mixed_gap": found.mixed_gap,
        "spread": asdict(found.spread) | {"gain": found.gain},
        "agreement": {name: asdict(one) for name, one in found.agreement.items()},
        "levels": {name: _level(one, own[name]) for name, one in found.levels.items()},
        "raters": _raters(found),
    }


def _last_dimensions(ratings: Ratings) -> dict[str, set[str]]:
    """Candidate to the dimensions of their last interview."""
    last = {ratings.candidate_of[one]: one for one in range(len(ratings.interviews))}
    found: dict[str, set[str]] = {name: set() for name in ratings.candidates}
    for candidate, interview, dimension in zip(
        ratings.candidate, ratings.interview, ratings.dimension, strict=True
    ):
        if last[candidate] == interview:
            found[ratings.candidates[candidate]].add(ratings.dimensions[dimension])
    return found


def _level(level: Level, own: set[str]) -> dict[str, Any]:
    def each(dimensions: Any) -> dict[str, list[float]]:
        return {name: _numbers(one) for name, one in dimensions.items() if name in own}

    return {
        "overall": _numbers(level.overall),
        "dimensions": each(level.dimensions),
        "visits": [
            [visit.interview, _numbers(visit.overall), each(visit.dimensions)]
            for visit in level.visits
        ],
        "interviews": level.interviews,
        "raters": level.raters,
        "fitted": level.fitted,
        "component": level.component,
    }


def _numbers(one: Interval) -> list[float]:
    return [round(value, DIGITS) for value in (one.value, one.low, one.high)]


def _raters(found: Calibration) -> dict[str, Any]:
    return {
        name: {
            "feedbacks": one.feedbacks,
            "severity": one.severity,
            "points": one.points.value,
            "points_low": one.points.low,
            "points_high": one.points.high,
            "drift": one.drift,
            "drift_z": one.drift_z,
            "halo": one.halo,
            "middle": one.middle,
            "infit": one.infit,
        }
        for name, one in found.raters.items()
    }


if __name__ == "__main__":
    main()
