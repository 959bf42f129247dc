"""What the outbox owes, as the tests of its relay make it and look at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

from icalendar import Calendar
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import OutboxMessage, Person
from mockint.services import outbox, relay

NOW = datetime(2026, 11, 23, 9, 36, tzinfo=UTC)
START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CALENDAR = ("invitation", "update", "cancellation")
Sweep = Callable[[datetime], relay.Swept]


def rows(*kinds: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    if kinds:
        query = query.where(OutboxMessage.kind.in_(kinds))
    db.session.rollback()
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def states(*kinds: str) -> list[str]:
    return [row.state for row in rows(*kinds)]


def owe(kind: str, person: Person, key: str, *, due_at: datetime = NOW, link: str = "/x") -> None:
    with transaction():
        outbox.record(
            key=key, kind=kind, person_id=person.id, due_at=due_at, now=due_at,
            payload={"link": link},
        )  # fmt: skip


def ics_of(message: EmailMessage) -> Calendar:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return Calendar.from_ical(part.get_content())
    raise AssertionError("no calendar object")


def event_of(message: EmailMessage) -> tuple[str, str, int]:
    """Method, UID and SEQUENCE of a calendar mail."""
    calendar = ics_of(message)
    event = calendar.events[0]
    return str(calendar["METHOD"]), str(event["UID"]), event.sequence
