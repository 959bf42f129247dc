"""I3 and I9: what was acknowledged is there, and the hour that was promised still is that hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import String, and_, cast, literal, or_, select
from sqlalchemy.engine import Connection

from mockint.domain import zones
from mockint.models import AuditEntry, Booking, Feedback, Invitation
from mockint.queries import numbers
from mockint.queries.snapshot import BATCH


def what_was_told(connection: Connection, now: datetime) -> Iterator[str]:
    """A version that went out by mail was acknowledged, so the booking cannot be behind it."""
    query = (
        select(Invitation.booking_id, Invitation.side, Invitation.sent_sequence, Booking.sequence)
        .join(Booking, Booking.id == Invitation.booking_id)
        .where(Invitation.sent_sequence > Booking.sequence)
        .order_by(Invitation.booking_id, Invitation.side)
    )
    for booking_id, side, told, present in connection.execute(query):
        yield (
            f"I3: the {side} of booking {booking_id} was sent version {told}, but the booking is "
            f"at version {present}: a change was lost."
        )


def what_was_logged(connection: Connection, now: datetime) -> Iterator[str]:
    """A change and its entry in the log are one transaction, so neither is there alone."""
    subject = literal("booking:").concat(cast(Booking.id, String))
    query = (
        select(AuditEntry.id, AuditEntry.action, AuditEntry.subject, Booking.state)
        .join(Booking, subject == AuditEntry.subject, isouter=True)
        .where(
            AuditEntry.action.in_(("booking.move", "booking.cancel", "booking.behalf")),
            or_(
                Booking.id.is_(None),
                and_(AuditEntry.action == "booking.cancel", Booking.state != "cancelled"),
                and_(AuditEntry.action == "booking.move", Booking.sequence == 0),
            ),
        )
        .order_by(AuditEntry.id)
    )
    for entry_id, action, about, state in connection.execute(query):
        found = f"{about.replace(':', ' ')} is {state}" if state else "there is no such booking"
        yield f"I3: entry {entry_id} of the log says {action} of {about}, but {found}."


def numbers_given(connection: Connection, now: datetime) -> Iterator[str]:
    """The next number is a new one: an old link must not meet what somebody else made."""
    for table, last in numbers.given(connection).items():
        highest = numbers.highest(connection, table)
        if highest > last:
            yield f"I3: table {table} would give number {last + 1} next, but has {highest} already."


def rows_that_are_missing(connection: Connection, now: datetime) -> Iterator[str]:
    """SQLite looks at references only while it is told to; PostgreSQL always."""
    if connection.dialect.name != "sqlite":
        return
    for table, row_id, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        row = f"row {row_id}" if row_id is not None else "a row"
        yield f"I3: {row} of table {table} belongs to a row of table {parent} that is missing."


def wall_time(connection: Connection, now: datetime) -> Iterator[str]:
    """What was promised is a time on the wall, which new zone rules may put elsewhere."""
    query = select(Booking.id, Booking.start_at, Booking.zone, Booking.wall_start).where(
        Booking.state == "confirmed", Booking.start_at > now
    )
    rows = connection.execute(query.order_by(Booking.id), execution_options={"yield_per": BATCH})
    for booking_id, start_at, zone, promised in rows:
        found = zones.wall_text(zone, start_at) if zones.canonical(zone) else "nothing"
        if found != promised:
            yield (
                f"I9: booking {booking_id} was promised for {promised} in {zone}, "
                f"but the zone data now says {found}."
            )


def sealed_before_release(connection: Connection, now: datetime) -> Iterator[str]:
    """Feedback is read only once nobody can change it any more."""
    query = select(Feedback.id).where(
        Feedback.state.in_(("released", "acknowledged")),
        or_(Feedback.released_at.is_(None), Feedback.sealed_at.is_(None)),
    )
    for feedback_id in connection.scalars(query.order_by(Feedback.id)):
        yield f"Feedback {feedback_id} is released but was never sealed."
