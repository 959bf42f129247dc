"""What candidates said of themselves; nobody else is ever asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from mockint.db import db
from mockint.domain.errors import NotYours
from mockint.models import Booking, Feedback, SelfAssessment
from mockint.models import RubricSet as RubricRow
from mockint.queries import rubric as rubric_query


def of_person(candidate_id: int) -> dict[int, dict[str, int]]:
    """Booking to dimension to score, of all of this candidate's interviews."""
    rows = db.session.execute(
        select(SelfAssessment.booking_id, SelfAssessment.dimension, SelfAssessment.score)
        .join(Booking, Booking.id == SelfAssessment.booking_id)
        .where(Booking.candidate_id == candidate_id)
        .order_by(SelfAssessment.booking_id)
    )
    found: dict[int, dict[str, int]] = {}
    for booking_id, dimension, score in rows:
        found.setdefault(booking_id, {})[dimension] = score
    return found


def of_booking(booking_id: int) -> dict[str, int]:
    """Dimension to score; empty when nothing was said."""
    rows = db.session.scalars(select(SelfAssessment).where(SelfAssessment.booking_id == booking_id))
    return {row.dimension: row.score for row in rows}


@dataclass(frozen=True, slots=True)
class Own:
    """What the form shows: the interview, the state of its feedback, and what was said."""

    booking: Booking
    feedback: str
    """Its state; empty while nothing is written."""
    rubric_row: RubricRow
    said: dict[str, int]


def one(booking_id: int, *, candidate_id: int) -> Own:
    """For the candidate of this interview; NotYours for anybody else."""
    row = db.session.execute(
        select(Booking, Feedback)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .where(
            Booking.id == booking_id,
            Booking.candidate_id == candidate_id,
            Booking.state != "held",
        )
    ).one_or_none()
    if row is None:
        raise NotYours
    booking, found = row
    rubric_row = found.rubric_set if found else rubric_query.newest()
    return Own(booking, found.state if found else "", rubric_row, of_booking(booking_id))
