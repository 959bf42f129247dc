"""The fit's inner parts against slower ways to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from mockint.domain.calibration import mixed, model
from mockint.domain.calibration.blocks import Block, stacked
from mockint.domain.calibration.model import Mode, Shared, Spread
from mockint.domain.calibration.scale import expected, moments, probabilities
from tests.support import simulation

SMALL = simulation.World(candidates=7, raters=4, visits=(1, 3), missing=0.2, double=0.4)
SPREAD = Spread(walk=0.25)


def flat(mode: Mode) -> np.ndarray:
    return np.concatenate([*(own.ravel() for own in mode.own), mode.shared])


def unflat(values: np.ndarray, like: Mode) -> Mode:
    own, at = [], 0
    for one in like.own:
        own.append(values[at : at + one.size].reshape(one.shape))
        at += one.size
    return Mode(tuple(own), values[at:])


def small(learning: bool) -> tuple[tuple[Block, ...], Shared]:
    ratings, _ = simulation.made(SMALL, 3)
    shared = Shared(len(ratings.raters), len(ratings.dimensions), learning)
    return stacked(ratings, ratings.rater), shared


@pytest.mark.parametrize("learning", [False, True])
def test_at_the_mode_no_direction_leads_down_and_the_curvature_is_the_losses(
    learning: bool,
) -> None:
    blocks, shared = small(learning)
    mode, point = model.climb(blocks, shared, SPREAD, model.start(blocks, shared), within=1e-10)
    at = flat(mode)

    def loss(values: np.ndarray) -> float:
        return model.loss(blocks, shared, SPREAD, unflat(values, mode))

    step = 1e-3
    away = np.eye(len(at)) * step
    slope = np.array([(loss(at + one) - loss(at - one)) / (2 * step) for one in away])
    assert np.abs(slope).max() < 1e-5
    curvature = np.array(
        [
            [
                loss(at + a + b) - loss(at + a - b) - loss(at - a + b) + loss(at - a - b)
                for b in away
            ]
            for a in away
        ]
    ) / (4 * step**2)
    assert np.linalg.slogdet(curvature)[1] == pytest.approx(point.log_determinant(), abs=1e-2)
    assert point.loss == pytest.approx(loss(at))


def test_the_moments_of_a_score_are_those_of_its_chances() -> None:
    rng = np.random.default_rng(1)
    eta, thresholds = rng.normal(size=6), rng.normal(size=(6, 3))
    chances, values = probabilities(eta, thresholds), np.arange(4)
    found = moments(eta, thresholds)
    assert chances.sum(axis=1) == pytest.approx(np.ones(6))
    assert found.mean == pytest.approx(chances @ values)
    assert found.variance == pytest.approx(chances @ values**2 - (chances @ values) ** 2)
    for step in (1, 2, 3):
        above = chances[:, step:].sum(axis=1)
        together = chances[:, step:] @ values[step:] - above * found.mean
        assert found.above[:, step - 1] == pytest.approx(above)
        assert found.covariance[:, step - 1] == pytest.approx(together)


def test_the_expected_score_leans_as_it_says() -> None:
    ability, thresholds = np.array([0.3]), np.array([[-1.5, 0.2, 1.7]])
    found, by = expected(ability, thresholds, 0.8), 1e-5
    more = expected(ability + by, thresholds, 0.8).score
    assert (more - found.score) / by == pytest.approx(found.by_ability, rel=1e-3)
    for step in range(3):
        moved = thresholds + by * np.eye(3)[step]
        leaned = (expected(ability, moved, 0.8).score - found.score) / by
        assert leaned == pytest.approx(found.by_threshold[:, step], rel=1e-3)


def test_the_linear_check_solves_the_equations_it_stands_for() -> None:
    ratings, _ = simulation.made(SMALL, 5)
    rows = np.flatnonzero(ratings.seen)
    count = len(ratings.feedbacks)
    mean = np.bincount(ratings.feedback[rows], ratings.category[rows] + 1, count)
    mean /= np.bincount(ratings.feedback[rows], minlength=count)
    fit = mixed._Fit(ratings, mean, np.arange(count))
    of_candidates, of_raters = 0.7, 0.4
    found = fit.candidates(np.log((of_candidates, of_raters)))
    who = np.eye(len(ratings.candidates))[ratings.candidate_of[ratings.interview_of]]
    by = np.eye(len(ratings.raters))[ratings.rater_of]
    covariance = np.eye(count) + of_candidates * who @ who.T + of_raters * by @ by.T
    weights = np.linalg.solve(covariance, np.ones(count))
    grand = weights @ mean / weights.sum()
    best = grand + of_candidates * who.T @ np.linalg.solve(covariance, mean - grand)
    assert found == pytest.approx(best)
