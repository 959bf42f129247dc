"""What a calibrated level allows to be said, and nothing more.

All rules read `calibration.level.Level`: values on the scale 1 to 4 with 90 % intervals, as of each
interview. Only released feedback is calibrated; a level that knows an interview which the candidate
cannot read (any more) is cut back to those before it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mockint.domain.calibration.level import Interval, Level, Visit
from mockint.domain.progress.series import LEAST, READY_PEOPLE, Progress, Result
from mockint.domain.rubric import BAR

Z90 = 1.6448536269514722
"""Half a 90 % interval in standard deviations."""
SURE = 0.9
NOT_YET_BELOW, LIKELY_ABOVE = 0.3, 0.7
_EDGE = 1e-3  # of the scale: a value at its very end has no logit


@dataclass(frozen=True, slots=True)
class Known:
    """A level as far as the candidate may see it: as of the interviews they can read."""

    visits: tuple[Visit, ...]
    """Oldest first; never empty."""
    unknown: tuple[int, ...]
    """Indexes of the results that the estimate has not heard of yet."""
    fitted: bool
    alone: bool
    """True: through its interviewers this candidate is not connected with most others."""

    @property
    def last(self) -> Visit:
        """As of the newest interview the estimate knows."""
        return self.visits[-1]


def known(level: Level | None, results: Sequence[Result]) -> Known | None:
    """What of the level may be shown; None when it knows none of the results.

    Visits count up to the first one that is not among the results. Components are numbered from
    0, the largest first.
    """
    if level is None:
        return None
    readable = {result.booking_id for result in results}
    visits: list[Visit] = []
    for visit in level.visits:
        if int(visit.interview) not in readable:
            break
        visits.append(visit)
    if not visits:
        return None
    heard = {int(visit.interview) for visit in visits}
    unknown = tuple(index for index, result in enumerate(results) if result.booking_id not in heard)
    return Known(tuple(visits), unknown, level.fitted, level.component > 0)


# The trend


class Move(StrEnum):
    """What a change over time is called."""

    PROGRESS = "progress"
    DECLINE = "decline"
    CHANCE = "chance"
    """The interval holds 0."""


@dataclass(frozen=True, slots=True)
class Change:
    """Since the first interview of the newest rubric, with a 90 % interval."""

    value: float
    low: float
    high: float

    @property
    def move(self) -> Move:
        """Progress or decline only where 0 is outside of the interval."""
        if self.low > 0:
            return Move.PROGRESS
        return Move.DECLINE if self.high < 0 else Move.CHANCE


def change(first: Interval, last: Interval) -> Change:
    """The difference, as if the two estimates erred apart from each other.

    They err together, as what is known of a person serves both, so the true interval is narrower:
    this one never calls something progress too soon.
    """
    value = last.value - first.value
    down = math.hypot(last.value - last.low, first.high - first.value)
    up = math.hypot(last.high - last.value, first.value - first.low)
    return Change(value, value - down, value + up)


@dataclass(frozen=True, slots=True)
class Line:
    """One dimension over all results: the level after each, where it is known."""

    dimension: str
    levels: tuple[Interval | None, ...]
    change: Change | None
    """None while it is too early to say."""

    @property
    def latest(self) -> Interval | None:
        """The newest level that is known."""
        return next((level for level in reversed(self.levels) if level is not None), None)


def line(found: Known | None, progress: Progress, dimension: str) -> Line:
    """The line of a dimension; without one where fewer than three scores carry it."""
    results = progress.results
    by_booking = {int(visit.interview): visit for visit in found.visits} if found else {}
    levels: list[Interval | None] = []
    carried: list[Interval] = []
    scored = 0
    newest = max((result.major for result in results), default=0)
    for result in results:
        visit = by_booking.get(result.booking_id)
        level = visit.dimensions.get(dimension) if visit else None
        levels.append(level)
        if level is not None and result.major == newest:
            carried.append(level)
            scored += result.scores.get(dimension) is not None
    if scored < LEAST:
        return Line(dimension, (None,) * len(results), None)
    return Line(dimension, tuple(levels), change(carried[0], carried[-1]))


# Strengths and gaps


class Standing(StrEnum):
    """A dimension beside the candidate's own mean."""

    STRENGTH = "strength"
    GAP = "gap"
    EVEN = "even"


@dataclass(frozen=True, slots=True)
class Lean:
    """How far one dimension lies above (or below) the candidate's own mean."""

    dimension: str
    level: Interval
    value: float
    low: float
    high: float
    above: float
    """Probability that it lies above the mean."""

    @property
    def standing(self) -> Standing:
        """Named only where it is at least nine to one."""
        if self.above > SURE:
            return Standing.STRENGTH
        return Standing.GAP if self.above < 1 - SURE else Standing.EVEN


def leans(visit: Visit, dimensions: Collection[str]) -> list[Lean]:
    """Dimensions by their distance to the own mean, best first.

    The mean is part of each dimension, and where dimensions are known alike the difference errs
    apart from it: its variance is the dimension's less the mean's. It is taken as a quarter of
    the dimension's at least, for those that are known better than the mean.
    """
    mean = visit.overall
    found = []
    for dimension in dimensions:
        level = visit.dimensions.get(dimension)
        if level is None:
            continue
        own, common = _spread(level) ** 2, _spread(mean) ** 2
        spread = math.sqrt(max(own - common, own / 4, 1e-6))
        value = level.value - mean.value
        reach = Z90 * spread
        above = _normal(value / spread)
        found.append(Lean(dimension, level, value, value - reach, value + reach, above))
    return sorted(found, key=lambda lean: -lean.value)


def _spread(level: Interval) -> float:
    """The standard deviation behind an interval, in points."""
    return (level.high - level.low) / (2 * Z90)


# Readiness


class Readiness(StrEnum):
    """How likely the level is at the bar; words, never a promise."""

    EARLY = "early"
    NOT_YET = "not_yet"
    OPEN = "open"
    LIKELY = "likely"


def chance_at_bar(level: Interval) -> float:
    """Probability that the true level is 3.0 or more.

    The interval is symmetric in the logit of (score - 1) / 3, so the chance is read off there.
    """
    low, high = _logit(level.low), _logit(level.high)
    spread = max((high - low) / (2 * Z90), 1e-6)
    return _normal((_logit(level.value) - _logit(float(BAR))) / spread)


def readiness(found: Known | None, results: Sequence[Result]) -> Readiness:
    """Not said before the estimate knows three interviews by two people."""
    if found is None:
        return Readiness.EARLY
    heard = [result for index, result in enumerate(results) if index not in found.unknown]
    people = {result.interviewer_id for result in heard}
    if len(heard) < LEAST or len(people) < READY_PEOPLE:
        return Readiness.EARLY
    chance = chance_at_bar(found.last.overall)
    if chance < NOT_YET_BELOW:
        return Readiness.NOT_YET
    return Readiness.LIKELY if chance > LIKELY_ABOVE else Readiness.OPEN


def weakest(visit: Visit, dimensions: Collection[str]) -> str | None:
    """The dimension with the lowest level."""
    levels: Mapping[str, Interval] = visit.dimensions
    found = [key for key in dimensions if key in levels]
    return min(found, key=lambda key: levels[key].value, default=None)


def _logit(score: float) -> float:
    share = min(max((score - 1) / 3, _EDGE), 1 - _EDGE)
    return math.log(share / (1 - share))


def _normal(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2
