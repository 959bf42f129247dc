"""What calibration says, on made-up interviews whose truth is known.

`bin/prove calibration` measures the full claims; here a part of the model taken out must show.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mockint.domain.calibration import fit
from mockint.domain.calibration.fit import Calibration, calibrate
from mockint.domain.calibration.level import FAR_APART
from mockint.domain.calibration.ratings import Rating, Ratings
from tests.support import simulation
from tests.support.simulation import SCENARIOS, World


def rows(ratings: Ratings) -> list[Rating]:
    return [
        Rating(
            ratings.feedbacks[f],
            ratings.interviews[ratings.interview_of[f]],
            ratings.candidates[ratings.candidate_of[ratings.interview_of[f]]],
            ratings.raters[ratings.rater_of[f]],
            int(ratings.day_of[ratings.interview_of[f]]),
            bool(ratings.shadow_of[f]),
            ratings.dimensions[d],
            None if k < 0 else int(k) + 1,
        )
        for f, d, k in zip(ratings.feedback, ratings.dimension, ratings.category, strict=True)
    ]


def covered(found: Calibration, truth: simulation.Truth) -> float:
    _, low, high = found.overall.T
    return float(((low <= truth.overall) & (truth.overall <= high)).mean())


@pytest.mark.parametrize(("name", "cut"), [("base", 0.15), ("severe", 0.25), ("none", 0.0)])
def test_levels_are_nearer_to_the_truth_than_means(name: str, cut: float) -> None:
    ratings, truth = simulation.made(SCENARIOS[name], 11)
    found = calibrate(ratings)
    raw = simulation.error(simulation.raw(ratings), truth.overall)
    assert simulation.error(found.overall[:, 0], truth.overall) <= (1 - cut) * raw
    assert 0.85 <= covered(found, truth) <= 0.96
    assert found.fitted
    assert found.components == 1
    assert found.mixed_gap is not None
    assert found.mixed_gap < FAR_APART


def test_severity_is_found_with_its_sign() -> None:
    ratings, truth = simulation.made(SCENARIOS["base"], 12)
    found = calibrate(ratings).raters
    severity = [found[name].severity for name in ratings.raters]
    assert np.corrcoef(severity, truth.severity)[0, 1] >= 0.85
    harsh = found[ratings.raters[int(truth.severity.argmax())]]
    assert harsh.points.low > 0, "positive is harsher"
    assert harsh.points.low < harsh.points.value < harsh.points.high


def test_growth_is_followed_to_the_last_interview() -> None:
    ratings, truth = simulation.made(SCENARIOS["growth"], 13)
    still, moving = calibrate(ratings), calibrate(ratings, learning=True)
    apart = [simulation.error(one.overall[:, 0], truth.overall) for one in (still, moving)]
    assert apart[1] < 0.85 * apart[0]
    assert moving.gain > 0.1
    assert covered(still, truth) < 0.8 < covered(moving, truth)
    level = moving.levels[max(moving.levels, key=lambda name: moving.levels[name].interviews)]
    assert [visit.interview for visit in level.visits] == sorted(
        visit.interview for visit in level.visits
    )
    assert level.visits[-1].overall == level.overall


@pytest.mark.parametrize(("name", "attribute"), [("drift", "drift"), ("halo", "halo")])
def test_drift_and_halo_stand_out(name: str, attribute: str) -> None:
    ratings, truth = simulation.made(SCENARIOS[name], 14)
    found = calibrate(ratings).raters
    values = np.array([abs(getattr(found[one], attribute) or 0.0) for one in ratings.raters])
    assert simulation.area(values, truth.drifts if name == "drift" else truth.flat) >= 0.85


@pytest.mark.parametrize("learning", [False, True])
def test_order_and_names_change_nothing(learning: bool) -> None:
    ratings, _ = simulation.made(replace(World(), candidates=60, raters=12, visits=(1, 4)), 15)
    plain = rows(ratings)
    names: dict[tuple[str, str], str] = {}
    chance = random.Random(5)

    def renamed(kind: str, name: str) -> str:
        return names.setdefault((kind, name), f"{chance.random():.12f}")

    other = [
        one._replace(
            feedback=renamed("f", one.feedback),
            interview=renamed("i", one.interview),
            candidate=renamed("c", one.candidate),
            rater=renamed("r", one.rater),
        )
        for one in chance.sample(plain, len(plain))
    ]
    first = calibrate(Ratings.of(plain), learning=learning)
    second = calibrate(Ratings.of(other), learning=learning)
    for name, level in first.levels.items():
        twin = second.levels[names["c", name]]
        for one, same in ((level.overall, twin.overall), *_pairs(level, twin)):
            assert (one.value, one.low, one.high) == pytest.approx(
                (same.value, same.low, same.high), abs=1e-6
            )
    for name, rater in first.raters.items():
        assert rater.severity == pytest.approx(second.raters[names["r", name]].severity, abs=1e-6)
        assert rater.drift == pytest.approx(second.raters[names["r", name]].drift, abs=1e-5)


def _pairs(level: Any, twin: Any) -> list[tuple[Any, Any]]:
    return [(level.dimensions[key], twin.dimensions[key]) for key in level.dimensions]


def test_a_sample_of_candidates_does_not_depend_on_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "SAMPLE", 40)
    test_order_and_names_change_nothing(learning=False)


def test_a_rater_who_scored_nothing_changes_nobody() -> None:
    ratings, _ = simulation.made(replace(World(), candidates=60, raters=12), 16)
    plain = rows(ratings)
    silent = Rating(
        "fx", plain[0].interview, plain[0].candidate, "zz", plain[0].day, True, "depth", None
    )
    first, second = calibrate(ratings), calibrate(Ratings.of([*plain, silent]))
    assert second.overall == pytest.approx(first.overall, abs=1e-6)
    assert second.raters["zz"].feedbacks == 0


def test_islands_are_said_to_be_not_comparable() -> None:
    ratings, _ = simulation.made(SCENARIOS["islands"], 17)
    found = calibrate(ratings)
    assert found.components == 3
    parts = {name: level.component for name, level in found.levels.items()}
    assert all(parts[name] == parts[f"c{int(name[1:]) % 3:05}"] for name in parts)
    assert len({parts[f"c{number:05}"] for number in range(3)}) == 3


def test_too_few_ratings_keep_the_usual_spread_and_wide_intervals() -> None:
    ratings, _ = simulation.made(SCENARIOS["tiny"], 18)
    found = calibrate(ratings)
    assert not found.fitted
    assert found.spread == fit.Spread()
    assert found.mixed_gap is None
    for level in found.levels.values():
        assert not level.fitted
        assert level.overall.high - level.overall.low > 0.6
        assert 1 <= level.overall.low <= level.overall.value <= level.overall.high <= 4


def test_the_same_ratings_give_the_same_numbers_again() -> None:
    ratings, _ = simulation.made(SCENARIOS["sparse"], 19)
    first, second = calibrate(ratings), calibrate(ratings)
    assert (first.overall == second.overall).all()
    assert first.data_hash == second.data_hash


def test_the_mean_may_be_over_the_dimensions_of_the_last_interview_only() -> None:
    ratings, _ = simulation.made(replace(World(), candidates=40, raters=8), 20)
    plain = [one for one in rows(ratings) if one.candidate != "c00003" or one.dimension != "depth"]
    found = calibrate(Ratings.of(plain), own_dimensions=True).levels["c00003"]
    among = [one.value for name, one in found.dimensions.items() if name != "depth"]
    assert found.overall.value == pytest.approx(float(np.mean(among)))
