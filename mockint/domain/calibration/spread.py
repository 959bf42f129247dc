"""How much people differ: standard deviations that make the scores most likely.

The marginal likelihood is Laplace's: the penalised likelihood at the joint mode, less half the log
determinant of the curvature there. Reading the spread off the modes instead would shrink it, since
a mode is drawn to the mean.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mockint.domain.calibration import model
from mockint.domain.calibration.blocks import Block
from mockint.domain.calibration.model import Mode, Shared, Spread

LEAST, MOST = 0.03, 4.0
"""Bounds of a standard deviation, in logits."""
REACHES = (1.0, 0.5, 0.25)
"""How far each round looks to both sides, in log variance."""
WITHIN = 1e-5
DOUBT = 0.5
"""How far the log variance of a candidate's deviations may lie from the usual one, as the standard
deviation of a prior: three scores a dimension say little of it, and Laplace's approximation, which
leans to 0 there, would make the intervals of single dimensions too narrow."""


def estimated(
    blocks: tuple[Block, ...], shared: Shared, first: Spread, *, names: tuple[str, ...]
) -> Spread:
    """The spread of `names`, one after the other, three rounds of parabolas in the log variance."""
    search = _Search(blocks, shared, first)
    for reach in REACHES:
        for name in names:
            search.improve(name, reach)
    return search.best


class _Search:
    def __init__(self, blocks: tuple[Block, ...], shared: Shared, first: Spread) -> None:
        self._blocks, self._shared = blocks, shared
        self._at: Mode = model.start(blocks, shared)
        self.best = first
        self._height = self._marginal(first)

    def improve(self, name: str, reach: float) -> None:
        """Move one spread to the top of the parabola through three points, if that is higher."""
        middle = 2 * np.log(getattr(self.best, name))
        low, high = (self._try(name, middle + way * reach) for way in (-1, 1))
        bend = low - 2 * self._height + high
        if bend < 0:
            away = float(np.clip(0.5 * reach * (low - high) / bend, -2 * reach, 2 * reach))
        else:
            away = 2 * reach if high > low else -2 * reach
        best = max(
            ((self._try(name, middle + away), middle + away), (low, middle - reach),
             (high, middle + reach)),
        )  # fmt: skip
        if best[0] > self._height:
            self.best, self._height = self._with(name, best[1]), best[0]

    def _with(self, name: str, log_variance: float) -> Spread:
        return replace(self.best, **{name: float(np.clip(np.exp(log_variance / 2), LEAST, MOST))})

    def _try(self, name: str, log_variance: float) -> float:
        return self._marginal(self._with(name, log_variance))

    def _marginal(self, spread: Spread) -> float:
        self._at, point = model.climb(self._blocks, self._shared, spread, self._at, within=WITHIN)
        found = -point.loss - 0.5 * point.log_determinant()
        found -= self._shared.raters * np.log(spread.severity)
        for block in self._blocks:
            found -= block.count * np.log(spread.ability)
            found -= block.count * block.dimensions * np.log(spread.deviation)
            if block.visits:
                luck = np.linalg.slogdet(spread.luck_covariance(block.visits))[1]
                found -= 0.5 * block.count * luck
        doubted = 2 * np.log(spread.deviation / Spread().deviation) / DOUBT
        return float(found - 0.5 * doubted**2)
