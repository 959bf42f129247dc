"""An interview one side of which cannot come: saying so, and what was mailed."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy

from sqlalchemy import select

from mockint.db import db
from mockint.models import Booking, KeptMail, OutboxMessage
from mockint.services import answer, relay
from mockint.services.kept import KeepTransport
from tests.people import Character

MARA = Character("Mara", "mara@people.example", "Europe/Lisbon")
LEA = Character("Lea", "lea@people.example", "Europe/Madrid")


def says(booking: Booking, side: str, partstat: str, *, now: datetime) -> None:
    """One side answers on the page."""
    by = booking.candidate_id if side == "candidate" else booking.interviewer_id
    answer.give(booking.id, by=by, partstat=partstat, now=now)


def state_of(booking: Booking) -> str:
    db.session.expire_all()
    return db.session.get_one(Booking, booking.id).state


def mailed(now: datetime) -> list[tuple[str, str]]:
    """What leaves now: to whom, and the subject."""
    seen = len(db.session.scalars(select(KeptMail.id)).all())
    relay.sweep(now=now, transport=KeepTransport())
    found = db.session.scalars(select(KeptMail).order_by(KeptMail.id).offset(seen))
    messages = [message_from_bytes(one.raw, policy=policy.default) for one in found]
    return sorted((str(m["To"].addresses[0].display_name), str(m["Subject"])) for m in messages)


def kinds(now: datetime) -> list[tuple[str, int | None]]:
    """What leaves now: which kind of mail, to whom."""
    before = set(db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.state == "sent")))
    relay.sweep(now=now, transport=KeepTransport())
    found = db.session.scalars(select(OutboxMessage).where(OutboxMessage.state == "sent"))
    return sorted((one.kind, one.person_id) for one in found if one.id not in before)
