"""What became of feedback after it was due: unwritten for long, closed, withdrawn, added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from mockint.db import db
from mockint.models import (
    Booking,
    Feedback,
    FeedbackAddendum,
    FeedbackWithdrawal,
    OutboxMessage,
)
from mockint.queries import lists

MOST = 50
RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Overdue:
    """Feedback that is owed and late."""

    booking: Booking
    begun: bool
    nudged: int
    """Reminders that were sent."""


def overdue(*, ended_before: datetime) -> list[Overdue]:
    """What is late, the longest waiting first; at most `MOST`."""
    nudged = (
        select(func.count())
        .where(
            OutboxMessage.booking_id == Booking.id,
            OutboxMessage.kind == "feedback-nudge",
            OutboxMessage.state == "sent",
        )
        .correlate(Booking)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Booking, Feedback.id, nudged)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .where(lists.overdue(ended_before))
        .order_by(Booking.end_at, Booking.id)
        .limit(MOST)
    ).unique()
    return [Overdue(booking, begun is not None, count) for booking, begun, count in rows]


def closed(*, now: datetime) -> list[tuple[Booking, FeedbackWithdrawal]]:
    """What organisers closed unwritten of late, the newest first."""
    rows = db.session.execute(
        select(Booking, FeedbackWithdrawal)
        .join(Feedback, Feedback.booking_id == Booking.id)
        .join(FeedbackWithdrawal, FeedbackWithdrawal.feedback_id == Feedback.id)
        .where(FeedbackWithdrawal.kind == "unwritten", FeedbackWithdrawal.at > now - RECENT)
        .order_by(FeedbackWithdrawal.at.desc())
        .limit(MOST)
    ).unique()
    return [(booking, ended) for booking, ended in rows]


def closed_count(interviewer_id: int) -> int:
    """How many feedbacks this interviewer never wrote; it stands on their record."""
    query = (
        select(func.count())
        .select_from(FeedbackWithdrawal)
        .join(Feedback, Feedback.id == FeedbackWithdrawal.feedback_id)
        .where(FeedbackWithdrawal.kind == "unwritten", Feedback.author_id == interviewer_id)
    )
    return db.session.scalar(query) or 0


def of(feedback_id: int) -> FeedbackWithdrawal | None:
    """How a feedback was ended, if it was."""
    return db.session.get(FeedbackWithdrawal, feedback_id)


def addenda(feedback_id: int) -> Sequence[FeedbackAddendum]:
    """What was added after the seal, the oldest first."""
    query = select(FeedbackAddendum).where(FeedbackAddendum.feedback_id == feedback_id)
    return db.session.scalars(query.order_by(FeedbackAddendum.id)).all()
