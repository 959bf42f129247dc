"""Calibration on made-up interviews (`tests.support.simulation`), and its cost on many.

The truth has what the model does not know: raters' tastes, and some who score at random. Each
scenario is made six times; with `--seconds` below 60 twice, and the largest file is left out.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mockint.domain.calibration.fit import Calibration, calibrate
from mockint.domain.calibration.ratings import Rating, Ratings
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most
from tests.prove.processes import ROOT
from tests.support import simulation
from tests.support.simulation import SCENARIOS, Truth, World

CLAIM = "Levels are nearer to the truth than means, their intervals hold, and raters are known."
DATABASES = ("sqlite",)
TIMES, SHORT_TIMES, SHORT_S = 6, 2, 60
SMALLER = {"base": 0.15, "sparse": 0.20, "severe": 0.25, "none": 0.0}
"""By how much the error must be smaller than that of plain means."""
POOLED = ("base", "sparse", "severe", "none", "missing", "halo")
HEADER = (
    "feedback_id", "interview_id", "candidate_id", "rater_id",
    "occurred_day", "is_shadow", "dimension", "score",
)  # fmt: skip
SIZES = {
    "100,000 scores": (World(candidates=6_400, raters=666), 25.0, None),
    "500,000 scores": (World(candidates=32_000, raters=2_000), 120.0, 1_536.0),
}
WATCHED = """
import resource, runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module("mockint.cli", run_name="__main__")
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
"""The command, which says at its end how much memory it had."""


@dataclass(frozen=True, slots=True)
class Made:
    """One scenario once: what was made up, and what was found."""

    ratings: Ratings
    truth: Truth
    found: Calibration


def run(options: Options) -> Outcome:
    short = options.seconds is not None and options.seconds < SHORT_S
    times = SHORT_TIMES if short else TIMES
    made = {name: _made(name, options.seed, times) for name in SCENARIOS}
    note = f"{times} of {TIMES} seeds" if short else ""
    figures = [*_errors(made, note), *_intervals(made, note), *_raters(made, note)]
    figures += _stability(made["base"][0])
    figures += _growth(made["growth"])
    figures.append(Figure("islands: parts", made["islands"][0].found.components, "of 3"))
    figures.append(Figure("tiny: fitted", float(made["tiny"][0].found.fitted), "", at_most(0)))
    notes = ["Files are read and written by `mockint feedback calibrate` in a process of its own."]
    counts: dict[str, object] = {"seeds a scenario": times}
    for name, (world, most_s, most_mb) in SIZES.items():
        if short and most_mb is not None:
            continue
        cost = _cost(world, options.seed)
        counts[name] = cost["scores"]
        figures += [
            Figure(f"{name}: CPU", cost["cpu"], "s", at_most(most_s)),
            Figure(f"{name}: peak memory", cost["MB"], "MB", at_most(most_mb) if most_mb else None),
        ]
    return Outcome(figures, counts, notes)


def _made(name: str, seed: int, times: int) -> list[Made]:
    found = []
    for number in range(times):
        ratings, truth = simulation.made(SCENARIOS[name], 100 * seed + number)
        learning = name == "growth"
        found.append(Made(ratings, truth, calibrate(ratings, learning=learning)))
    return found


# Levels


def _cut(one: Made) -> float:
    raw = simulation.error(simulation.raw(one.ratings), one.truth.overall)
    return 1 - simulation.error(one.found.overall[:, 0], one.truth.overall) / raw


def _errors(made: dict[str, list[Made]], note: str) -> list[Figure]:
    return [
        Figure(
            f"{name}: error less than that of means",
            100 * float(np.mean([_cut(one) for one in each])),
            "%",
            at_least(100 * SMALLER[name]) if name in SMALLER else None,
            short=note,
        )
        for name, each in made.items()
        if name not in ("tiny", "growth")
    ]


def _held(one: Made) -> float:
    _, low, high = one.found.overall.T
    return float(((low <= one.truth.overall) & (one.truth.overall <= high)).mean())


def _held_dimensions(one: Made) -> float:
    held = [
        (part.low[:, -1, :-1] <= truth) & (truth <= part.high[:, -1, :-1])
        for part in one.found.estimates
        for truth in (one.truth.dimensions[part.block.candidates],)
    ]
    return float(np.concatenate(held).mean())


def _intervals(made: dict[str, list[Made]], note: str) -> list[Figure]:
    pooled = [one for name in POOLED for one in made[name]]
    overall = float(np.mean([_held(one) for one in pooled]))
    dimensions = float(np.mean([_held_dimensions(one) for one in pooled]))
    gaps = [one.found.mixed_gap or 0.0 for one in made["base"]]
    return [
        Figure("90 % intervals that hold, at least", overall, "", at_least(0.88), short=note),
        Figure("90 % intervals that hold, at most", overall, "", at_most(0.93), short=note),
        Figure("the same of single dimensions", dimensions, "", at_least(0.83), short=note),
        Figure("base: furthest from the linear mixed model", max(gaps), "points", at_most(0.3)),
    ]


