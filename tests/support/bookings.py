"""Interviews held, booked and moved by the services, around one Monday morning."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Booking, CommunitySetting, Occupancy, OutboxMessage, Person
from mockint.services import booking, holds
from mockint.services.matching import Wanted
from tests import factories, people

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)
TEN = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
"""Thursday, 11:00 in Berlin and 15:45 in Kathmandu."""


def another(number: int, **changes: Any) -> Person:
    return factories.candidate(
        people.ROBIN,
        name=f"Candidate {number}",
        email=f"c{number}@people.example",
        now=NOW,
        **changes,
    )


def wanted(start: datetime = TEN, **changes: Any) -> Wanted:
    usual: dict[str, Any] = {"track": "coding", "level": "mid", "duration_min": 60, "start": start}
    return Wanted(**usual | changes)


def held(person: Person, start: datetime = TEN, *, now: datetime = NOW, **changes: Any) -> Booking:
    made = holds.hold(person.id, wanted(start, **changes), now=now)
    return db.session.get_one(Booking, made.id)


def booked(
    person: Person, start: datetime = TEN, *, now: datetime = NOW, **changes: Any
) -> Booking:
    made = held(person, start, now=now, **changes)
    booking.confirm(made.id, candidate_id=person.id, now=now)
    return made


def cells_of(made: Booking) -> set[tuple[int, int]]:
    return {
        (row.person_id, row.cell)
        for row in db.session.scalars(select(Occupancy).where(Occupancy.booking_id == made.id))
    }


def mail(made: Booking) -> list[tuple[str, str | None, int | None, str]]:
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.booking_id == made.id).order_by(OutboxMessage.key)
    )
    return [(row.key.split(":")[3], row.side, row.sequence, row.state) for row in rows]


def setting(name: str, value: object) -> None:
    with transaction():
        db.session.add(CommunitySetting(name=name, value=value, updated_at=NOW))
