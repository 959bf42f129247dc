"""Thousands of booked interviews whose invitations are all due at once, made in few statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert

from mockint.db import db, transaction
from mockint.domain.timespan import cells
from mockint.models import Booking, Occupancy, OutboxMessage
from mockint.models.booking import SIDES
from tests.prove import community
from tests.prove.installation import Installation

INTERVIEWERS, DAYS, CANDIDATES = 50, 20, 1000
LENGTH = timedelta(minutes=60)
PER_DAY = 10
AT_ONCE = 2000
"""Rows of one statement."""


def owe(site: Installation, mails: int, *, now: datetime, interviewers: int = INTERVIEWERS) -> None:
    """`mails` invitations due now, two of each booking; all as the services would have left it."""
    candidates = max(CANDIDATES, interviewers * PER_DAY)  # nobody in two places at once
    cast = community.seed(
        site.app,
        now=now,
        interviewers=interviewers,
        candidates=candidates,
        starts_a_day=2 * PER_DAY - 1,
        days=DAYS,
    )
    apart = [slot for slot in cast.slots if slot.start.minute == 0][: mails // len(SIDES)]
    if len(apart) < mails // len(SIDES):
        raise ValueError(f"{mails} mails are more than {interviewers} interviewers can give")
    bookings = [
        _booking(number, slot, cast.candidates[(number - 1) % candidates].id, now)
        for number, slot in enumerate(apart, start=1)
    ]
    with site.context(), transaction():
        _add(Booking, iter(bookings))
        _add(Occupancy, (cell for each in bookings for cell in _cells(each)))
        _add(OutboxMessage, (mail for each in bookings for mail in _mails(each, now)))
        if site.options.database == "postgresql":
            db.session.execute(
                db.text("SELECT setval('booking_id_seq', (SELECT max(id) FROM booking))")
            )


def _booking(number: int, slot: community.Slot, candidate: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "uid": f"{uuid.uuid4()}@prove.example",
        "candidate_id": candidate,
        "interviewer_id": slot.interviewer,
        "track": "coding",
        "level": "mid",
        "start_at": slot.start,
        "end_at": slot.start + LENGTH,
        "zone": "UTC",
        "wall_start": f"{slot.start:%Y-%m-%dT%H:%M}",
        "state": "confirmed",
        "meeting_link": f"https://meet.example/{slot.interviewer}",
        "revision": 1,
        "created_at": now,
        "updated_at": now,
        "confirmed_at": now,
    }


def _cells(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for person in (row["candidate_id"], row["interviewer_id"]):
        for cell in cells(row["start_at"], row["end_at"]):
            yield {"person_id": person, "cell": cell, "booking_id": row["id"]}


def _mails(row: dict[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
    for side in SIDES:
        yield {
            "key": f"booking:{row['id']}:{side}:invitation:0",
            "kind": "invitation",
            "person_id": row[f"{side}_id"],
            "booking_id": row["id"],
            "side": side,
            "sequence": 0,
            "payload": {},
            "due_at": now,
            "next_try_at": now,
            "created_at": now,
        }


def _add(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, AT_ONCE)):
        db.session.execute(insert(model), part)
