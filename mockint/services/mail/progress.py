"""After a weak interview: what to practise, to who has booked no other one."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import func, select

from mockint.db import db
from mockint.domain import weak
from mockint.domain.feedback import VISIBLE
from mockint.models import Booking, Feedback, OutboxMessage
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress


def practise_next(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """While its reader is idle, wants reminders, and the feedback stands."""
    booking, person = db.session.get(Booking, row.booking_id), parts.recipient(row)
    if booking is None or person is None or booking.candidate_id != person.id:
        return Suppress("the booking or the account is gone")
    if not person.wants_reminders or not person.active:
        return Suppress("reminders are off")
    found = db.session.scalar(select(Feedback).where(Feedback.booking_id == booking.id))
    if found is None or found.state not in VISIBLE or found.released_at is None:
        return Suppress("the feedback was withdrawn")
    if not weak.useful(found.released_at, now):
        return Suppress("it is too long ago", late=True)
    if _went_on(person.id, found.released_at):
        return Suppress("another interview is booked")
    chosen = urlencode({"track": booking.track, "level": booking.level})
    return parts.mail(
        row,
        person,
        now=now,
        switchable=True,
        interview=parts.interview_of(booking, "candidate"),
        plan=[item.exercise for item in found.practice if item.done_at is None],
        book_page=f"{parts.url('book')}?{chosen}",
        plan_page=parts.url("progress", anchor="practise"),
    )


def _went_on(candidate_id: int, released_at: datetime) -> bool:
    """Whether they have an interview ahead, or had one since."""
    later = select(func.count()).where(
        Booking.candidate_id == candidate_id,
        Booking.state.in_(("held", "confirmed")),
        Booking.start_at > released_at,
    )
    return bool(db.session.scalar(later))


KINDS = {"practise-next": practise_next}
