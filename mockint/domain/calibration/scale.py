"""The partial-credit model of one score (Masters 1982), and what it means on the 1 to 4 scale.

With eta = ability minus severity and thresholds b1, b2, b3 of the dimension, category k in 0 to 3
has probability in proportion to exp(k * eta - b1 - ... - bk).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mockint.domain.calibration.ratings import CATEGORIES, Floats, Ints

STEPS = CATEGORIES - 1
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
"""Gauss-Hermite for a standard normal."""
WEIGHTS = WEIGHTS / WEIGHTS.sum()


class Moments(NamedTuple):
    """Of the category's distribution, an entry a row; `above` and `covariance` an entry a step."""

    mean: Floats
    variance: Floats
    above: Floats
    """P(K >= j) for the steps j = 1, 2, 3."""
    covariance: Floats
    """Of K with the indicator of K >= j."""


def probabilities(eta: Floats, thresholds: Floats) -> Floats:
    """Of the four categories, in the last axis; `thresholds` has one row a row of `eta`."""
    powers = np.empty((*eta.shape, CATEGORIES))
    powers[..., 0] = 0.0
    np.cumsum(eta[..., None] - thresholds, axis=-1, out=powers[..., 1:])
    powers -= powers.max(axis=-1, keepdims=True)
    np.exp(powers, out=powers)
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def moments(eta: Floats, thresholds: Floats) -> Moments:
    """All that the first two derivatives need."""
    p1, p2, p3 = np.moveaxis(probabilities(eta, thresholds), -1, 0)[1:]
    mean = p1 + 2 * p2 + 3 * p3
    variance = p1 + 4 * p2 + 9 * p3 - mean**2
    above = np.stack((p1 + p2 + p3, p2 + p3, p3), axis=-1)
    tail = np.stack((mean, 2 * p2 + 3 * p3, 3 * p3), axis=-1)
    return Moments(mean, variance, above, tail - mean[..., None] * above)


def log_likelihood(eta: Floats, thresholds: Floats, category: Ints) -> float:
    """Of the categories that were given."""
    found = probabilities(eta, thresholds)
    return float(np.log(found[np.arange(len(category)), category]).sum())


class Expected(NamedTuple):
    """A score on the 1 to 4 scale and its derivatives."""

    score: Floats
    by_ability: Floats
    by_threshold: Floats
    """An entry a step, in the last axis."""


def expected(ability: Floats, thresholds: Floats, luck_sd: float) -> Expected:
    """The mean score from a rater of average severity, averaged over the luck of the day.

    `thresholds` broadcasts against `ability` with one more axis, of the steps.
    """
    score = np.zeros(ability.shape)
    by_ability = np.zeros(ability.shape)
    by_threshold = np.zeros((*ability.shape, STEPS))
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        found = moments(ability + luck_sd * node, thresholds)
        score += weight * found.mean
        by_ability += weight * found.variance
        by_threshold -= weight * found.covariance
    return Expected(1 + score, by_ability, by_threshold)
