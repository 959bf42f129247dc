"""From the joint mode to what people read: levels on the 1 to 4 scale with 90 % intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mockint.domain.calibration.blocks import Block
from mockint.domain.calibration.level import Interval, Level, Visit
from mockint.domain.calibration.model import Curve, Mode, Point, Shared, Spread, gathered
from mockint.domain.calibration.ratings import Floats, Ints, Ratings
from mockint.domain.calibration.scale import STEPS, expected

Z90 = 1.6448536269514722
LOWEST, WIDTH = 1.0, 3.0
"""The scale, from its lowest point on."""


@dataclass(frozen=True)
class Estimate:
    """Of one block: candidate, visit, then each dimension and last the mean over dimensions."""

    block: Block
    value: Floats
    low: Floats
    high: Floats


def estimates(
    ratings: Ratings,
    blocks: tuple[Block, ...],
    shared: Shared,
    spread: Spread,
    mode: Mode,
    point: Point,
    *,
    own_dimensions: bool,
) -> tuple[Estimate, ...]:
    """The level after each visit, from a rater of average severity, over the luck of the day.

    The interval is Laplace's with the delta method on the logit of (score - 1) / 3. The mean is
    over all dimensions, or with `own_dimensions` over those of the candidate's last interview.
    """
    inverse = np.linalg.inv(point.schur)
    weights = _weights(ratings, own_dimensions=own_dimensions)
    return tuple(
        _estimate(block, shared, spread, own, mode.shared, curve, inverse, weights)
        for block, own, curve in zip(blocks, mode.own, point.curves, strict=True)
    )


def _weights(ratings: Ratings, *, own_dimensions: bool) -> Floats:
    """Of each dimension in a candidate's mean."""
    shape = (len(ratings.candidates), len(ratings.dimensions))
    if not own_dimensions:
        return np.full(shape, 1 / max(1, shape[1]))
    last = np.append(ratings.candidate_of[1:] != ratings.candidate_of[:-1], True)
    rows = np.flatnonzero(last[ratings.interview])
    found = np.zeros(shape)
    found[ratings.candidate[rows], ratings.dimension[rows]] = 1.0
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _estimate(
    block: Block, shared: Shared, spread: Spread, own: Floats, values: Floats, curve: Curve,
    inverse: Floats, all_weights: Floats,
) -> Estimate:  # fmt: skip
    dims, visits, count = block.dimensions, block.visits, block.count
    carried, unknown = _carried(spread, visits)
    luck = own[:, 1 + dims :] @ carried.T + shared.gain(values) * block.times
    ability = own[:, :1, None] + own[:, None, 1 : 1 + dims] + luck[:, :, None]
    found = expected(ability, shared.thresholds(values), spread.luck)
    weights = all_weights[block.candidates]
    # One row a dimension and one for their mean; how each depends on what is the candidate's own.
    mix = np.concatenate(
        (np.broadcast_to(np.eye(dims), (count, dims, dims)), weights[:, None]), axis=1
    )
    by_ability = found.by_ability[:, :, None, :] * mix[:, None]
    total = by_ability.sum(axis=-1)
    by_own = np.concatenate(
        (total[..., None], by_ability, total[..., None] * carried[:, None, :]), axis=-1
    )
    width = block.slots + shared.size - shared.raters
    by_shared = np.zeros((count, visits, dims + 1, width))
    flat = slice(block.slots, block.slots + STEPS * dims)
    by_shared[..., flat] = (found.by_threshold[:, :, None] * mix[:, None, :, :, None]).reshape(
        count, visits, dims + 1, -1
    )
    if shared.learning:
        by_shared[..., -1] = total * block.times[:, None]
    targets = visits * (dims + 1)
    own_slopes = by_own.reshape(count, targets, block.size)
    shared_slopes = by_shared.reshape(count, targets, width)
    solved = np.linalg.solve(curve.own, own_slopes.transpose(0, 2, 1))
    variance = np.einsum("ctm,cmt->ct", own_slopes, solved)
    left = shared_slopes - np.matmul(own_slopes, curve.solved)
    at = _places(block, shared)
    among = inverse[at[:, :, None], at[:, None, :]]
    variance += np.einsum("ctq,ctq->ct", np.matmul(left, among), left)
    spread_of = variance.reshape(count, visits, dims + 1) + total**2 * unknown[:, None]
    scores = found.score @ mix.transpose(0, 2, 1)
    return Estimate(block, scores, *_interval(scores, spread_of))


def _places(block: Block, shared: Shared) -> Ints:
    """Where what a candidate meets stands among what is shared."""
    return gathered(block, shared, np.arange(shared.size, dtype=np.float64)).astype(np.int64)


def _carried(spread: Spread, visits: int) -> tuple[Floats, Floats]:
    """What of the luck of all visits is there to stay at each visit, and its variance."""
    walk = spread.walk_covariance(visits)
    carried = np.linalg.solve(spread.luck_covariance(visits), walk).T
    return carried, np.diag(walk - carried @ walk).clip(min=0.0)


def _interval(scores: Floats, variance: Floats) -> tuple[Floats, Floats]:
    share = ((scores - LOWEST) / WIDTH).clip(1e-6, 1 - 1e-6)
    logit = np.log(share / (1 - share))
    away = Z90 * np.sqrt(variance) / (WIDTH * share * (1 - share))
    low, high = (LOWEST + WIDTH / (1 + np.exp(-(logit + way * away))) for way in (-1, 1))
    return low, high


@dataclass(frozen=True)
class Levels(Mapping[str, Level]):
    """Candidate to level, made when asked for."""

    ratings: Ratings
    parts: tuple[Estimate, ...]
    component: Ints
    fitted: bool

    @cached_property
    def _where(self) -> dict[str, tuple[int, int]]:
        names = self.ratings.candidates
        return {
            names[candidate]: (number, row)
            for number, part in enumerate(self.parts)
            for row, candidate in enumerate(part.block.candidates)
        }

    @cached_property
    def _raters(self) -> Ints:
        """Of each candidate: how many different interviewers, second raters apart."""
        ratings = self.ratings
        main = ~ratings.shadow_of
        owner = ratings.candidate_of[ratings.interview_of[main]]
        pairs = np.unique(np.stack((owner, ratings.rater_of[main])), axis=1)
        return np.bincount(pairs[0], minlength=len(ratings.candidates))

    @cached_property
    def _first_interview(self) -> Ints:
        codes = np.arange(len(self.ratings.candidates))
        return np.searchsorted(self.ratings.candidate_of, codes)

    def __len__(self) -> int:
        return len(self._where)

    def __iter__(self) -> Iterator[str]:
        return iter(self._where)

    def __getitem__(self, name: str) -> Level:
        number, row = self._where[name]
        part = self.parts[number]
        candidate = int(part.block.candidates[row])
        first = int(self._first_interview[candidate])
        visits = tuple(
            Visit(self.ratings.interviews[first + visit], *self._said(part, row, visit))
            for visit in range(part.block.visits)
        )
        last = visits[-1]
        return Level(
            last.overall,
            last.dimensions,
            visits,
            len(visits),
            int(self._raters[candidate]),
            self.fitted,
            int(self.component[candidate]),
        )

    def _said(self, part: Estimate, row: int, visit: int) -> tuple[Interval, dict[str, Interval]]:
        each = [
            Interval(float(value), float(low), float(high))
            for value, low, high in zip(
                part.value[row, visit], part.low[row, visit], part.high[row, visit], strict=True
            )
        ]
        return each[-1], dict(zip(self.ratings.dimensions, each[:-1], strict=True))
