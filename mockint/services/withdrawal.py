"""An organiser ends a feedback: takes back what was written, or gives up what was never written."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain import feedback as rules
from mockint.domain import interview
from mockint.domain.account import clean_text
from mockint.domain.errors import N_, Conflict, NotYours, TooEarly
from mockint.models import Booking, Feedback, FeedbackWithdrawal
from mockint.services import drafts, outbox
from mockint.services import feedback as feedback_service

REASON_MAX = 500
GIVE_UP_AFTER = timedelta(hours=72)
"""After the end: before that the interviewer is still being reminded."""
MAILS = (*feedback_service.NUDGES, "rate-interviewer", "feedback-ready", "feedback-addendum")
TOLD = ("feedback-withdrawn", "feedback-closed")


def withdraw(booking_id: int, *, by: int, reason: str, now: datetime) -> Feedback:
    """Take sealed or released feedback back, for good; both sides are told kindly by mail.

    It leaves progress and every statistic. Withdrawing twice changes nothing.
    """
    reason = clean_text("reason", reason, REASON_MAX, required=True)
    with transaction():
        booking, found = _found(booking_id)
        if found is None:
            raise NotYours
        if found.state == "withdrawn":
            return found
        if found.state not in rules.SEALED:
            raise Conflict(N_("Only feedback that is sealed or released can be withdrawn."))
        _end(booking, found, kind="withdrawn", by=by, reason=reason, now=now)
        _tell(booking, "feedback-withdrawn", now=now)
    return found


def give_up(booking_id: int, *, by: int, reason: str = "", now: datetime) -> Feedback:
    """Close as "no feedback" what is not written after 72 hours; a draft is kept, unread.

    It counts on the interviewer's record, never on the candidate's, who is told kindly.
    """
    reason = clean_text("reason", reason, REASON_MAX)
    with transaction():
        booking, found = _found(booking_id)
        if found is not None and found.state == "withdrawn":
            return found
        owed = interview.feedback_owed(booking.interviewer_attendance, booking.candidate_attendance)
        if booking.state != "confirmed" or not owed:
            raise Conflict(N_("No feedback is owed on this interview."))
        if found is not None and found.state != "draft":
            raise Conflict(N_("This feedback is written already."))
        if now < booking.end_at + GIVE_UP_AFTER:
            raise TooEarly(N_("The interviewer is still being reminded. Wait 72 hours."))
        found = found or drafts.begin(booking, rubric_set_id=None, now=now)
        _end(booking, found, kind="unwritten", by=by, reason=reason, now=now)
        _tell(booking, "feedback-closed", now=now)
    return found


def reopen(booking_id: int, *, by: int, now: datetime) -> Feedback:
    """Open again what was given up unwritten; mails that have not left are dropped."""
    with transaction():
        _booking, found = _found(booking_id)
        if found is None:
            raise NotYours
        if found.state == "draft":
            return found
        ended = db.session.get(FeedbackWithdrawal, found.id)
        if found.state != "withdrawn" or ended is None or ended.kind != "unwritten":
            raise Conflict(N_("Only feedback that was closed unwritten can be opened again."))
        feedback_service.move(found, "draft", by=by, now=now)
        db.session.delete(ended)
        outbox.suppress(booking_id=booking_id, kinds=TOLD, reason="the form is open again")
    return found


def _found(booking_id: int) -> tuple[Booking, Feedback | None]:
    booking = db.session.scalar(
        select(Booking).where(Booking.id == booking_id).with_for_update(of=Booking)
    )
    if booking is None:
        raise NotYours
    found = db.session.scalar(
        select(Feedback).where(
            Feedback.booking_id == booking_id, Feedback.author_id == booking.interviewer_id
        )
    )
    return booking, found


def _end(
    booking: Booking, found: Feedback, *, kind: str, by: int, reason: str, now: datetime
) -> None:
    feedback_service.move(found, "withdrawn", by=by, now=now)
    db.session.add(
        FeedbackWithdrawal(feedback_id=found.id, kind=kind, by_id=by, reason=reason, at=now)
    )
    outbox.suppress(booking_id=booking.id, kinds=MAILS, reason="the feedback was closed")


def _tell(booking: Booking, kind: str, *, now: datetime) -> None:
    """Both sides, each in their own words; a closing that was undone and repeated tells again."""
    sides = {"candidate": booking.candidate_id, "interviewer": booking.interviewer_id}
    for side, person_id in sides.items():
        told = outbox.number(booking_id=booking.id, side=side, kind=kind, sequence=booking.sequence)
        outbox.record(
            key=f"booking:{booking.id}:{side}:{kind}-{told + 1}:{booking.sequence}",
            kind=kind,
            person_id=person_id,
            booking_id=booking.id,
            side=side,
            sequence=booking.sequence,
            due_at=now,
            now=now,
        )
