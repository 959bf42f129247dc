"""How the installation does, in a handful of statements that stay cheap when it grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select, text

from mockint.db import db
from mockint.models import Booking, Heartbeat, Inbox, OutboxMessage
from mockint.queries import tables

PATIENCE_MS = 2000
"""PostgreSQL ends a statement of these after this long."""
BEAT_LATE = timedelta(minutes=3)
MAIL_LATE = timedelta(minutes=10)
DEAD_FOR = timedelta(days=1)
"""Organisers hear of a mail that was given up for so long."""
LONGEST_WAY = timedelta(days=60)
"""From when a mail is due to when it may still be given up: an interview lies no further ahead."""
NO_TABLES, OTHER_TABLES = "there are no tables", "the tables are of another version"


def be_quick() -> None:
    """Let no statement of this transaction take long."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text(f"SET LOCAL statement_timeout = {PATIENCE_MS}"))


def schema_gap(folder: str) -> str:
    """What keeps the tables from being those of the migrations in `folder`; empty when nothing."""
    present = tables.present(db.session.connection())
    if not present:
        return NO_TABLES
    return "" if present == tables.heads(folder) else OTHER_TABLES


def beats() -> dict[str, Heartbeat]:
    """Every background duty by name."""
    return {beat.name: beat for beat in db.session.scalars(select(Heartbeat))}


def oldest_owed(*, now: datetime) -> datetime | None:
    """Since when the mail that waits longest was due, tried in vain or not."""
    found = [
        db.session.scalar(
            select(func.min(OutboxMessage.due_at)).where(
                OutboxMessage.state == state, OutboxMessage.due_at <= now
            )
        )
        for state in ("pending", "sending")
    ]
    return min((at for at in found if at is not None), default=None)


def inbox_trouble() -> str:
    """Why the mailbox of answers cannot be read; empty when it can."""
    return db.session.scalar(select(Inbox.trouble).where(Inbox.trouble != "").limit(1)) or ""


@dataclass(frozen=True, slots=True)
class Totals:
    """What the database has counted, over all machines."""

    booked: int
    bookings: Mapping[str, int]
    mails: Mapping[str, int]


def totals() -> Totals:
    """Bookings ever made, and bookings and mails by state."""
    bookings = db.session.execute(
        select(Booking.state, func.count(), func.count(Booking.confirmed_at)).group_by(
            Booking.state
        )
    ).all()
    mails = db.session.execute(
        select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
    ).all()
    return Totals(
        booked=sum(made for _state, _number, made in bookings),
        bookings={state: number for state, number, _made in bookings},
        mails={row.state: row[1] for row in mails},
    )


def mail_fails(*, now: datetime) -> bool:
    """Whether organisers should look: a mail was given up of late, or the server takes none."""
    given_up = exists().where(
        OutboxMessage.state == "dead",
        OutboxMessage.due_at > now - LONGEST_WAY,
        OutboxMessage.next_try_at > now - DEAD_FOR,
    )
    shut = exists().where(Heartbeat.name == "sweep", Heartbeat.trouble != "")
    return bool(db.session.scalar(select(or_(given_up, shut))))
