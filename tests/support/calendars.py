"""Own calendars whose looks were in vain or not, without a server or a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.busytime import Busy
from mockint.domain.errors import Refusal
from mockint.domain.timespan import Span, merge
from mockint.models import BusyCalendar
from mockint.services import busytime


def read(person_id: int, spans: Iterable[Span], *, now: datetime) -> int:
    """Their calendar was read, and says that they are busy then; returns its id."""
    with transaction():
        row = _row(person_id, now)
        busytime.note_read(row, Busy(tuple(merge(spans))), now=now)
    return row.id


def fail(person_id: int, *, now: datetime) -> int:
    """Their calendar could not be read."""
    with transaction():
        row = _row(person_id, now)
        busytime.note_failure(row, Refusal("It is away."), now=now)
    return row.id


def change(pick: Random, person_id: int, *, now: datetime) -> None:
    """Something happens to it: it is read, fails, fails for long, or goes."""
    happens = pick.random()
    if happens < 0.5:
        starts = [now + timedelta(minutes=pick.randint(-600, 20_000)) for _ in range(6)]
        read(person_id, [Span.lasting(at, pick.randint(5, 300)) for at in starts], now=now)
    elif happens < 0.7:
        fail(person_id, now=now)
    elif happens < 0.8:
        fail(person_id, now=now + timedelta(hours=72))
    else:
        busytime.remove(person_id, read(person_id, [], now=now))


def _row(person_id: int, now: datetime) -> BusyCalendar:
    found = db.session.scalar(select(BusyCalendar).where(BusyCalendar.person_id == person_id))
    if found is None:
        found = BusyCalendar(
            person_id=person_id,
            kind="url",
            name="Work",
            url="https://calendar.example/secret.ics",
            added_at=now,
            next_look_at=now,
        )
        db.session.add(found)
        db.session.flush()
    return found
