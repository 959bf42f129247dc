"""I1 and I2: where people are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    case,
    cast,
    extract,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstrumentedAttribute

from mockint.domain.timespan import CELL_S
from mockint.models import Booking, Occupancy

LIVE = ("held", "confirmed")


def two_places(connection: Connection, now: datetime) -> Iterator[str]:
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
    ).subquery("spans")
    latest_end = func.max(spans.c.end_at).over(
        partition_by=spans.c.person_id,
        order_by=(spans.c.start_at, spans.c.booking_id),
        rows=(None, -1),
    )
    walked = select(spans, latest_end.label("latest_end")).subquery("walked")
    late = select(walked).where(walked.c.latest_end > walked.c.start_at)
    pairs = set()
    for row in connection.execute(late):
        pairs |= _met(connection, row.person_id, row.booking_id, row.start_at, live)
    for first, second in sorted(pairs):
        yield f"I1: bookings {first} and {second} put one person in two places at once."


def _met(
    connection: Connection, person: int, booking: int, start: datetime, live: ColumnElement[bool]
) -> set[tuple[int, int]]:
    """`booking` and each of the person's others that go on at its start."""
    others = select(Booking.id).where(
        or_(Booking.candidate_id == person, Booking.interviewer_id == person),
        Booking.id != booking,
        Booking.start_at <= start,
        Booking.end_at > start,
        live,
    )
    return {(min(booking, other), max(booking, other)) for other in connection.scalars(others)}


def cells(connection: Connection, now: datetime) -> Iterator[str]:
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
        .subquery("owned")
    )
    first = _second(Booking.start_at) // CELL_S
    stop = (_second(Booking.end_at) + CELL_S - 1) // CELL_S
    fits = and_(
        owned.c.person_id.in_((Booking.candidate_id, Booking.interviewer_id)),
        owned.c.first == first,
        owned.c.last == stop - 1,
        owned.c.number == stop - first,
    )
    number = func.coalesce(func.sum(owned.c.number), 0)
    right = func.coalesce(func.sum(case((fits, owned.c.number))), 0)
    due = case((Booking.state.in_(LIVE), 2 * (stop - first)), else_=0)
    query = (
        select(Booking.id, Booking.state, number.label("number"), due.label("due"))
        .join(owned, owned.c.booking_id == Booking.id, isouter=True)
        .group_by(Booking.id)
        .having(or_(number != due, right != due))
        .order_by(Booking.id)
    )
    for row in connection.execute(query):
        yield (
            f"I1/I2: booking {row.id} ({row.state}) owns {row.number} quarter hours instead of "
            f"{row.due}, or not the right ones."
        )


def _second(instant: InstrumentedAttribute[datetime]) -> ColumnElement[int]:
    """Seconds since 1970."""
    return cast(extract("epoch", instant), BigInteger)
