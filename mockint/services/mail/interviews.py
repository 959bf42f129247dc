"""Invitation, update, cancellation, reminder and the question about new clock rules: the booking as
it is when the mail leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from mockint.db import db
from mockint.domain.reminder import still_useful
from mockint.domain.timespan import Span
from mockint.models import Booking, OutboxMessage, Person
from mockint.queries import community, promises
from mockint.services import invitation
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress
from mockint.settings import active

GONE = Suppress("the booking or the account is gone")
SUPERSEDED = Suppress("superseded by a later change")
BEGUN = Suppress("the interview has begun", late=True)


def _of(row: OutboxMessage) -> tuple[Booking, Person] | None:
    booking = db.session.get(Booking, row.booking_id)
    person = parts.recipient(row)
    if booking is None or person is None or booking.side_of(person.id) != row.side:
        return None
    return booking, person


def _told(booking: Booking, side: str) -> bool:
    """Whether this side's calendar may know of the booking; a try counts, it may have arrived."""
    row = invitation.find(booking, side)
    return row is not None and bool(row.first_message_id)


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def _name(person_id: object) -> str:
    """The shown name of somebody a row names; empty when it names nobody."""
    person = db.session.get(Person, int(str(person_id))) if person_id else None
    return person.name if person is not None else ""


def request(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Invitation or update, one REQUEST; what was never invited gets an invitation, not news."""
    found = _of(row)
    if found is None:
        return GONE
    booking, person = found
    if booking.state != "confirmed" or booking.sequence != row.sequence:
        return SUPERSEDED
    if not still_useful(booking.start_at, now):
        return BEGUN
    side = str(row.side)
    is_news = row.kind == "update" and _told(booking, side)
    rules = community.current()
    return parts.mail(
        row,
        person,
        now=now,
        template="update" if is_news else "invitation",
        calendar=invitation.for_mail(booking, side, now=now),
        interview=parts.interview_of(booking, side),
        old_start=_instant(row.payload.get("old_start")),
        old_end=_instant(row.payload.get("old_end")),
        instead_of=_name(row.payload.get("instead_of")),
        deadline_hours=rules.feedback_deadline_hours,
        answers_read=active().takes_replies,
        booked_at=booking.confirmed_at or booking.created_at,
    )


def cancellation(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """CANCEL to everybody who was, or may have been, asked to come."""
    found = _of(row)
    if found is None:
        return GONE
    booking, person = found
    side = str(row.side)
    if booking.state != "cancelled" or booking.sequence != row.sequence:
        return SUPERSEDED
    if not _told(booking, side):
        return Suppress("the invitation never left")
    if not still_useful(booking.end_at, now):
        return Suppress("its time is over", late=True)
    return parts.mail(
        row,
        person,
        now=now,
        calendar=invitation.for_mail(booking, side, now=now),
        interview=parts.interview_of(booking, side),
        by=str(booking.cancelled_side),
        reason=booking.cancel_reason.strip(),
        declined=tuple(row.payload.get("declined") or ()),
        next_start=_instant(row.payload.get("next_start")),
        next_page=parts.url("interviews", booking.id, "instead"),
        book_page=parts.url("book"),
        booked_at=booking.confirmed_at or booking.created_at,
    )


def replaced(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """CANCEL to an interviewer whose place somebody else has taken, for what they were told."""
    booking, person = db.session.get(Booking, row.booking_id), parts.recipient(row)
    told = invitation.of_leaver(booking, person.id) if booking and person else None
    if booking is None or person is None or told is None:
        return GONE
    if not told.first_message_id:
        return Suppress("the invitation never left")
    start, end = _instant(row.payload.get("old_start")), _instant(row.payload.get("old_end"))
    if start is None or end is None or not still_useful(end, now):
        return Suppress("its time is over", late=True)
    span, sequence = Span(start, end), row.sequence or 0
    shown = replace(parts.interview_of(booking, "interviewer"), start=start, end=end, link="")
    return parts.mail(
        row,
        person,
        now=now,
        calendar=invitation.for_leaver(booking, told, span=span, sequence=sequence, now=now),
        interview=shown,
        booked_at=booking.confirmed_at or booking.created_at,
    )


def reminder(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Only for the time it was planned for, only before the start, only to who wants it."""
    found = _of(row)
    if found is None:
        return GONE
    booking, person = found
    if booking.state != "confirmed":
        return Suppress("cancelled")
    if not still_useful(booking.start_at, now):
        return Suppress("the interview has begun")
    if booking.sequence != row.sequence:
        return SUPERSEDED
    if not person.wants_reminders:
        return Suppress("reminders are switched off")
    return parts.mail(
        row,
        person,
        now=now,
        switchable=True,
        interview=parts.interview_of(booking, str(row.side)),
    )


def clock_rules(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """While new zone rules put the interview elsewhere on the interviewer's wall."""
    found = _of(row)
    if found is None:
        return GONE
    booking, person = found
    if not still_useful(booking.start_at, now):
        return BEGUN
    if booking.sequence != row.sequence or not promises.is_open(booking, now=now):
        return Suppress("there is nothing to decide any more")
    return parts.mail(
        row,
        person,
        now=now,
        interview=parts.interview_of(booking, "interviewer"),
        zone=booking.zone,
        promised=promises.of(booking).said.replace(tzinfo=UTC),  # only to be written as it reads
        page=parts.url("interviews", booking.id, anchor="promise"),
    )


KINDS = {
    "clock-rules": clock_rules,
    "invitation": request,
    "update": request,
    "cancellation": cancellation,
    "replaced": replaced,
    "reminder": reminder,
}
