"""The invariants that must hold on any database; each broken one is said in words.

I1 no person in two places; I2 holds have a deadline and cancelled bookings own nothing;
I4 no state change without its mail and no mail without one; I5 nothing owed is forgotten;
I6 repeats carry one Message-ID; I7 no reminder after the start; I9 the promised wall time holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import and_, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from mockint.db import db
from mockint.domain import timespan, zones
from mockint.models import Booking, Feedback, Occupancy, OutboxMessage
from mockint.models.booking import SIDES

STALE = timedelta(minutes=10)
"""A due mail older than this while mail flows, or a lease that nobody ended, was forgotten."""
LEASE = timedelta(minutes=2)
"""A mail being sent when things change may end that much later; nobody could stop it."""

LIVE = ("held", "confirmed")
TOLD = {"confirmed": ("invitation", "update"), "cancelled": ("cancellation",)}
"""State of a booking to the kinds of mail that announce it."""


def violations(*, now: datetime) -> Iterator[str]:
    """Every broken invariant as a sentence naming the rows."""
    for check in CHECKS:
        yield from check(now)


def _two_places(now: datetime) -> Iterator[str]:
    """Overlaps found from the bookings alone, not from the table that should prevent them.

    Along each person's bookings by start, one that begins before the latest end so far overlaps.
    """
    live = or_(
        Booking.state == "confirmed", and_(Booking.state == "held", Booking.held_until > now)
    )
    spans = union_all(
        *(
            select(
                who.label("person_id"),
                Booking.id.label("booking_id"),
                Booking.start_at.label("start_at"),
                Booking.end_at.label("end_at"),
            ).where(live)
            for who in (Booking.candidate_id, Booking.interviewer_id)
        )
    ).cte("spans")
    latest_end = func.max(spans.c.end_at).over(
        partition_by=spans.c.person_id,
        order_by=(spans.c.start_at, spans.c.booking_id),
        rows=(None, -1),
    )
    walked = select(spans, latest_end.label("latest_end")).cte("walked")
    other = aliased(spans)
    query = (
        select(other.c.booking_id, walked.c.booking_id)
        .join(
            other,
            and_(
                other.c.person_id == walked.c.person_id,
                other.c.booking_id != walked.c.booking_id,
                other.c.start_at <= walked.c.start_at,
                other.c.end_at > walked.c.start_at,
            ),
        )
        .where(walked.c.latest_end > walked.c.start_at)
    )
    pairs = {
        (min(first, second), max(first, second)) for first, second in db.session.execute(query)
    }
    for first, second in sorted(pairs):
        yield f"I1: bookings {first} and {second} put one person in two places at once."


def _cells(now: datetime) -> Iterator[str]:
    """The cells a booking owns are exactly the quarter hours of its two people.

    No person has a cell twice, so a count, a first and a last cell say it all.
    """
    owned = (
        select(
            Occupancy.booking_id,
            Occupancy.person_id,
            func.count().label("number"),
            func.min(Occupancy.cell).label("first"),
            func.max(Occupancy.cell).label("last"),
        )
        .group_by(Occupancy.booking_id, Occupancy.person_id)
        .subquery()
    )
    query = (
        select(
            Booking.id,
            Booking.state,
            Booking.candidate_id,
            Booking.interviewer_id,
            Booking.start_at,
            Booking.end_at,
            owned.c.person_id,
            owned.c.number,
            owned.c.first,
            owned.c.last,
        )
        .join(owned, owned.c.booking_id == Booking.id, isouter=True)
        .where(or_(Booking.state.in_(LIVE), owned.c.booking_id.is_not(None)))
        .order_by(Booking.id)
    )
    for booking_id, group in groupby(db.session.execute(query), lambda row: row.id):
        rows = list(group)
        booking = rows[0]
        found = {row.person_id: (row.number, row.first, row.last) for row in rows if row.number}
        expected: dict[int, tuple[int, int, int]] = {}
        if booking.state in LIVE:
            cells = timespan.cells(booking.start_at, booking.end_at)
            span = (len(cells), cells[0], cells[-1])
            expected = {booking.candidate_id: span, booking.interviewer_id: span}
        if found != expected:
            yield (
                f"I1/I2: booking {booking_id} ({booking.state}) owns {_number(found)} quarter "
                f"hours instead of {_number(expected)}, or not the right ones."
            )


def _number(owned: dict[int, tuple[int, int, int]]) -> int:
    return sum(number for number, _first, _last in owned.values())


def _mail_for_every_change(now: datetime) -> Iterator[str]:
    """A confirmed booking told both sides its SEQUENCE; a cancelled one told them it ended."""
    for side in SIDES:
        for state, kinds in TOLD.items():
            told = exists().where(
                OutboxMessage.booking_id == Booking.id,
                OutboxMessage.side == side,
                OutboxMessage.sequence == Booking.sequence,
                OutboxMessage.kind.in_(kinds),
            )
            query = select(Booking.id).where(Booking.state == state, ~told).order_by(Booking.id)
            for booking_id in db.session.scalars(query):
                yield f"I4: booking {booking_id} is {state}, but nothing tells the {side} so."


def _no_mail_without_change(now: datetime) -> Iterator[str]:
    """No calendar mail announces a version or an end that the booking never had."""
    announced = and_(
        OutboxMessage.kind.in_([kind for kinds in TOLD.values() for kind in kinds]),
        or_(
            OutboxMessage.sequence.is_(None),
            OutboxMessage.sequence > Booking.sequence,
            and_(OutboxMessage.kind == "cancellation", Booking.state != "cancelled"),
        ),
    )
    query = (
        select(OutboxMessage.id, OutboxMessage.kind, OutboxMessage.sequence, Booking.id)
        .join(Booking, Booking.id == OutboxMessage.booking_id)
        .where(announced)
        .order_by(OutboxMessage.id)
    )
    for row_id, kind, sequence, booking_id in db.session.execute(query):
        yield (
            f"I4: mail {row_id} ({kind}) announces version {sequence} of booking {booking_id}, "
            "which does not exist."
        )


def _nothing_forgotten(now: datetime) -> Iterator[str]:
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
    for row_id, kind, state in db.session.execute(
        query.where(or_(waits, abandoned)).order_by(OutboxMessage.id)
    ):
        yield f"I5: mail {row_id} ({kind}) is {state} for more than ten minutes. Does a worker run?"


def _ends_are_told(now: datetime) -> Iterator[str]:
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
    for row_id, kind, state in db.session.execute(query.order_by(OutboxMessage.id)):
        yield f"I5: mail {row_id} ({kind}) is {state}, but nothing says {missing[state]}."


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
    """After the start it announces, or after a newer version or the end of the booking."""
    newer = aliased(OutboxMessage)
    sent = (OutboxMessage.kind == "reminder", OutboxMessage.state == "sent")
    started = (
        select(OutboxMessage.id, Booking.id, OutboxMessage.sent_at, Booking.start_at)
        .join(Booking, Booking.id == OutboxMessage.booking_id)
        .where(*sent, OutboxMessage.sequence == Booking.sequence)
        .where(OutboxMessage.sent_at > Booking.start_at)
    )
    overtaken = (
        select(OutboxMessage.id, newer.booking_id, OutboxMessage.sent_at, newer.created_at)
        .join(
            newer,
            and_(
                newer.booking_id == OutboxMessage.booking_id,
                newer.side == OutboxMessage.side,
                newer.kind.in_(("update", "cancellation")),
                newer.sequence > OutboxMessage.sequence,
                newer.created_at < OutboxMessage.sent_at,
            ),
        )
        .where(*sent)
    )
    late = {
        (row_id, booking_id)
        for query in (started, overtaken)
        for row_id, booking_id, sent_at, limit in db.session.execute(query)
        if sent_at is not None and sent_at - limit > LEASE
    }
    for row_id, booking_id in sorted(late):
        yield f"I7: reminder {row_id} for booking {booking_id} went out too late to be of use."


def _promised_wall_time(now: datetime) -> Iterator[str]:
    query = select(Booking.id, Booking.start_at, Booking.zone, Booking.wall_start).where(
        Booking.state == "confirmed", Booking.start_at > now
    )
    for booking_id, start_at, zone, promised in db.session.execute(query):
        found = zones.wall_text(zone, start_at) if zones.canonical(zone) else "nothing"
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
    _no_mail_without_change,
    _nothing_forgotten,
    _ends_are_told,
    _one_message_id,
    _no_late_reminder,
    _promised_wall_time,
    _sealed_before_release,
)
