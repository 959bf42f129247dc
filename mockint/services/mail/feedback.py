"""After the interview: rate the interviewer, feedback owed, late and ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from mockint.db import db
from mockint.domain import reminder
from mockint.domain.interview import Report, feedback_owed
from mockint.domain.rubric import TRACKS
from mockint.models import Booking, Feedback, InterviewerRating, OutboxMessage
from mockint.queries import community
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress

GONE = Suppress("the booking or the account is gone")
NOT_HELD = Suppress("the interview did not take place")
UNWRITTEN = ("draft", "withdrawn")
AFTER = ("feedback-ready", "feedback-addendum", "feedback-withdrawn", "feedback-closed")
"""Kinds that stay true whatever becomes of the booking's time and link."""
READABLE = ("released", "acknowledged")


@dataclass(frozen=True, slots=True)
class Owed:
    """One interview whose feedback is still to be written."""

    name: str
    track: str
    start: datetime
    end: datetime
    due: datetime
    page: str


def _booking(row: OutboxMessage) -> Booking | Suppress:
    """The interview, unless it was cancelled, moved or did not take place."""
    booking = db.session.get(Booking, row.booking_id)
    if booking is None or booking.side_of(row.person_id or 0) != row.side:
        return GONE
    if booking.state != "confirmed":
        return Suppress("cancelled")
    if booking.sequence != row.sequence and row.kind not in AFTER:
        return Suppress("superseded by a later change")
    return booking


def _written(booking: Booking) -> Feedback | None:
    found = db.session.scalar(select(Feedback).where(Feedback.booking_id == booking.id))
    return None if found is None or found.state in UNWRITTEN else found


def _owes(booking: Booking) -> bool:
    return feedback_owed(booking.interviewer_attendance, booking.candidate_attendance)


def rate(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Ask the candidate how the interviewer did, while that still releases something."""
    booking, person = _booking(row), parts.recipient(row)
    if isinstance(booking, Suppress) or person is None:
        return booking if isinstance(booking, Suppress) else GONE
    if Report.ABSENT in (booking.interviewer_attendance, booking.candidate_attendance):
        return NOT_HELD
    if db.session.get(InterviewerRating, booking.id) is not None:
        return Suppress("already rated")
    window = timedelta(hours=community.current().rating_window_hours)
    if not reminder.still_useful(booking.end_at + window, now):
        return Suppress("the time to rate is over", late=True)
    return parts.mail(
        row,
        person,
        now=now,
        interview=parts.interview_of(booking, "candidate"),
        page=parts.url("interviews", booking.id, "rating"),
        window=window,
    )


def nudge(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Remind the interviewer, once for everything owed, until the next nudge takes over."""
    booking, person = _booking(row), parts.recipient(row)
    if isinstance(booking, Suppress) or person is None:
        return booking if isinstance(booking, Suppress) else GONE
    if not _owes(booking):
        return NOT_HELD
    if _written(booking) is not None:
        return Suppress("the feedback is submitted")
    dues = reminder.nudges(booking.end_at)
    nth = min(max(int(row.payload.get("nth", 1)), 1), len(dues))
    if not reminder.still_useful(dues[nth - 1].useful_until, now):
        return Suppress("a later nudge takes over")
    owed = owed_by(person.id, now=now)
    return parts.mail(
        row,
        person,
        now=now,
        owed=owed,
        late=any(item.due <= now for item in owed),
        feedback_page=parts.url("feedback"),
    )


def owed_by(interviewer_id: int, *, now: datetime) -> list[Owed]:
    """Feedback this interviewer owes at the moment, the oldest first."""
    deadline = timedelta(hours=community.current().feedback_deadline_hours)
    bookings = db.session.scalars(
        select(Booking)
        .where(
            Booking.interviewer_id == interviewer_id,
            Booking.state == "confirmed",
            Booking.end_at <= now,
            Booking.end_at > now - reminder.ESCALATE_AFTER - timedelta(days=1),
        )
        .order_by(Booking.end_at)
    ).all()
    return [
        Owed(
            name=booking.candidate.name,
            track=TRACKS[booking.track],
            start=booking.start_at,
            end=booking.end_at,
            due=booking.end_at + deadline,
            page=parts.url("interviews", booking.id, "feedback"),
        )
        for booking in bookings
        if _owes(booking) and _written(booking) is None
    ]


def late(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Tell the candidate that the feedback is late and that it is being asked for."""
    booking, person = _booking(row), parts.recipient(row)
    if isinstance(booking, Suppress) or person is None:
        return booking if isinstance(booking, Suppress) else GONE
    if not _owes(booking) or booking.interviewer_attendance == Report.ABSENT:
        return NOT_HELD
    if _written(booking) is not None:
        return Suppress("the feedback is submitted")
    if not reminder.still_useful(booking.end_at + reminder.ESCALATE_AFTER, now):
        return Suppress("an organiser has taken over")
    return parts.mail(row, person, now=now, interview=parts.interview_of(booking, "candidate"))


def ready(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """The feedback can be read."""
    booking, person = _booking(row), parts.recipient(row)
    if isinstance(booking, Suppress) or person is None:
        return booking if isinstance(booking, Suppress) else GONE
    written = _written(booking)
    if written is None or written.state not in READABLE:
        return Suppress("the feedback is not released")
    return parts.mail(
        row,
        person,
        now=now,
        interview=parts.interview_of(booking, "candidate"),
        page=parts.url("interviews", booking.id, "feedback", "released"),
    )


def addendum(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """The interviewer added words to feedback that was read already."""
    return ready(row, now=now)


def ended(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """An organiser withdrew the feedback, or closed it unwritten; each side has its own words."""
    booking, person = _booking(row), parts.recipient(row)
    if isinstance(booking, Suppress) or person is None:
        return booking if isinstance(booking, Suppress) else GONE
    state = select(Feedback.state).where(
        Feedback.booking_id == booking.id, Feedback.author_id == booking.interviewer_id
    )
    if db.session.scalar(state) != "withdrawn":
        return Suppress("the form is open again")
    side = "candidate" if row.side == "candidate" else "interviewer"
    return parts.mail(
        row,
        person,
        now=now,
        interview=parts.interview_of(booking, side),
        book_page=parts.url("book"),
    )


KINDS = {
    "rate-interviewer": rate,
    "feedback-nudge": nudge,
    "feedback-late": late,
    "feedback-ready": ready,
    "feedback-addendum": addendum,
    "feedback-withdrawn": ended,
    "feedback-closed": ended,
}
