"""About interviewers' own calendars: one cannot be read, one is busy during an interview."""

from __future__ import annotations

from datetime import datetime

from mockint.db import db
from mockint.domain.reminder import still_useful
from mockint.models import Booking, BusyCalendar, OutboxMessage
from mockint.queries import busytime
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress

GONE = Suppress("the calendar, the booking or the account is gone")


def failing(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """While the same failure lasts; by then it may keep new bookings out."""
    person = parts.recipient(row)
    calendar = db.session.get(BusyCalendar, int(row.payload.get("calendar_id", 0)))
    if person is None or calendar is None or calendar.person_id != person.id:
        return GONE
    since = calendar.failing_since
    if since is None or since.isoformat() != row.payload.get("since"):
        return Suppress("the calendar was read again")
    return parts.mail(
        row,
        person,
        now=now,
        calendar_name=calendar.name,
        closed=calendar.closed,
        since=since,
        read_at=calendar.read_at,
        trouble=calendar.trouble,
        about=calendar.trouble_about,
        page=parts.url("hours", "calendars"),
    )


def busy(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """While the interview is ahead, the calendar is busy then and nobody has said what to do."""
    person, booking = parts.recipient(row), db.session.get(Booking, row.booking_id)
    if person is None or booking is None or booking.interviewer_id != person.id:
        return GONE
    if not still_useful(booking.start_at, now):
        return Suppress("the interview has begun", late=True)
    if booking.sequence != row.sequence or not busytime.asked(booking, now=now):
        return Suppress("there is nothing to decide any more")
    return parts.mail(
        row,
        person,
        now=now,
        interview=parts.interview_of(booking, "interviewer"),
        page=parts.url("interviews", booking.id, anchor="busy"),
    )


KINDS = {"calendar-failing": failing, "calendar-busy": busy}
