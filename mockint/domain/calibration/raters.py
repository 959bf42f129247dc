"""What the fit says of raters: severity, drift, halo, use of the middle, consistency.

A private aid for a calibration talk, never a ranking: every number comes with its uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mockint.domain.calibration import model
from mockint.domain.calibration.blocks import Block, stacked
from mockint.domain.calibration.estimate import Z90
from mockint.domain.calibration.level import Interval
from mockint.domain.calibration.model import Mode, Point, Shared, Spread
from mockint.domain.calibration.ratings import CATEGORIES, Floats, Ints, Ratings
from mockint.domain.calibration.scale import NODES, WEIGHTS, moments, probabilities

HALF_LEAST = 3
"""Feedbacks in each half that drift needs."""
HALO_LEAST, MISFIT_LEAST = 8, 10
MAD_TO_SD = 1.4826
GRID = np.linspace(-8, 8, 321)
"""Severities between which points are interpolated."""
REFIT_WITHIN = 1e-4


@dataclass(frozen=True, slots=True)
class Tendency:
    """How one rater judges, against colleagues."""

    feedbacks: int
    severity: float
    """Logits; positive is harsher."""
    points: Interval
    """How many points lower than an average rater on the 1 to 4 scale; positive is harsher."""
    drift: float | None
    """Change of severity from the first half of their feedbacks to the second, in logits, without
    the common trend; None when there is too little."""
    drift_z: float | None
    halo: float | None
    """Standardised surplus of equal scores inside a feedback; None under 8 feedbacks."""
    middle: float | None
    """Share of scores 2 and 3 beyond the expected; None under 10 feedbacks."""
    infit: float | None
    """Mean squared standardised residual; 1 is as expected. None under 10 feedbacks."""


def tendencies(
    ratings: Ratings,
    blocks: tuple[Block, ...],
    shared: Shared,
    spread: Spread,
    mode: Mode,
    point: Point,
) -> dict[str, Tendency]:
    """Of every rater, those too who have given no score yet."""
    scored = np.zeros(len(ratings.feedbacks), np.bool_)
    scored[ratings.feedback[ratings.seen]] = True
    feedbacks = np.bincount(ratings.rater_of[scored], minlength=len(ratings.raters))
    severity = shared.severities(mode.shared)
    error = np.sqrt(np.diag(np.linalg.inv(point.schur))[: shared.raters])
    in_points = _points(shared, spread, mode)
    drift, drift_z = _drift(ratings, shared, spread, mode)
    fit = _Fit.of(ratings, blocks, shared, mode)
    halo = fit.halo(ratings, feedbacks)
    middle, infit = fit.middle(), fit.infit()
    return {
        name: Tendency(
            int(feedbacks[rater]),
            float(severity[rater]),
            Interval(
                *(
                    float(np.interp(severity[rater] + way * Z90 * error[rater], GRID, in_points))
                    for way in (0, -1, 1)
                )
            ),
            _known(drift[rater]),
            _known(drift_z[rater]),
            _known(halo[rater]),
            float(middle[rater]) if feedbacks[rater] >= MISFIT_LEAST else None,
            float(infit[rater]) if feedbacks[rater] >= MISFIT_LEAST else None,
        )
        for rater, name in enumerate(ratings.raters)
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _points(shared: Shared, spread: Spread, mode: Mode) -> Floats:
    """Points on the 1 to 4 scale that each severity of the grid takes away, over all candidates."""
    people = np.sqrt(spread.ability**2 + spread.deviation**2 + spread.luck**2) * NODES
    thresholds = shared.thresholds(mode.shared)
    eta = people[:, None, None] - np.append(0.0, GRID)[None, :, None]
    means = moments(np.broadcast_to(eta, (*eta.shape[:2], shared.dimensions)), thresholds).mean
    average = np.tensordot(WEIGHTS, means.mean(axis=2), axes=1)
    return np.asarray(average[0] - average[1:])


# Drift


def _drift(ratings: Ratings, shared: Shared, spread: Spread, mode: Mode) -> tuple[Floats, Floats]:
    """Fit again with each half of a rater's feedbacks as a rater of its own, and compare."""
    unknown = np.full(len(ratings.raters), np.nan)
    late, split = _halves(ratings)
    if not split.any():
        return unknown, unknown
    second = np.cumsum(split) - 1 + len(ratings.raters)
    half_of = np.where(late, second[ratings.rater_of], ratings.rater_of)
    halves = Shared(len(ratings.raters) + int(split.sum()), shared.dimensions, shared.learning)
    blocks = stacked(ratings, half_of[ratings.feedback])
    begin = Mode(
        mode.own if len(blocks) == len(mode.own) else model.start(blocks, halves).own,
        np.concatenate(
            (
                shared.severities(mode.shared),
                shared.severities(mode.shared)[split],
                mode.shared[shared.raters :],
            )
        ),
    )
    found, point = model.climb(blocks, halves, spread, begin, within=REFIT_WITHIN)
    inverse = np.linalg.inv(point.schur)
    first, other = np.flatnonzero(split), second[split]
    change = found.shared[other] - found.shared[first]
    variance = inverse[first, first] + inverse[other, other] - 2 * inverse[first, other]
    change -= np.average(change, weights=1 / variance)
    drift, score = unknown.copy(), unknown.copy()
    drift[split], score[split] = change, change / np.sqrt(variance)
    return drift, score