def _growth(each: list[Made]) -> list[Figure]:
    still = [Made(one.ratings, one.truth, calibrate(one.ratings)) for one in each]
    return [
        Figure(
            "growth: error of the model without learning",
            float(np.mean([_error(one) for one in still])),
            "points",
        ),
        Figure("growth: with it", float(np.mean([_error(one) for one in each])), "points"),
        Figure(
            "growth: error less than without",
            100
            * (
                1
                - float(np.mean([_error(a) / _error(b) for a, b in zip(each, still, strict=True)]))
            ),
            "%",
            at_least(15),
        ),
        Figure(
            "growth: intervals that hold",
            float(np.mean([_held(one) for one in each])),
            "",
            at_least(0.85),
        ),
    ]


def _error(one: Made) -> float:
    return simulation.error(one.found.overall[:, 0], one.truth.overall)


# Raters


def _of_raters(one: Made, name: str) -> Any:
    known = (getattr(one.found.raters[rater], name) for rater in one.ratings.raters)
    return np.array([0.0 if value is None else value for value in known])


def _raters(made: dict[str, list[Made]], note: str) -> list[Figure]:
    severity = [
        float(np.corrcoef(_of_raters(one, "severity"), one.truth.severity)[0, 1])
        for one in made["base"]
    ]
    drift = [
        simulation.area(abs(_of_raters(one, "drift")), one.truth.drifts) for one in made["drift"]
    ]
    halo = [simulation.area(_of_raters(one, "halo"), one.truth.flat) for one in made["halo"]]
    still = np.concatenate([_of_raters(one, "drift_z")[~one.truth.drifts] for one in made["drift"]])
    return [
        Figure(
            "base: severity with the truth, r",
            float(np.mean(severity)),
            "",
            at_least(0.85),
            short=note,
        ),
        Figure(
            "drift, 25 feedbacks a rater: area",
            float(np.mean(drift)),
            "",
            at_least(0.88),
            short=note,
        ),
        Figure(
            "drift: false flags", 100 * float((abs(still) > 2).mean()), "%", at_most(5), short=note
        ),
        Figure(
            "halo, 20 feedbacks a rater: area", float(np.mean(halo)), "", at_least(0.95), short=note
        ),
    ]


def _stability(one: Made) -> list[Figure]:
    """The same ratings in another order under other names."""
    chance = random.Random(1)
    rows = _rows(one.ratings)
    names: dict[str, str] = {}

    def other(name: str) -> str:
        return names.setdefault(name, f"{chance.random():.15f}")

    mixed = [
        row._replace(
            feedback=other(row.feedback),
            interview=other(row.interview),
            candidate=other(row.candidate),
            rater=other(row.rater),
        )
        for row in chance.sample(rows, len(rows))
    ]
    found = calibrate(Ratings.of(mixed))
    apart = max(
        abs(level.overall.value - found.levels[names[name]].overall.value)
        for name, level in one.found.levels.items()
    )
    return [Figure("moved by order and names, at most", apart, "points", at_most(1e-6))]


def _rows(ratings: Ratings) -> list[Rating]:
    interview = ratings.interview_of[ratings.feedback]
    columns: Sequence[Sequence[Any]] = (
        [ratings.feedbacks[one] for one in ratings.feedback],
        [ratings.interviews[one] for one in interview],
        [ratings.candidates[one] for one in ratings.candidate],
        [ratings.raters[one] for one in ratings.rater],
        ratings.day_of[interview].tolist(),
        ratings.shadow_of[ratings.feedback].tolist(),
        [ratings.dimensions[one] for one in ratings.dimension],
        [None if one < 0 else one + 1 for one in ratings.category.tolist()],
    )
    return [Rating(*row) for row in zip(*columns, strict=True)]


# Cost


def _cost(world: World, seed: int) -> dict[str, float]:
    """CPU seconds and peak memory of the command on a file."""
    ratings, _ = simulation.made(world, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ratings.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(
                (*row[:5], int(row.shadow), row.dimension, row.score or "")
                for row in _rows(ratings)
            )
        scores = int(ratings.seen.sum())
        del ratings
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, "mockint", "feedback", "calibrate", str(path),
             "--candidates", str(Path(folder, "candidates.csv")),
             "--raters", str(Path(folder, "raters.csv")), "--json"],
            cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    json.loads(done.stdout)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu": cpu, "MB": int(done.stderr.split()[-1]) / 1024, "scores": scores}
