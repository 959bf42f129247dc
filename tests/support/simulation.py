"""Made-up interviews whose truth is known, with flaws that the model does not know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mockint.domain.calibration.ratings import Floats, Ratings
from mockint.domain.calibration.scale import NODES, WEIGHTS, moments, probabilities

DIMENSIONS = ("approach", "clarity", "depth", "tests", "wording")
DAYS = 180


@dataclass(frozen=True, slots=True)
class World:
    """What is made; standard deviations in logits."""

    candidates: int = 300
    raters: int = 60
    visits: tuple[int, int] = (3, 3)
    """Fewest and most interviews a candidate."""
    ability: float = 1.2
    deviation: float = 0.5
    luck: float = 0.7
    severity: float = 0.8
    taste: float = 0.3
    """Of a rater on one dimension: not in the model."""
    erratic: float = 0.05
    """Share of raters who often score at random: not in the model."""
    skew: float = 0.0
    """How unevenly interviews fall on raters; 0 is evenly."""
    missing: float = 0.0
    halo: float = 0.0
    """Share of raters who copy most scores from the first."""
    drift: float = 0.0
    """Share of raters who change by 1.5 logits half-way."""
    gain: float = 0.0
    """Mean growth a visit; its spread is two thirds of that."""
    islands: int = 1
    """Groups of candidates and raters that never meet."""
    double: float = 0.05
    """Share of interviews with a second rater."""


SCENARIOS = {
    "base": World(),
    "sparse": World(visits=(1, 3), skew=1.2),
    "severe": World(severity=1.3),
    "none": World(severity=0.0, taste=0.0),
    "missing": World(missing=0.15),
    "halo": World(raters=45, halo=0.15),
    "drift": World(raters=36, drift=0.2),
    "growth": World(visits=(2, 6), gain=0.3),
    "islands": World(islands=3),
    "tiny": World(candidates=8, raters=3, visits=(1, 2)),
}


@dataclass(frozen=True)
class Truth:
    """What was made up, in the order of the names."""

    overall: NDArray[np.float64]
    """Candidate to the fair score at the last interview, over luck and average raters."""
    dimensions: NDArray[np.float64]
    severity: NDArray[np.float64]
    drifts: NDArray[np.bool_]
    flat: NDArray[np.bool_]


def made(world: World, seed: int) -> tuple[Ratings, Truth]:
    """The ratings and the truth behind them."""
    rng = np.random.default_rng(seed)
    dims = len(DIMENSIONS)
    thresholds = (
        np.array((-2.0, 0.0, 2.0)) + rng.normal(0, 0.4, (dims, 1)) + rng.normal(0, 0.2, (dims, 3))
    )
    ability = rng.normal(0, world.ability, world.candidates)[:, None] + rng.normal(
        0, world.deviation, (world.candidates, dims)
    )
    severity = rng.normal(0, world.severity, world.raters)
    severity -= severity.mean()
    taste = rng.normal(0, world.taste, (world.raters, dims))
    erratic = rng.random(world.raters) < world.erratic
    flat = rng.random(world.raters) < world.halo
    drifts = rng.random(world.raters) < world.drift
    turn = np.where(drifts, 1.5 * rng.choice((-1, 1), world.raters), 0.0)
    busy = rng.lognormal(0, world.skew, world.raters)
    gain = rng.normal(world.gain, world.gain * 2 / 3, world.candidates)
    visits = rng.integers(world.visits[0], world.visits[1] + 1, world.candidates)
    columns: list[list[object]] = [[] for _ in range(8)]
    for candidate in range(world.candidates):
        island = candidate % world.islands
        near = np.flatnonzero(np.arange(world.raters) % world.islands == island)
        chance = busy[near] / busy[near].sum()
        days = np.sort(rng.integers(0, DAYS, visits[candidate]))
        who = rng.choice(near, min(len(near), visits[candidate] + 1), replace=False, p=chance)
        for visit, day in enumerate(days):
            luck = rng.normal(0, world.luck)
            second = rng.random() < world.double and len(who) > visits[candidate]
            for rater in (who[visit % len(who)], *((who[-1],) if second else ())):
                harsh = severity[rater] + turn[rater] * ((day >= DAYS / 2) - 0.5)
                eta = ability[candidate] + gain[candidate] * visit + luck - harsh + taste[rater]
                chances = probabilities(eta, thresholds)
                given = (rng.random((dims, 1)) > chances.cumsum(axis=1)).sum(axis=1)
                random = erratic[rater] & (rng.random(dims) < 0.5)
                given = np.where(random, rng.integers(0, 4, dims), given)
                if flat[rater]:
                    given = np.where(rng.random(dims) < 0.85, given[0], given)
                silent = rng.random(dims) < world.missing
                for dim, name in enumerate(DIMENSIONS):
                    for column, value in zip(
                        columns,
                        (
                            f"f{candidate:05}-{visit}-{rater:04}",
                            f"i{candidate:05}-{visit}",
                            f"c{candidate:05}",
                            f"r{rater:04}",
                            int(day),
                            rater == who[-1] and second and len(who) > visits[candidate],
                            name,
                            None if silent[dim] else int(given[dim]) + 1,
                        ),
                        strict=True,
                    ):
                        column.append(value)
    grown = ability + (gain * (visits - 1))[:, None]
    fair = _fair(grown, thresholds, world.luck)
    ratings = Ratings.of_columns(*columns)  # type: ignore[arg-type]  # columns of several types
    return ratings, Truth(fair.mean(axis=1), fair, severity, drifts, flat)


def _fair(
    ability: NDArray[np.float64], thresholds: NDArray[np.float64], luck: float
) -> NDArray[np.float64]:
    found = np.ones(ability.shape)
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        found += weight * moments(ability + luck * node, thresholds).mean
    return found


def raw(ratings: Ratings) -> NDArray[np.float64]:
    """Candidate to the plain mean of their scores."""
    rows = np.flatnonzero(ratings.seen)
    people = len(ratings.candidates)
    total = np.bincount(ratings.candidate[rows], ratings.category[rows] + 1, people)
    return total / np.bincount(ratings.candidate[rows], minlength=people)


def error(values: Floats, truth: Floats) -> float:
    """Root mean squared."""
    return float(np.sqrt(((values - truth) ** 2).mean()))


def area(scores: NDArray[np.float64], flagged: NDArray[np.bool_]) -> float:
    """Under the curve: how likely a flagged one scores higher than another."""
    high, low = scores[flagged], scores[~flagged]
    wins = (high[:, None] > low[None]).mean() + 0.5 * (high[:, None] == low[None]).mean()
    return float(wins)
