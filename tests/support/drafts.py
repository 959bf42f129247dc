"""Feedback that is being written, and the mails owed for it, as tests make and look at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.feedback import Part
from mockint.models import Booking, Feedback, OutboxMessage
from mockint.services import feedback, outbox

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
BEFORE = START - timedelta(days=2)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def row(booking: Booking) -> Feedback | None:
    db.session.expire_all()
    return db.session.scalar(select(Feedback).where(Feedback.booking_id == booking.id))


def state(booking: Booking) -> str:
    found = row(booking)
    return found.state if found else ""


def owe_mail(booking: Booking, *kinds: str) -> None:
    """What the booking plans for after the interview, here by hand."""
    with transaction():
        for number, kind in enumerate(kinds):
            outbox.record(
                key=f"booking:{booking.id}:interviewer:{kind}-{number}:0",
                kind=kind,
                booking_id=booking.id,
                due_at=END + HOUR,
                now=BEFORE,
            )


def mails(booking: Booking) -> dict[str, str]:
    db.session.expire_all()
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.booking_id == booking.id)
    ).all()
    return {mail.kind: mail.state for mail in rows}


def save(booking: Booking, part: Part, revision: int, now: datetime = END) -> Feedback:
    return feedback.save(
        booking.id, author_id=booking.interviewer_id, part=part, revision=revision, now=now
    )
