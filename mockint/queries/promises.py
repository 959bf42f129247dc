"""Interviews to come whose promised wall time the zone rules no longer keep; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.engine import Connection

from mockint.domain.promise import Promise
from mockint.models import Booking, OutboxMessage
from mockint.queries.snapshot import BATCH

ASKS = "clock-rules"
"""The kind of mail that asks the interviewer."""


@dataclass(frozen=True, slots=True)
class Broken:
    """One of them, as far as asking about it goes."""

    booking_id: int
    interviewer_id: int
    sequence: int
    promise: Promise


def _ahead(now: datetime) -> Select[Any]:
    booking = Booking.__table__.c
    return (
        select(
            booking.id,
            booking.interviewer_id,
            booking.sequence,
            booking.zone,
            booking.wall_start,
            booking.start_at,
        )
        .where(booking.state == "confirmed", booking.start_at > now)
        .order_by(booking.id)
    )


def broken(connection: Connection, now: datetime) -> Iterator[Broken]:
    """All of them, in order of their numbers."""
    rows = connection.execute(_ahead(now), execution_options={"yield_per": BATCH})
    for booking_id, interviewer_id, sequence, *promised in rows:
        promise = Promise(*promised)
        if not promise.is_kept:
            yield Broken(booking_id, interviewer_id, sequence, promise)


def of(booking: Booking) -> Promise:
    """What was promised for this one."""
    return Promise(booking.zone, booking.wall_start, booking.start_at)


def is_open(booking: Booking, *, now: datetime) -> bool:
    """Whether its interviewer has yet to say what is to become of it."""
    ahead = booking.state == "confirmed" and booking.start_at > now
    return ahead and not of(booking).is_kept


def asked() -> ColumnElement[bool]:
    """Whether the interviewer of a booking was asked, at whatever time."""
    return exists().where(OutboxMessage.booking_id == Booking.id, OutboxMessage.kind == ASKS)
