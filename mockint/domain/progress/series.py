"""Released feedback over time, dimension by dimension, and the little it allows to be said.

Scores are relative to a target level, so one series is one track at one level. Scores given on
different major versions of a rubric are not compared: only those of the newest major carry a
trend. Under three scores nothing is said. From three on the mean of the last two is held against
the mean of those before: half a point or more is "up" or "down", less is "even"; with fewer than
five scores, or less than a whole point, it may still be chance, and the page says so. The means
only order and compare; none of them is shown as a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mockint.domain.rubric import BAR

LEAST = 3
"""Scores before a line means anything."""
SURE_FROM = 5
STEP = 0.5
SURE_STEP = 1.0
READY_PEOPLE = 2


@dataclass(frozen=True, slots=True)
class Result:
    """One released interview."""

    booking_id: int
    at: datetime
    interviewer_id: int
    major: int
    recommendation: int
    scores: Mapping[str, int | None]
    """Dimension to score; None: not observed."""


class Direction(StrEnum):
    """What a series of scores shows."""

    EARLY = "early"
    UP = "up"
    DOWN = "down"
    EVEN = "even"


@dataclass(frozen=True, slots=True)
class Trend:
    """The last two scores against those before them."""

    direction: Direction
    count: int
    change: float = 0.0
    chance: bool = True
    """True while the change may still be chance."""


@dataclass(frozen=True, slots=True)
class Series:
    """One dimension over all interviews of its track and level."""

    dimension: str
    points: tuple[int | None, ...]
    """One entry an interview, oldest first; None where it was not observed."""
    given: tuple[int, ...]
    """The scores of the newest major version alone."""
    trend: Trend

    @property
    def latest(self) -> int | None:
        """The newest score."""
        return self.given[-1] if self.given else None

    @property
    def recent(self) -> float:
        """Mean of the last two scores; for ordering only."""
        last = self.given[-2:]
        return sum(last) / len(last) if last else float("inf")


@dataclass(frozen=True, slots=True)
class Progress:
    """A track at one level: what is known, and what to do next."""

    results: tuple[Result, ...]
    series: tuple[Series, ...]
    breaks: tuple[int, ...]
    """Indexes of the results before which a new major version begins."""

    @property
    def early(self) -> bool:
        """Too few interviews for a trend."""
        return len(self.results) < LEAST

    @property
    def yeses(self) -> int:
        """How many recommendations were yes or strong yes."""
        return sum(result.recommendation >= BAR for result in self.results)

    @property
    def people(self) -> int:
        """How many interviewers have given feedback."""
        return len({result.interviewer_id for result in self.results})

    @property
    def weakest(self) -> Series | None:
        """The dimension to work on: lowest over the last two, then latest, then over all."""
        known = [series for series in self.series if series.given]
        if not known:
            return None
        return min(known, key=lambda s: (s.recent, s.latest, sum(s.given) / len(s.given)))

    @property
    def gap(self) -> bool:
        """Whether the weakest dimension lies below the bar."""
        return self.weakest is not None and self.weakest.recent < BAR

    def strengths(self) -> list[Series]:
        """Dimensions at or above the bar in both of the last two interviews, best first."""
        found = [s for s in self._judged() if min(s.given[-2:]) >= BAR]
        return sorted(found, key=lambda s: -s.recent)

    def gaps(self) -> list[Series]:
        """Dimensions below the bar over the last two interviews, weakest first."""
        found = [s for s in self._judged() if s.recent < BAR]
        return sorted(found, key=lambda s: s.recent)

    def _judged(self) -> list[Series]:
        return [series for series in self.series if series.trend.direction != Direction.EARLY]


class Readiness(StrEnum):
    """How the last recommendations read; never a promise."""

    EARLY = "early"
    NOT_YET = "not_yet"
    OPEN = "open"
    LIKELY = "likely"


def trend(scores: Sequence[int]) -> Trend:
    """What the scores show; see the rule at the top."""
    if len(scores) < LEAST:
        return Trend(Direction.EARLY, len(scores))
    before, last = scores[:-2], scores[-2:]
    change = sum(last) / len(last) - sum(before) / len(before)
    chance = len(scores) < SURE_FROM or abs(change) < SURE_STEP
    if abs(change) < STEP:
        return Trend(Direction.EVEN, len(scores), change, chance)
    direction = Direction.UP if change > 0 else Direction.DOWN
    return Trend(direction, len(scores), change, chance)


def of(results: Sequence[Result], dimensions: Sequence[str]) -> Progress:
    """The progress of one track at one level; `dimensions` are those of the newest rubric."""
    ordered = tuple(sorted(results, key=lambda result: (result.at, result.booking_id)))
    newest = max((result.major for result in ordered), default=0)
    series = []
    for key in dimensions:
        points = tuple(result.scores.get(key) for result in ordered)
        given = tuple(
            point
            for point, result in zip(points, ordered, strict=True)
            if point is not None and result.major == newest
        )
        series.append(Series(key, points, given, trend(given)))
    breaks = tuple(
        index
        for index in range(1, len(ordered))
        if ordered[index].major != ordered[index - 1].major
    )
    return Progress(ordered, tuple(series), breaks)


def readiness(results: Sequence[Result]) -> Readiness:
    """The last three recommendations, by at least two people: all yes, none, or mixed."""
    last = sorted(results, key=lambda result: (result.at, result.booking_id))[-LEAST:]
    if len(last) < LEAST or len({result.interviewer_id for result in results}) < READY_PEOPLE:
        return Readiness.EARLY
    yeses = sum(result.recommendation >= BAR for result in last)
    if yeses == len(last):
        return Readiness.LIKELY
    return Readiness.OPEN if yeses else Readiness.NOT_YET
