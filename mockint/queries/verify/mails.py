"""I4 to I7: what people are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from mockint.models import Booking, OutboxMessage
from mockint.models.booking import SIDES
from mockint.queries.snapshot import BATCH

STALE = timedelta(minutes=10)
"""A due mail older than this while mail flows, or a lease that nobody ended, was forgotten."""
UNDER_WAY = timedelta(minutes=2)
"""A mail being sent when things change may end that much later; nobody could stop it."""

TOLD = {"confirmed": ("invitation", "update"), "cancelled": ("cancellation",)}
"""State of a booking to the kinds of mail that announce it."""
CALENDAR = tuple(kind for kinds in TOLD.values() for kind in kinds)


def mail_for_every_change(connection: Connection, now: datetime) -> Iterator[str]:
    """A confirmed booking told each side its SEQUENCE once; a cancelled one that it ended."""
    announces = or_(
        *(
            and_(Booking.state == state, OutboxMessage.kind.in_(kinds))
            for state, kinds in TOLD.items()
        )
    )
    told = [func.count(case((OutboxMessage.side == side, 1))) for side in SIDES]
    query = (
        select(Booking.id, Booking.state, *told)
        .join(
            OutboxMessage,
            and_(
                OutboxMessage.booking_id == Booking.id,
                OutboxMessage.sequence == Booking.sequence,
                OutboxMessage.kind.in_(CALENDAR),
                announces,
            ),
            isouter=True,
        )
        .where(Booking.state.in_(TOLD))
        .group_by(Booking.id)
        .having(or_(*(number != 1 for number in told)))
        .order_by(Booking.id)
    )
    for booking_id, state, *numbers in connection.execute(query):
        for side, number in zip(SIDES, numbers, strict=True):
            if number == 0:
                yield f"I4: booking {booking_id} is {state}, but nothing tells the {side} so."
            elif number > 1:
                yield f"I4: booking {booking_id} is {state}; {number} mails tell the {side} so."


def no_mail_without_change(connection: Connection, now: datetime) -> Iterator[str]:
    """No calendar mail announces a version or an end that the booking never had."""
    query = (
        select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.sequence, Booking.id)
        .join(Booking, Booking.id == OutboxMessage.booking_id)
        .where(
            OutboxMessage.kind.in_(CALENDAR),
            or_(
                OutboxMessage.sequence.is_(None),
                OutboxMessage.sequence > Booking.sequence,
                Booking.state == "held",
                and_(OutboxMessage.kind == "cancellation", Booking.state != "cancelled"),
            ),
        )
        .order_by(OutboxMessage.id)
    )
    for row_id, kind, sequence, booking_id in connection.execute(query):
        yield (
            f"I4: mail {row_id} ({kind}) announces version {sequence} of booking {booking_id}, "
            "which does not exist."
        )


def nothing_forgotten(connection: Connection, now: datetime) -> Iterator[str]:
    """Nothing due waits, unless the mail server takes nothing: then the desk says so."""
    failing = aliased(OutboxMessage)
    outage = exists().where(
        failing.state == "pending",
        failing.attempts > 0,
        failing.reason.startswith("the mail server"),
    )
    waits = and_(
        OutboxMessage.state == "pending",
        OutboxMessage.next_try_at < now - STALE,
        ~outage,
    )
    abandoned = and_(OutboxMessage.state == "sending", OutboxMessage.leased_until < now - STALE)
    query = select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.state)
    for row_id, kind, state in connection.execute(
        query.where(or_(waits, abandoned)).order_by(OutboxMessage.id)
    ):
        yield f"I5: mail {row_id} ({kind}) is {state} for more than ten minutes. Does a worker run?"


def ends_are_told(connection: Connection, now: datetime) -> Iterator[str]:
    """A mail that was sent has a time and a Message-ID; one given up has a reason."""
    query = select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.state).where(
        or_(
            and_(
                OutboxMessage.state == "sent",
                or_(OutboxMessage.sent_at.is_(None), OutboxMessage.message_id == ""),
            ),
            and_(OutboxMessage.state.in_(("suppressed", "dead")), OutboxMessage.reason == ""),
        )
    )
    missing = {"sent": "when and as what", "suppressed": "why", "dead": "why"}
    for row_id, kind, state in connection.execute(query.order_by(OutboxMessage.id)):
        yield f"I5: mail {row_id} ({kind}) is {state}, but nothing says {missing[state]}."


def one_message_id(connection: Connection, now: datetime) -> Iterator[str]:
    """A mail that is repeated keeps its Message-ID, and no other mail has it.

    Numbers sort in half the time of text, so PostgreSQL sorts hashes; two ids may share one, which
    is why those that do are compared in full.
    """
    key: Any = OutboxMessage.message_id
    if connection.dialect.name == "postgresql":
        key = func.hashtextextended(OutboxMessage.message_id, 0)
    given = OutboxMessage.message_id != ""
    keys = select(key.label("key")).where(given).subquery("keys")
    before = func.lag(keys.c.key).over(order_by=keys.c.key)
    walked = select(keys.c.key, before.label("before")).subquery("walked")
    twice = connection.scalars(
        select(walked.c.key).distinct().where(walked.c.key == walked.c.before)
    ).all()
    for part in range(0, len(twice), BATCH):
        query = (
            select(OutboxMessage.message_id)
            .where(given, key.in_(twice[part : part + BATCH]))
            .group_by(OutboxMessage.message_id)
            .having(func.count() > 1)
            .order_by(OutboxMessage.message_id)
        )
        for message_id in connection.scalars(query):
            yield f"I6: two mails share the Message-ID {message_id}."


def no_late_reminder(connection: Connection, now: datetime) -> Iterator[str]:
    """After the start it announces, or after a newer version or the end of the booking."""
    newer = aliased(OutboxMessage)
    overtaken_at = (
        select(func.min(newer.created_at))
        .where(
            newer.booking_id == OutboxMessage.booking_id,
            newer.side == OutboxMessage.side,
            newer.kind.in_(("update", "cancellation")),
            newer.sequence > OutboxMessage.sequence,
        )
        .scalar_subquery()
    )
    overtaken = Booking.sequence > OutboxMessage.sequence
    query = (
        select(OutboxMessage.id, Booking.id, OutboxMessage.sent_at)
        .add_columns(case((overtaken, overtaken_at), else_=Booking.start_at))
        .join(Booking, Booking.id == OutboxMessage.booking_id)
        .where(OutboxMessage.kind == "reminder", OutboxMessage.state == "sent")
        .where(or_(overtaken, OutboxMessage.sent_at > Booking.start_at))
        .order_by(OutboxMessage.id)
    )
    rows = connection.execute(query, execution_options={"yield_per": BATCH})
    for row_id, booking_id, sent_at, limit in rows:
        if sent_at and limit and sent_at - limit > UNDER_WAY:
            yield f"I7: reminder {row_id} for booking {booking_id} went out too late to be of use."
