"""The joint mode of all unknowns, by Newton steps in which each candidate's own are eliminated.

A score of candidate c in interview i from rater r on dimension d has
eta = ability_c + deviation_cd + luck_i + gain * visit_i - severity_r and the thresholds of d, with
normal priors on all of them. Without the luck, which all dimensions of one interview share, 90 %
intervals would hold four times in five. With learning the luck of a candidate's interviews is noise
plus a random walk over the visits, and the gain is common to all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mockint.domain.calibration.blocks import Block
from mockint.domain.calibration.ratings import Floats
from mockint.domain.calibration.scale import STEPS, Moments, log_likelihood, moments

THRESHOLDS, THRESHOLD_SD = np.array((-2.0, 0.0, 2.0)), 1.5
GAIN_SD = 1.0
MOST_STEPS, HALVINGS = 60, 12


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations of the priors, in logits."""

    ability: float = 1.2
    deviation: float = 0.4
    luck: float = 0.8
    severity: float = 0.7
    walk: float = 0.0
    """Of one step of the random walk from visit to visit; 0 without learning."""

    def luck_covariance(self, visits: int) -> Floats:
        """Of one candidate's interviews: noise and walk."""
        return self.luck**2 * np.eye(visits) + self.walk_covariance(visits)

    def walk_covariance(self, visits: int) -> Floats:
        """Of the walk alone, which starts at 0 with the first interview."""
        times = np.arange(visits, dtype=np.float64)
        return self.walk**2 * np.minimum.outer(times, times)


@dataclass(frozen=True)
class Shared:
    """Where what candidates share stands: raters, then thresholds, then the gain."""

    raters: int
    dimensions: int
    learning: bool

    @property
    def size(self) -> int:
        return self.raters + STEPS * self.dimensions + self.learning

    def severities(self, values: Floats) -> Floats:
        return values[: self.raters]

    def thresholds(self, values: Floats) -> Floats:
        """A row a dimension."""
        end = self.raters + STEPS * self.dimensions
        return values[self.raters : end].reshape(self.dimensions, STEPS)

    def gain(self, values: Floats) -> float:
        return float(values[-1]) if self.learning else 0.0

    @property
    def start(self) -> Floats:
        found = np.zeros(self.size)
        self.thresholds(found)[:] = THRESHOLDS
        return found

    def precisions(self, spread: Spread) -> Floats:
        """Of the priors."""
        found = np.full(self.size, THRESHOLD_SD**-2)
        found[: self.raters] = spread.severity**-2
        if self.learning:
            found[-1] = GAIN_SD**-2
        return found


@dataclass(frozen=True)
class Mode:
    """Values of all unknowns: an array a block, and what is shared."""

    own: tuple[Floats, ...]
    """Candidate to ability, deviations, luck."""
    shared: Floats

    def moved(self, steps: list[Floats], shared_step: Floats, share: float) -> Mode:
        own = tuple(at + share * step for at, step in zip(self.own, steps, strict=True))
        return Mode(own, self.shared + share * shared_step)


class Curve(NamedTuple):
    """Of one block at a point: the second derivatives, ready for elimination."""

    own: Floats
    """Candidate x own x own."""
    cross: Floats
    """Candidate x own x (slots, thresholds, gain)."""
    solved: Floats
    """`own` inverted, times `cross`."""
    slope: Floats


@dataclass
class Point:
    """The penalised log-likelihood and its curvature at a mode, or on the way to one."""

    loss: float
    curves: list[Curve]
    schur: Floats
    """Curvature of what is shared once candidates' own unknowns are eliminated."""
    steps: list[Floats] = field(default_factory=list)
    shared_step: Floats = field(default_factory=lambda: np.zeros(0))

    def log_determinant(self) -> float:
        """Of the whole curvature."""
        own = sum(float(np.linalg.slogdet(curve.own)[1].sum()) for curve in self.curves)
        return own + float(np.linalg.slogdet(self.schur)[1])


def start(blocks: tuple[Block, ...], shared: Shared) -> Mode:
    """Everybody average."""
    return Mode(tuple(np.zeros((one.count, one.size)) for one in blocks), shared.start)


def climb(
    blocks: tuple[Block, ...], shared: Shared, spread: Spread, at: Mode, *, within: float
) -> tuple[Mode, Point]:
    """The joint mode from a start; ends when no unknown moves by more than `within` logits."""
    point = _point(blocks, shared, spread, at)
    for _ in range(MOST_STEPS):
        share, found = 1.0, at
        for _ in range(HALVINGS):
            found = at.moved(point.steps, point.shared_step, share)
            if loss(blocks, shared, spread, found) <= point.loss + 1e-9 * abs(point.loss):
                break
            share /= 2
        moved = max(np.abs(step).max(initial=0.0) for step in (*point.steps, point.shared_step))
        at, point = found, _point(blocks, shared, spread, found)
        if moved * share < within:
            break
    return at, point