def _halves(ratings: Ratings) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which feedbacks are in their rater's second half, and whose feedbacks can be split.

    The halves part between two days, as near to the middle as can be.
    """
    day = ratings.day_of[ratings.interview_of]
    order = np.lexsort((day, ratings.rater_of))
    rater, days = ratings.rater_of[order], day[order]
    total = np.bincount(rater, minlength=len(ratings.raters))
    rank = np.arange(len(order)) - np.searchsorted(rater, rater)
    new_day = np.append(True, (rater[1:] != rater[:-1]) | (days[1:] != days[:-1]))
    cuts = np.flatnonzero(new_day & (rank >= HALF_LEAST) & (total[rater] - rank >= HALF_LEAST))
    away = np.abs(2 * rank[cuts] - total[rater[cuts]])
    best = cuts[np.lexsort((cuts, away, rater[cuts]))]
    owners, firsts = np.unique(rater[best], return_index=True)
    cut_rank = np.full(len(total), np.iinfo(np.int64).max)
    cut_rank[owners] = rank[best[firsts]]
    late = np.empty(len(order), np.bool_)
    late[order] = rank >= cut_rank[rater]
    return late, cut_rank < np.iinfo(np.int64).max


# Halo, middle, consistency


@dataclass(frozen=True)
class _Fit:
    """Each score that was given beside what the model expected."""

    feedback: Ints
    rater: Ints
    dimension: Ints
    category: Ints
    chances: Floats
    raters: int

    @classmethod
    def of(cls, ratings: Ratings, blocks: tuple[Block, ...], shared: Shared, mode: Mode) -> _Fit:
        rows = np.flatnonzero(ratings.seen)
        ability = np.zeros((len(ratings.candidates), shared.dimensions))
        luck = np.zeros(len(ratings.interviews))
        first = np.searchsorted(ratings.candidate_of, np.arange(len(ratings.candidates)))
        for block, own in zip(blocks, mode.own, strict=True):
            ability[block.candidates] = own[:, :1] + own[:, 1 : 1 + block.dimensions]
            at = first[block.candidates][:, None] + np.arange(block.visits)
            luck[at] = own[:, 1 + block.dimensions :] + shared.gain(mode.shared) * block.times
        candidate, dimension = ratings.candidate[rows], ratings.dimension[rows]
        rater = ratings.rater[rows]
        eta = ability[candidate, dimension] + luck[ratings.interview[rows]]
        eta -= shared.severities(mode.shared)[rater]
        chances = probabilities(eta, shared.thresholds(mode.shared)[dimension])
        category = ratings.category[rows]
        return cls(ratings.feedback[rows], rater, dimension, category, chances, shared.raters)

    def _by_rater(self, values: Floats) -> Floats:
        return np.asarray(np.bincount(self.rater, values, self.raters), np.float64)

    def middle(self) -> Floats:
        """Surplus share of the two middle scores."""
        inside = (self.category == 1) | (self.category == 2)
        surplus = self._by_rater(inside - self.chances[:, 1] - self.chances[:, 2])
        return np.asarray(surplus / np.bincount(self.rater, minlength=self.raters).clip(min=1))

    def infit(self) -> Floats:
        values = np.arange(CATEGORIES)
        mean = self.chances @ values
        variance = self.chances @ values**2 - mean**2
        squares = self._by_rater((self.category - mean) ** 2)
        return np.asarray(squares / self._by_rater(variance).clip(min=1e-12))

    def halo(self, ratings: Ratings, feedbacks: Ints) -> Floats:
        """Equal pairs inside feedbacks beyond expectation, standardised over raters."""
        count, dims = len(ratings.feedbacks), len(ratings.dimensions)
        surplus, variance = np.zeros(count), np.zeros(count)
        chances = np.zeros((count, dims, CATEGORIES))
        chances[self.feedback, self.dimension] = self.chances
        given = np.zeros((count, dims), np.int64)
        given[self.feedback, self.dimension] = self.category + 1
        for one in range(dims):
            for other in range(one + 1, dims):
                both = (given[:, one] > 0) & (given[:, other] > 0)
                chance = (chances[:, one] * chances[:, other]).sum(axis=1)
                surplus += both * ((given[:, one] == given[:, other]) - chance)
                variance += both * chance * (1 - chance)
        by = ratings.rater_of
        spread = np.sqrt(np.bincount(by, variance, self.raters))
        found = np.bincount(by, surplus, self.raters) / spread.clip(min=1e-12)
        found[(feedbacks < HALO_LEAST) | (spread == 0)] = np.nan
        known = found[~np.isnan(found)]
        if not len(known):
            return np.asarray(found)
        middle = np.median(known)
        scatter = MAD_TO_SD * np.median(np.abs(known - middle))
        return np.asarray((found - middle) / (scatter if scatter > 0 else 1.0))
