"""Calibration of one track: from ratings to levels, raters' tendencies and agreement.

The model, its reasons and what was measured stand in docs/calibration.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mockint.domain.calibration import mixed, model
from mockint.domain.calibration.agreement import Agreement, agreements
from mockint.domain.calibration.blocks import stacked
from mockint.domain.calibration.estimate import Estimate, Levels, estimates
from mockint.domain.calibration.groups import components
from mockint.domain.calibration.model import Shared, Spread
from mockint.domain.calibration.raters import Tendency, tendencies
from mockint.domain.calibration.ratings import Floats, Ints, Ratings
from mockint.domain.calibration.spread import estimated

MODEL_VERSION = "1"
"""Raised whenever the same ratings would give other numbers."""
FEEDBACKS_LEAST, RATERS_LEAST, EACH_LEAST = 30, 3, 5
"""Under 30 feedbacks, or under 3 raters with 5 each, the spread is not estimated."""
SAMPLE = 2_500
"""Candidates from whom the spread is estimated; all of them when there are fewer."""
WITHIN = 1e-9
"""Logits: how exactly the joint mode is found."""
SPREADS = ("ability", "deviation", "luck", "severity")
FIRST_WALK = 0.3


@dataclass(frozen=True)
class Calibration:
    """What a fit says; levels and tendencies by the names in the ratings."""

    ratings: Ratings
    estimates: tuple[Estimate, ...]
    levels: Levels
    raters: dict[str, Tendency]
    agreement: dict[str, Agreement]
    """Dimension to agreement on interviews that several rated."""
    spread: Spread
    gain: float
    """Logits a visit that candidates gain on average; 0 without learning."""
    component: Ints
    """Of each candidate; those of different components never met through raters."""
    mixed_gap: float | None
    """The largest difference of somebody's overall level, on average over their visits, from the
    linear mixed model, in points; None when nothing was fitted."""
    fitted: bool
    """False: too few ratings, so the spread is the usual one and intervals are wide."""

    @property
    def components(self) -> int:
        return int(self.component.max(initial=-1)) + 1

    @property
    def model_version(self) -> str:
        return MODEL_VERSION

    @cached_property
    def overall(self) -> Floats:
        """Candidate to value, low and high of the level after their last interview."""
        found = np.zeros((len(self.ratings.candidates), 3))
        for part in self.estimates:
            for column, values in enumerate((part.value, part.low, part.high)):
                found[part.block.candidates, column] = values[:, -1, -1]
        return found

    @cached_property
    def data_hash(self) -> str:
        """SHA-256 of the ratings, whatever their order."""
        return self.ratings.digest


def calibrate(
    ratings: Ratings, *, learning: bool = False, own_dimensions: bool = False
) -> Calibration:
    """Fit one track; with `learning` candidates may grow from visit to visit.

    `own_dimensions`: the overall level is the mean over the dimensions of a candidate's last
    interview instead of all that there are.
    """
    shared = Shared(len(ratings.raters), len(ratings.dimensions), learning)
    spread = Spread(walk=FIRST_WALK if learning else 0.0)
    fitted = enough(ratings)
    if fitted:
        spread = _spread(ratings, shared, spread)
    blocks = stacked(ratings, ratings.rater)
    mode, point = model.climb(blocks, shared, spread, model.start(blocks, shared), within=WITHIN)
    parts = estimates(ratings, blocks, shared, spread, mode, point, own_dimensions=own_dimensions)
    component = components(ratings)
    levels = Levels(ratings, parts, component, fitted)
    gap = _gap(ratings, parts) if fitted else None
    return Calibration(
        ratings,
        parts,
        levels,
        tendencies(ratings, blocks, shared, spread, mode, point),
        agreements(ratings),
        spread,
        shared.gain(mode.shared),
        component,
        gap,
        fitted,
    )


def enough(ratings: Ratings) -> bool:
    """Whether there is enough to estimate how much people differ."""
    feedbacks = np.bincount(ratings.rater_of, minlength=1)
    return len(ratings.feedbacks) >= FEEDBACKS_LEAST and int((feedbacks >= EACH_LEAST).sum()) >= (
        RATERS_LEAST
    )


def _spread(ratings: Ratings, shared: Shared, first: Spread) -> Spread:
    only = _sample(ratings)
    names = (*SPREADS, "walk") if shared.learning else SPREADS
    rater = ratings.rater
    if only is not None:
        rows = np.isin(ratings.candidate, only)
        met, code = np.unique(rater[rows], return_inverse=True)
        rater = np.zeros_like(rater)
        rater[rows] = code
        shared = Shared(len(met), shared.dimensions, shared.learning)
    return estimated(stacked(ratings, rater, only=only), shared, first, names=names)


def _sample(ratings: Ratings) -> Ints | None:
    """Evenly chosen candidates; by what was said of them, so that names and order do not matter."""
    people = len(ratings.candidates)
    if people <= SAMPLE:
        return None
    points = ratings.category + 2
    strictness = np.bincount(ratings.rater, points)[ratings.rater].astype(np.int64)
    day = ratings.day_of[ratings.interview]
    keys = [
        np.bincount(ratings.candidate, one, people)
        for one in (points, points**2, points * (day - day.min()), points * strictness)
    ]
    order = np.lexsort(keys[::-1])
    return np.sort(order[np.linspace(0, people - 1, SAMPLE).round().astype(np.int64)])


def _gap(ratings: Ratings, parts: tuple[Estimate, ...]) -> float:
    other = mixed.overall(ratings)
    return max(
        float(np.abs(part.value[..., -1].mean(axis=1) - other[part.block.candidates]).max())
        for part in parts
    )
