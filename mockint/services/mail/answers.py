"""What follows from answers to invitations: the other side is told, an address is asked."""

from __future__ import annotations

from datetime import datetime

from mockint.db import db
from mockint.domain.account import LINK_LIFE
from mockint.domain.reminder import still_useful
from mockint.domain.reply import Outcome, Partstat
from mockint.models import Booking, OutboxMessage, Reply
from mockint.services import invitation
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress

GONE = Suppress("the booking or the account is gone")


def declined(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """The other side cannot come, as long as they say so; nothing is cancelled by it."""
    booking, person = db.session.get(Booking, row.booking_id), parts.recipient(row)
    if booking is None or person is None or booking.side_of(person.id) != row.side:
        return GONE
    if booking.state != "confirmed":
        return Suppress("cancelled")
    if not still_useful(booking.start_at, now):
        return Suppress("the interview has begun", late=True)
    side = str(row.side)
    told = invitation.find(booking, "interviewer" if side == "candidate" else "candidate")
    if told is None or told.partstat != Partstat.DECLINED:
        return Suppress("they have answered otherwise meanwhile")
    return parts.mail(
        row,
        person,
        now=now,
        interview=parts.interview_of(booking, side),
        comment=told.comment,
        booked_at=booking.confirmed_at or booking.created_at,
    )


def confirm(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Ask the address on file whether an answer was theirs."""
    path, person = row.payload.get("link"), parts.recipient(row)
    held = db.session.get(Reply, int(row.payload.get("reply_id") or 0))
    booking = db.session.get(Booking, held.booking_id) if held else None
    if not path or held is None or booking is None or person is None:
        return Suppress("the answer, its link or the account is gone")
    life = LINK_LIFE["answer"]
    if held.outcome != Outcome.HELD:
        return Suppress("it is confirmed")
    if booking.state != "confirmed" or not still_useful(
        min(booking.start_at, row.created_at + life), now
    ):
        return Suppress("the interview is cancelled or has begun", late=True)
    return parts.mail(
        row,
        person,
        now=now,
        link=parts.url_of(str(path)),
        life=life,
        said="COUNTER" if held.method == "COUNTER" else held.partstat,
        interview=parts.interview_of(booking, str(held.side)),
    )


KINDS = {"declined": declined, "confirm-answer": confirm}
