"""The invariants that must hold on any database; each broken one is said in words.

I1 no person in two places; I2 holds have a deadline and cancelled bookings own nothing;
I4 no state change without its mail and no mail without one; I5 nothing owed is forgotten;
I6 repeats carry one Message-ID; I7 no reminder after the start; I9 the promised wall time holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from mockint.db import db
from mockint.domain import timespan, zones
from mockint.models import Booking, Feedback, Occupancy, OutboxMessage

STALE = timedelta(minutes=10)
"""A due mail older than this while mail flows, or a lease that nobody ended, was forgotten."""

LIVE = ("held", "confirmed")


def violations(*, now: datetime) -> Iterator[str]:
    """Every broken invariant as a sentence naming the rows."""
    for check in CHECKS:
        yield from check(now)


def _two_places(now: datetime) -> Iterator[str]:
    """Overlaps found from the bookings alone, not from the table that should prevent them."""
    one, other = aliased(Booking), aliased(Booking)
    people = or_(
        one.candidate_id == other.candidate_id,
        one.candidate_id == other.interviewer_id,
        one.interviewer_id == other.candidate_id,
        one.interviewer_id == other.interviewer_id,
    )
    query = select(one.id, other.id).where(
        one.id < other.id,
        one.start_at < other.end_at,
        other.start_at < one.end_at,
        people,
        *(_live(side, now) for side in (one, other)),
    )
    for first, second in db.session.execute(query):
        yield f"I1: bookings {first} and {second} put one person in two places at once."


def _live(booking: type[Booking], now: datetime) -> ColumnElement[bool]:
    return or_(
        booking.state == "confirmed", and_(booking.state == "held", booking.held_until > now)
    )


def _cells(now: datetime) -> Iterator[str]:
    """The cells a booking owns are exactly the quarter hours of its two people."""
    owned: dict[int, set[tuple[int, int]]] = {}
    for person_id, cell, booking_id in db.session.execute(
        select(Occupancy.person_id, Occupancy.cell, Occupancy.booking_id)
    ):
        owned.setdefault(booking_id, set()).add((person_id, cell))
    rows = db.session.execute(
        select(
            Booking.id,
            Booking.state,
            Booking.candidate_id,
            Booking.interviewer_id,
            Booking.start_at,
            Booking.end_at,
        )
    )
    for booking_id, state, candidate_id, interviewer_id, start_at, end_at in rows:
        expected = {
            (person, cell)
            for person in (candidate_id, interviewer_id)
            for cell in (timespan.cells(start_at, end_at) if state in LIVE else ())
        }
        found = owned.get(booking_id, set())
        if found != expected:
            yield (
                f"I1/I2: booking {booking_id} ({state}) owns {len(found)} quarter hours "
                f"instead of {len(expected)}."
            )


def _mail_for_every_change(now: datetime) -> Iterator[str]:
    """A confirmed booking told both sides its SEQUENCE; a cancelled one told them it ended."""
    told = {
        (booking_id, side, sequence, kind)
        for booking_id, side, sequence, kind in db.session.execute(
            select(
                OutboxMessage.booking_id,
                OutboxMessage.side,
                OutboxMessage.sequence,
                OutboxMessage.kind,
            ).where(OutboxMessage.kind.in_(("invitation", "update", "cancellation")))
        )
    }
    bookings = db.session.execute(
        select(Booking.id, Booking.state, Booking.sequence).where(Booking.state != "held")
    )
    sequences: dict[int, int] = {}
    for booking_id, state, sequence in bookings.all():
        sequences[booking_id] = sequence
        kinds = ("cancellation",) if state == "cancelled" else ("invitation", "update")
        for side in ("candidate", "interviewer"):
            if not any((booking_id, side, sequence, kind) in told for kind in kinds):
                yield f"I4: booking {booking_id} is {state}, but nothing tells the {side} so."
    for of, side, announced, kind in told:
        if (announced or 0) > sequences.get(of or 0, -1):
            yield (
                f"I4: a mail ({kind}, {side}) announces version {announced} of booking "
                f"{of}, which does not exist."
            )


def _nothing_forgotten(now: datetime) -> Iterator[str]:
    query = select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.state).where(
        or_(
            and_(
                OutboxMessage.state == "pending",
                OutboxMessage.attempts == 0,
                OutboxMessage.next_try_at < now - STALE,
            ),
            and_(OutboxMessage.state == "sending", OutboxMessage.leased_until < now - STALE),
        )
    )
    for row_id, kind, state in db.session.execute(query):
        yield f"I5: mail {row_id} ({kind}) is {state} for more than ten minutes. Does a worker run?"


def _one_message_id(now: datetime) -> Iterator[str]:
    query = (
        select(OutboxMessage.message_id)
        .where(OutboxMessage.message_id != "")
        .group_by(OutboxMessage.message_id)
        .having(func.count() > 1)
    )
    for message_id in db.session.scalars(query):
        yield f"I6: two mails share the Message-ID {message_id}."


def _no_late_reminder(now: datetime) -> Iterator[str]:
    query = (
        select(OutboxMessage.id, Booking.id)
        .join(Booking, Booking.id == OutboxMessage.booking_id)
        .where(
            OutboxMessage.kind == "reminder",
            OutboxMessage.state == "sent",
            or_(
                and_(
                    OutboxMessage.sequence == Booking.sequence,
                    OutboxMessage.sent_at >= Booking.start_at,
                ),
                OutboxMessage.sent_at > Booking.cancelled_at,
            ),
        )
    )
    for row_id, booking_id in db.session.execute(query):
        yield f"I7: reminder {row_id} for booking {booking_id} went out too late to be of use."


def _promised_wall_time(now: datetime) -> Iterator[str]:
    query = select(Booking.id, Booking.start_at, Booking.zone, Booking.wall_start).where(
        Booking.state == "confirmed", Booking.start_at > now
    )
    for booking_id, start_at, zone, promised in db.session.execute(query):
        found = zones.wall_text(zone, start_at)
        if found != promised:
            yield (
                f"I9: booking {booking_id} was promised for {promised} in {zone}, "
                f"but the zone data now says {found}."
            )


def _sealed_before_release(now: datetime) -> Iterator[str]:
    query = select(Feedback.id).where(
        Feedback.state.in_(("released", "acknowledged")),
        or_(Feedback.released_at.is_(None), Feedback.sealed_at.is_(None)),
    )
    for feedback_id in db.session.scalars(query):
        yield f"Feedback {feedback_id} is released but was never sealed."


CHECKS: tuple[Callable[[datetime], Iterator[str]], ...] = (
    _two_places,
    _cells,
    _mail_for_every_change,
    _nothing_forgotten,
    _one_message_id,
    _no_late_reminder,
    _promised_wall_time,
    _sealed_before_release,
)
