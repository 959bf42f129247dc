"""Own calendars: when they make their owners busy, how they do, and who should hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select

from mockint.db import db
from mockint.domain.timespan import Span, cells_around, instant_of, join
from mockint.models import (
    Booking,
    BusyCalendar,
    BusyQuestion,
    BusyTime,
    Occupancy,
)


def away(first: ColumnElement[Any], end: ColumnElement[Any]) -> Select[Any]:
    """(person_id, first_cell, end_cell) of every busy stretch that reaches into these cells.

    A calendar that is closed is busy throughout.
    """
    inside = and_(
        BusyTime.calendar_id == BusyCalendar.id,
        BusyTime.first_cell < end,
        BusyTime.end_cell > first,
    )
    return (
        select(
            BusyCalendar.person_id,
            case((BusyCalendar.closed, first), else_=BusyTime.first_cell).label("first_cell"),
            case((BusyCalendar.closed, end), else_=BusyTime.end_cell).label("end_cell"),
        )
        .select_from(BusyCalendar)
        .outerjoin(BusyTime, inside)
        .where(or_(BusyCalendar.closed, BusyTime.calendar_id.is_not(None)))
    )


def own(person_id: int) -> Sequence[BusyCalendar]:
    """Somebody's calendars, the oldest first."""
    query = select(BusyCalendar).where(BusyCalendar.person_id == person_id)
    return db.session.scalars(query.order_by(BusyCalendar.id)).all()


def one(person_id: int, calendar_id: int) -> BusyCalendar | None:
    """One of this person's, or None when it is missing or somebody else's."""
    found = db.session.get(BusyCalendar, calendar_id)
    return found if found is not None and found.person_id == person_id else None


def blocked(person_id: int, window: Span) -> list[Span]:
    """What all calendars of somebody block in `window`, merged; also of those that fail."""
    around = cells_around(window)
    rows = db.session.execute(
        select(BusyTime.first_cell, BusyTime.end_cell)
        .join(BusyCalendar, BusyCalendar.id == BusyTime.calendar_id)
        .where(
            BusyCalendar.person_id == person_id,
            BusyTime.first_cell < around.stop,
            BusyTime.end_cell > around.start,
        )
    )
    clipped = ((max(a, around.start), min(b, around.stop)) for a, b in rows)
    return [Span(instant_of(first), instant_of(end)) for first, end in join(clipped)]


def clashes() -> ColumnElement[bool]:
    """Whether a booking's interviewer is busy then, as their calendars are known."""
    return exists().where(
        Occupancy.booking_id == Booking.id,
        Occupancy.person_id == Booking.interviewer_id,
        BusyCalendar.person_id == Booking.interviewer_id,
        BusyTime.calendar_id == BusyCalendar.id,
        BusyTime.first_cell <= Occupancy.cell,
        BusyTime.end_cell > Occupancy.cell,
    )


def asked(booking: Booking, *, now: datetime) -> bool:
    """Whether the interviewer still has to say what becomes of this interview."""
    if booking.state != "confirmed" or booking.start_at <= now:
        return False
    query = select(BusyQuestion.booking_id).join(Booking, Booking.id == BusyQuestion.booking_id)
    open_question = and_(
        BusyQuestion.booking_id == booking.id,
        BusyQuestion.start_at == booking.start_at,
        BusyQuestion.kept_at.is_(None),
    )
    return db.session.scalar(query.where(open_question, clashes())) is not None
