"""Ratings to calibrate, and what calibration said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from mockint.db import db
from mockint.domain import interview
from mockint.domain import rubric as rubric_rules
from mockint.domain.calibration.level import Interval, Level, Visit
from mockint.domain.feedback import VISIBLE
from mockint.models import (
    Booking,
    CalibrationJob,
    CalibrationRun,
    CandidateLevel,
    Feedback,
    FeedbackScore,
    Person,
    RaterTendency,
    RubricSet,
)

COUNTED = VISIBLE
"""Only what its candidate can read: a level moved by sealed feedback would tell of it early."""
ERA = "@"
"""Between a dimension and the major version it was defined in: each has thresholds of its own."""

_RATINGS = (
    select(
        Feedback.id,
        Booking.id.label("booking_id"),
        Booking.candidate_id,
        Booking.level,
        Feedback.author_id,
        Booking.start_at,
        Booking.candidate_attendance,
        Booking.interviewer_attendance,
        RubricSet.version,
        FeedbackScore.dimension,
        FeedbackScore.score,
    )
    .join(Booking, Booking.id == Feedback.booking_id)
    .join(RubricSet, RubricSet.id == Feedback.rubric_set_id)
    .join(FeedbackScore, FeedbackScore.feedback_id == Feedback.id)
    .where(
        Booking.track == bindparam("track"),
        Booking.state == "confirmed",
        Feedback.state.in_(COUNTED),
    )
    .order_by(Feedback.id, FeedbackScore.position, FeedbackScore.dimension)
)


def ratings(track: str) -> list[tuple[Any, ...]]:
    """The fields of `domain.calibration.ratings.Rating` of every score that counts.

    A candidate is a person at a target level, since scores are relative to it.
    """
    found = []
    for row in db.session.execute(_RATINGS, {"track": track}):
        came = interview.verdict(row.candidate_attendance, row.interviewer_attendance)
        if not interview.counts_for_progress(came):
            continue
        era = rubric_rules.major(row.version)
        found.append(
            (
                str(row.id),
                str(row.booking_id),
                f"{row.candidate_id}{ERA}{row.level}",
                str(row.author_id),
                row.start_at.toordinal(),
                False,
                f"{row.dimension}{ERA}{era}",
                row.score,
            )
        )
    return found


_NEWEST = select(func.max(CalibrationRun.id)).group_by(CalibrationRun.track)


def runs() -> dict[str, CalibrationRun]:
    """Track to its newest run."""
    found = db.session.scalars(select(CalibrationRun).where(CalibrationRun.id.in_(_NEWEST)))
    return {run.track: run for run in found}


def job() -> CalibrationJob | None:
    """What is asked for, and how the last one ended."""
    return db.session.get(CalibrationJob, 1, populate_existing=True)


_LEVELS = (
    select(CalibrationRun.track, CandidateLevel.level, CandidateLevel.estimate)
    .join(CandidateLevel, CandidateLevel.run_id == CalibrationRun.id)
    .where(CandidateLevel.person_id == bindparam("person_id"), CalibrationRun.id.in_(_NEWEST))
)


def levels(person_id: int) -> dict[tuple[str, str], Level]:
    """(track, target level) to what the newest run says; nothing before the first one.

    Dimensions are those of the candidate's last interview, by their key; `Visit.interview` is the
    booking's number as text.
    """
    return {
        (row.track, row.level): _level(row.estimate)
        for row in db.session.execute(_LEVELS, {"person_id": person_id})
    }


def _level(said: Mapping[str, Any]) -> Level:
    return Level(
        Interval(*said["overall"]),
        _dimensions(said["dimensions"]),
        tuple(
            Visit(booking, Interval(*overall), _dimensions(dimensions))
            for booking, overall, dimensions in said["visits"]
        ),
        said["interviews"],
        said["raters"],
        said["fitted"],
        said["component"],
    )


def _dimensions(said: Mapping[str, Sequence[float]]) -> dict[str, Interval]:
    return {name.partition(ERA)[0]: Interval(*numbers) for name, numbers in said.items()}


@dataclass(frozen=True, slots=True)
class Colleague:
    """An interviewer on the organisers' page."""

    person_id: int
    name: str
    tendency: RaterTendency


def colleagues(run_id: int) -> list[Colleague]:
    """Everybody who rated, by name: this is no league table."""
    rows = db.session.execute(
        select(Person.id, Person.name, RaterTendency)
        .join(RaterTendency, RaterTendency.person_id == Person.id)
        .where(RaterTendency.run_id == run_id, RaterTendency.feedbacks > 0)
        .order_by(func.lower(Person.name), Person.id)
    )
    return [Colleague(person_id, name, tendency) for person_id, name, tendency in rows]


@dataclass(frozen=True, slots=True)
class Own:
    """One track of an interviewer: what is said now, and what was said before, oldest first."""

    track: str
    now: RaterTendency
    history: tuple[tuple[datetime, RaterTendency], ...]


def of_rater(person_id: int) -> list[Own]:
    """What calibration says of one interviewer, by track."""
    run = aliased(CalibrationRun)
    rows = db.session.execute(
        select(run.track, run.made_at, RaterTendency)
        .join(run, run.id == RaterTendency.run_id)
        .where(RaterTendency.person_id == person_id, RaterTendency.feedbacks > 0)
        .order_by(run.track, run.id)
    )
    by_track: dict[str, list[tuple[datetime, RaterTendency]]] = {}
    for track, made_at, tendency in rows:
        by_track.setdefault(track, []).append((made_at, tendency))
    return [Own(track, said[-1][1], tuple(said)) for track, said in by_track.items()]
