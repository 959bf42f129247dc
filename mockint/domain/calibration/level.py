"""What a fit says of one candidate, on the 1 to 4 scale of the rubric, and what is worth saying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SILENT_UNDER, EARLY_UNDER = 3, 10
"""Feedbacks under which nothing is said of a rater, and under which it is called early."""
DRIFT_FLAG, HALO_FLAG = 2.0, 3.0
"""Standard errors from which on a talk is suggested."""
INFIT_EXPECTED = (0.5, 1.5)
"""Mean squared standardised residuals that are nothing to talk about."""
FAR_APART = 0.3
"""Points by which the linear mixed model may differ before it is said."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 90 % interval, all on the scale 1.0 to 4.0."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Visit:
    """The level as of one interview, oldest first in `Level.visits`."""

    interview: str
    """Its name in the ratings."""
    overall: Interval
    dimensions: Mapping[str, Interval]


@dataclass(frozen=True, slots=True)
class Level:
    """One candidate in one track and target level."""

    overall: Interval
    """The mean over dimensions, from a rater of average severity."""
    dimensions: Mapping[str, Interval]
    visits: tuple[Visit, ...]
    interviews: int
    raters: int
    fitted: bool
    """False: too few feedbacks for a fit, so the intervals come from fixed priors."""
    component: int
    """Candidates of different components never met through raters and are not comparable."""