def etas(block: Block, shared: Shared, own: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Of each row, with the thresholds of its dimension."""
    luck = own[:, 1 + block.dimensions :] + shared.gain(values) * block.times
    eta = (
        own[block.who, 0]
        + own[block.who, 1 + block.dimension]
        + luck[block.who, block.visit]
        - shared.severities(values)[block.rater]
    )
    return eta, shared.thresholds(values)[block.dimension]


def loss(blocks: tuple[Block, ...], shared: Shared, spread: Spread, at: Mode) -> float:
    """The negative log-likelihood with its penalties."""
    away = at.shared - shared.start
    found = 0.5 * float((shared.precisions(spread) * away**2).sum())
    for block, own in zip(blocks, at.own, strict=True):
        found -= log_likelihood(*etas(block, shared, own, at.shared), block.category)
        found += 0.5 * float(np.einsum("ci,ij,cj->", own, _prior(block, spread), own))
    return found


def _prior(block: Block, spread: Spread) -> Floats:
    """The precision of one candidate's own unknowns."""
    found = np.zeros((block.size, block.size))
    found[0, 0] = spread.ability**-2
    among = np.arange(1, 1 + block.dimensions)
    found[among, among] = spread.deviation**-2
    if block.visits:
        found[1 + block.dimensions :, 1 + block.dimensions :] = np.linalg.inv(
            spread.luck_covariance(block.visits)
        )
    return found


def _point(blocks: tuple[Block, ...], shared: Shared, spread: Spread, at: Mode) -> Point:
    precisions = shared.precisions(spread)
    away = at.shared - shared.start
    schur, slope = np.diag(precisions), precisions * away
    found = Point(0.5 * float((precisions * away**2).sum()), [], schur)
    for block, own in zip(blocks, at.own, strict=True):
        prior = _prior(block, spread)
        curve, lost = _curve(block, shared, own, at.shared, prior, schur, slope)
        found.loss += lost
        found.curves.append(curve)
    rights = [
        _eliminated(b, shared, c, schur, slope) for b, c in zip(blocks, found.curves, strict=True)
    ]
    found.shared_step = -np.linalg.solve(schur, slope)
    for block, curve, right in zip(blocks, found.curves, rights, strict=True):
        step = gathered(block, shared, found.shared_step)
        found.steps.append(-right - np.matmul(curve.solved, step[:, :, None])[:, :, 0])
    return found


def gathered(block: Block, shared: Shared, values: Floats) -> Floats:
    """What is shared, as each candidate meets it: slots, thresholds, gain."""
    rest = np.broadcast_to(values[shared.raters :], (block.count, shared.size - shared.raters))
    return np.concatenate((values[: shared.raters][block.raters], rest), axis=1)


def _curve(
    block: Block, shared: Shared, own: Floats, values: Floats, prior: Floats,
    whole: Floats, slope: Floats,
) -> tuple[Curve, float]:  # fmt: skip
    """One block's curvature; adds its part to that of what is shared."""
    eta, thresholds = etas(block, shared, own, values)
    found = moments(eta, thresholds)
    lost = -log_likelihood(eta, thresholds, block.category)
    lost += 0.5 * float(np.einsum("ci,ij,cj->", own, prior, own))
    surplus = found.mean - block.category
    held = block.summed(found.variance)
    short = np.stack([block.summed(found.covariance[:, j]) for j in range(STEPS)], axis=-1)
    _share(block, shared, found, surplus, whole, slope)
    left = block.summed(surplus)
    grew = own @ prior
    grew[:, 0] += left.sum(axis=(1, 2))
    grew[:, 1 : 1 + block.dimensions] += left.sum(axis=1)
    grew[:, 1 + block.dimensions :] += left.sum(axis=2)
    cross = _cross(block, shared, found.variance, held, short)
    matrix = _own(block, held, prior)
    return Curve(matrix, cross, np.linalg.solve(matrix, cross), grew), lost


def _own(block: Block, held: Floats, prior: Floats) -> Floats:
    first = 1 + block.dimensions
    found = np.repeat(prior[None], block.count, axis=0)
    by_dimension, by_visit = held.sum(axis=1), held.sum(axis=2)
    found[:, 0, 0] += by_visit.sum(axis=1)
    among, visits = np.arange(1, first), np.arange(first, block.size)
    found[:, among, among] += by_dimension
    found[:, visits, visits] += by_visit
    found[:, 0, 1:first] += by_dimension
    found[:, 1:first, 0] += by_dimension
    found[:, 0, first:] += by_visit
    found[:, first:, 0] += by_visit
    found[:, first:, 1:first] += held
    found[:, 1:first, first:] += held.transpose(0, 2, 1)
    return found


def _cross(block: Block, shared: Shared, variance: Floats, held: Floats, short: Floats) -> Floats:
    first, slots, count = 1 + block.dimensions, block.slots, block.count
    width = slots + shared.size - shared.raters
    found = np.zeros((count, block.size, width))
    slot_dimension = block.by_slot_and_dimension(variance)
    found[:, 0, :slots] = -slot_dimension.sum(axis=2)
    found[:, 1:first, :slots] = -slot_dimension.transpose(0, 2, 1)
    found[:, first:, :slots] = -block.by_slot_and_visit(variance).transpose(0, 2, 1)
    by_dimension = short.sum(axis=1)
    flat = slice(slots, slots + STEPS * block.dimensions)
    found[:, 0, flat] = -by_dimension.reshape(count, -1)
    found[:, first:, flat] = -short.reshape(count, block.visits, -1)
    for d in range(block.dimensions):
        at = slots + STEPS * d
        found[:, 1 + d, at : at + STEPS] = -by_dimension[:, d]
    if shared.learning:
        timed = held * block.times[:, None]
        found[:, 0, -1] = timed.sum(axis=(1, 2))
        found[:, 1:first, -1] = timed.sum(axis=1)
        found[:, first:, -1] = timed.sum(axis=2)
    return found


def _share(
    block: Block, shared: Shared, found: Moments, surplus: Floats, whole: Floats, slope: Floats
) -> None:
    """Add the rows' curvature and slope in what is shared."""
    variance, above, covariance = found.variance, found.above, found.covariance
    raters, dims = shared.raters, shared.dimensions
    diagonal = np.arange(raters)
    whole[diagonal, diagonal] += np.bincount(block.rater, variance, raters)
    slope[:raters] -= np.bincount(block.rater, surplus, raters)
    pair = block.rater * dims + block.dimension
    rest = slice(raters, raters + STEPS * dims)
    between = np.empty((raters, dims, STEPS))
    for j in range(STEPS):
        between[:, :, j] = np.bincount(pair, covariance[:, j], raters * dims).reshape(raters, dims)
        reached = (block.category > j) - above[:, j]
        slope[raters + j : rest.stop : STEPS] += np.bincount(block.dimension, reached, dims)
        for k in range(j, STEPS):
            joint = above[:, k] - above[:, j] * above[:, k]
            summed = np.bincount(block.dimension, joint, dims)
            at, to = raters + j + STEPS * np.arange(dims), raters + k + STEPS * np.arange(dims)
            whole[at, to] += summed
            if k > j:
                whole[to, at] += summed
    flat = between.reshape(raters, -1)
    whole[:raters, rest] += flat
    whole[rest, :raters] += flat.T
    if shared.learning:
        time = block.times[block.visit]
        slope[-1] += float((time * surplus).sum())
        whole[-1, -1] += float((time**2 * variance).sum())
        by_rater = np.bincount(block.rater, time * variance, raters)
        whole[-1, :raters] -= by_rater
        whole[:raters, -1] -= by_rater
        for j in range(STEPS):
            by_step = np.bincount(block.dimension, time * covariance[:, j], dims)
            whole[-1, raters + j : rest.stop : STEPS] -= by_step
            whole[raters + j : rest.stop : STEPS, -1] -= by_step


def _eliminated(block: Block, shared: Shared, curve: Curve, schur: Floats, slope: Floats) -> Floats:
    """Take a block's own unknowns out of the shared system; returns its own part of the step."""
    right = np.linalg.solve(curve.own, curve.slope[:, :, None])[:, :, 0]
    back = np.matmul(curve.cross.transpose(0, 2, 1), right[:, :, None])[:, :, 0]
    out = np.matmul(curve.cross.transpose(0, 2, 1), curve.solved)
    raters, slots = shared.raters, block.slots
    rest = shared.size - raters
    slope[:raters] -= np.bincount(block.raters.ravel(), back[:, :slots].ravel(), raters)
    slope[raters:] -= back[:, slots:].sum(axis=0)
    schur[raters:, raters:] -= out[:, slots:, slots:].sum(axis=0)
    at = (block.raters[:, :, None] * rest + np.arange(rest)).ravel()
    between = np.bincount(at, out[:, :slots, slots:].ravel(), raters * rest).reshape(raters, rest)
    schur[:raters, raters:] -= between
    schur[raters:, :raters] -= between.T
    at = (block.raters[:, :, None] * raters + block.raters[:, None, :]).ravel()
    summed = np.bincount(at, out[:, :slots, :slots].ravel(), raters * raters)
    schur[:raters, :raters] -= summed.reshape(raters, raters)
    return right
