"""What a row of the outbox says: claimed, read and given its Message-ID, then made a message."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import or_, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import joinedload, lazyload, selectinload

from mockint.adapters import ical, mailer, mime
from mockint.db import db, transaction
from mockint.models import Booking, OutboxMessage, Person
from mockint.queries import community
from mockint.services import invitation, mail, outbox
from mockint.settings import active

DEADLY_TRIES = 24
"""A row whose worker was not heard of again this often is given up: it may be what kills them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A claimed row and what is to be done with it, free of the database."""

    row: OutboxMessage
    attempt: int
    """Which try this is; whoever claims the row later has a higher one."""
    found: mail.Mail | mail.Suppress | Exception
    """What it says, why it must not go out, or what broke."""
    references: tuple[str, ...] = ()
    sender_name: str = ""


def prepare(message_ids: Sequence[int], *, now: datetime) -> list[Plan]:
    """Claim rows, read the truth about them and fix their Message-IDs, in one transaction.

    One that the database cannot stomach keeps no other from its turn, and pays with a try.
    """
    try:
        with transaction():
            db.session.expire_all()
            rows = outbox.claim(message_ids, now=now)
            kept = _read_ahead(rows)
            plans = [_plan(row, now=now) for row in rows]
            del kept
    except OperationalError:
        raise
    except SQLAlchemyError as error:
        if len(message_ids) > 1:
            return [plan for one in message_ids for plan in prepare([one], now=now)]
        plans = [Plan(row, row.attempts, error) for row in outbox.claim(message_ids, now=now)]
    for plan in plans:
        db.session.expunge(plan.row)
    return plans


def _read_ahead(rows: Sequence[OutboxMessage]) -> list[object]:
    """Load what these rows are about in a few statements; who holds the answer keeps it loaded."""
    bookings = {row.booking_id for row in rows} - {None}
    people = {row.person_id for row in rows} - {None}
    profiles = (joinedload(Person.candidate), joinedload(Person.interviewer))
    kept: list[object] = []
    if people or bookings:
        sides = (Booking.candidate_id, Booking.interviewer_id)
        theirs = [select(side).where(Booking.id.in_(bookings)) for side in sides]
        found = select(Person).where(
            or_(Person.id.in_(people), *(Person.id.in_(one) for one in theirs))
        )
        kept += db.session.scalars(found.options(*profiles))
    if bookings:
        loaded = select(Booking).where(Booking.id.in_(bookings))
        kept += db.session.scalars(
            loaded.options(
                lazyload(Booking.candidate),
                lazyload(Booking.interviewer),
                selectinload(Booking.invitations),
            )
        )
    return kept


def _plan(row: OutboxMessage, *, now: datetime) -> Plan:
    """What is to be done with a claimed row, by the truth of this moment."""
    if row.attempts > DEADLY_TRIES:
        return Plan(row, row.attempts, mail.Suppress("its worker ended every time", late=True))
    try:
        found = mail.of(row, now=now)
        if isinstance(found, mail.Suppress):
            return Plan(row, row.attempts, found)
        row.message_id = row.message_id or _message_id(row)
        references = _thread(row, found, row.message_id)
        return Plan(row, row.attempts, found, references, community.current().name)
    except SQLAlchemyError:
        raise
    except Exception as error:
        return Plan(row, row.attempts, error)


def message(plan: Plan, found: mail.Mail, *, now: datetime) -> EmailMessage:
    rendered = mailer.render(found.template, found.context, found.locale)
    envelope = mime.Envelope(
        message_id=plan.row.message_id,
        sender=active().sender,
        sender_name=plan.sender_name,
        recipient=found.address,
        recipient_name=found.name,
        date=now,
        references=plan.references,
        unsubscribe_url=found.unsubscribe_url,
    )
    entry = found.calendar
    return mime.build(
        rendered,
        envelope,
        calendar=ical.write(entry) if entry else b"",
        method=entry.method.value if entry else "",
    )


def _thread(row: OutboxMessage, found: mail.Mail, message_id: str) -> tuple[str, ...]:
    """The first invitation's Message-ID, to which every other mail of the booking answers."""
    booking = db.session.get(Booking, row.booking_id) if row.booking_id else None
    told = None
    if booking is not None and row.side and row.person_id:
        told = invitation.of(booking, row.side, row.person_id)
    if told is None:
        return ()
    if found.calendar is not None and not told.first_message_id:
        told.first_message_id = message_id
    first = told.first_message_id
    return (first,) if first and first != message_id else ()


def _message_id(row: OutboxMessage) -> str:
    """Stable for a booking's row, random for others; stored before anything is sent."""
    host = active().sender.rpartition("@")[2]
    booking = db.session.get(Booking, row.booking_id) if row.booking_id else None
    if booking is None:
        return f"<ac-{random.SystemRandom().getrandbits(128):032x}@{host}>"
    uid = booking.uid.partition("@")[0]
    what = row.key.removeprefix(f"booking:{booking.id}:{row.side}:")
    what = re.sub(r"[^a-z0-9-]+", ".", what.lower())
    return f"<bk-{uid}.{str(row.side)[:1]}.{what}@{host}>"


def bounces_to(row_id: int, message_id: str) -> str:
    """Envelope sender: our mailbox with the row behind a plus, proven by a piece of a hash."""
    local, _, host = active().sender.rpartition("@")
    proof = hashlib.sha256(message_id.encode()).hexdigest()[:12]
    return f"{local}+bounce-{row_id}-{proof}@{host}"
