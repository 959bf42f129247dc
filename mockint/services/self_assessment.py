"""The candidate's own view of an interview, said before the feedback is released."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from mockint.db import db, insert_all, transaction
from mockint.domain import interview
from mockint.domain.errors import NotYours
from mockint.domain.progress import selfview
from mockint.models import Booking, Feedback, SelfAssessment
from mockint.queries import rubric as rubric_query


def say(booking_id: int, *, by: int, scores: Mapping[str, int], now: datetime) -> None:
    """Keep these scores in place of those said before; dimensions left out are skipped.

    Behind the booking's lock, which a release takes too: nothing is said after it.
    """
    with transaction():
        booking = db.session.scalar(
            select(Booking).where(Booking.id == booking_id).with_for_update(of=Booking)
        )
        if booking is None or booking.candidate_id != by:
            raise NotYours
        found = db.session.scalar(select(Feedback).where(Feedback.booking_id == booking_id))
        require_open(booking, found.state if found else "", now)
        row = found.rubric_set if found else rubric_query.newest()
        track = rubric_query.parsed(row).tracks[booking.track]
        selfview.require_scores(scores, track.keys)
        db.session.execute(delete(SelfAssessment).where(SelfAssessment.booking_id == booking_id))
        said = [
            {
                "booking_id": booking_id,
                "dimension": dimension.key,
                "score": scores[dimension.key],
                "rubric_set_id": row.id,
                "anchor_hash": dimension.anchor_hash(scores[dimension.key]),
                "said_at": now,
            }
            for dimension in track.dimensions
            if dimension.key in scores
        ]
        insert_all(SelfAssessment.__table__, said)


def require_open(booking: Booking, feedback: str, now: datetime) -> None:
    """Refuse it before the end, after an absence or a cancellation, and from the release on."""
    selfview.require_open(
        state=booking.state,
        end=booking.end_at,
        verdict=interview.verdict(booking.interviewer_attendance, booking.candidate_attendance),
        feedback=feedback,
        now=now,
    )
