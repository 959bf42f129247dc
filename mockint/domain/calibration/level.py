"""What a fit says of one candidate, on the 1 to 4 scale of the rubric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
