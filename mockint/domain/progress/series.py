"""Released feedback over time, dimension by dimension, as it was given.

Scores are relative to a target level, so one series is one track at one level. Scores given on
different major versions of a rubric are not compared: only those of the newest major count as
given. What a level may be read from them is said in `progress.estimate`; here nothing is smoothed
and no mean is shown. The mean of the last two only says what to practise first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mockint.domain import weak
from mockint.domain.rubric import BAR

LEAST = 3
"""Interviews before a line means anything."""
READY_PEOPLE = 2
"""Interviewers before readiness is said."""


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


@dataclass(frozen=True, slots=True)
class Series:
    """One dimension over all interviews of its track and level."""

    dimension: str
    points: tuple[int | None, ...]
    """One entry an interview, oldest first; None where it was not observed."""
    given: tuple[int, ...]
    """The scores of the newest major version alone."""

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
    def after_weak(self) -> bool:
        """Whether the newest interview was no yes."""
        return bool(self.results) and weak.is_weak(self.results[-1].recommendation)

    @property
    def gap(self) -> bool:
        """Whether the weakest dimension lies below the bar."""
        return self.weakest is not None and self.weakest.recent < BAR


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
        series.append(Series(key, points, given))
    breaks = tuple(
        index
        for index in range(1, len(ordered))
        if ordered[index].major != ordered[index - 1].major
    )
    return Progress(ordered, tuple(series), breaks)
