"""Fills a database with thousands of interviewers, their hours and what is booked with them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from mockint.db import db, transaction
from mockint.domain import zones
from mockint.models import (
    AvailabilityException,
    AvailabilityRule,
    Booking,
    CandidateProfile,
    InterviewerProfile,
    Occupancy,
    Person,
    PersonRole,
    Role,
)
from tests.prove.community import Member, sign_in

DAYS, BOOKED, LENGTH_MIN = 35, 24, 60
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Africa/Lagos",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/Los_Angeles",
)
TRACKS, LEVELS = ("coding", "system_design", "behavioural"), ("entry", "mid", "senior")
CHUNK = 5000


def fill(app: Flask, *, now: datetime, interviewers: int, seed: int) -> Member:
    """`interviewers` who all suit a candidate at mid level, and that candidate, signed in.

    Each has hours on four weekdays in one of eight zones, a date that differs, limits, and 24
    bookings on the next 35 days with a candidate of their own.
    """
    chance = random.Random(seed)
    with app.app_context():
        with transaction():
            roles = {role.name: role.id for role in db.session.scalars(select(Role))}
            first = (db.session.scalar(select(Person.id).order_by(Person.id.desc())) or 0) + 1
            ids = range(first, first + interviewers)
            others = range(ids.stop, ids.stop + interviewers)
            me = others.stop
            _insert(Person, (_person(one, now, chance) for one in (*ids, *others, me)))
            _insert(
                PersonRole,
                [{"person_id": one, "role_id": roles["interviewer"]} for one in ids]
                + [{"person_id": one, "role_id": roles["candidate"]} for one in (*others, me)],
            )
            _insert(CandidateProfile, [_wish(one) for one in (*others, me)])
            _insert(InterviewerProfile, (_profile(one, now, chance) for one in ids))
            _insert(AvailabilityRule, _hours(ids, chance))
            _insert(AvailabilityException, _dates(ids, now, chance))
            _insert(Booking, _bookings(ids, now, chance))
            _occupy()
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
                plain.execute(text("VACUUM ANALYZE"))
        db.session.remove()
    [member] = sign_in(app, [Member(me, "me@people.example", "candidate")], now=now)
    return member


def _insert(model: Any, rows: Any) -> None:
    waiting = list(rows)
    for first in range(0, len(waiting), CHUNK):
        db.session.execute(insert(model), waiting[first : first + CHUNK])


def _person(one: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    return {
        "id": one,
        "email": f"person{one}@people.example",
        "fs_uniquifier": uuid.UUID(int=chance.getrandbits(128)).hex,
        "confirmed_at": now,
        "name": f"Person {one}",
        "zone": ZONES[one % len(ZONES)],
        "created_at": now,
    }


def _wish(one: int) -> dict[str, Any]:
    return {
        "person_id": one,
        "target_level": "mid",
        "tracks": ("coding",),
        "languages": ("en",),
        "current_employer": f"Company {one % 500}",
    }


def _profile(one: int, now: datetime, chance: random.Random) -> dict[str, Any]:
    return {
        "person_id": one,
        "state": "approved",
        "company": f"Company {one}",
        "title": "Staff engineer",
        "years": 8,
        "tracks": TRACKS,
        "levels": LEVELS,
        "languages": ("en",),
        "meeting_link": f"https://meet.example/{one}",
        "applied_at": now,
        "decided_at": now,
        "buffer_min": chance.choice((0, 15, 30)),
        "notice_min": chance.choice((720, 1440, 2880)),
        "max_per_day": 2,
        "max_per_week": 7,
    }


def _hours(ids: range, chance: random.Random) -> Iterator[dict[str, Any]]:
    for one in ids:
        for weekday in chance.sample(range(7), 4):
            start = 60 * chance.randrange(8, 18)
            yield {
                "person_id": one,
                "weekday": weekday,
                "start_min": start,
                "end_min": start + 240,
            }


def _dates(ids: range, now: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    for one in ids:
        day = now.date() + timedelta(days=chance.randrange(DAYS))
        blocks = chance.choice(([], [[600, 840]]))
        yield {"person_id": one, "first_on": day, "last_on": day, "blocks": blocks}


def _bookings(ids: range, now: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    tomorrow = datetime.combine(now.date(), time(), UTC) + timedelta(days=1)
    for one in ids:
        zone = ZONES[one % len(ZONES)]
        for day in chance.sample(range(DAYS - 1), BOOKED):
            start = tomorrow + timedelta(days=day, hours=chance.randrange(8, 21))
            yield {
                "uid": uuid.UUID(int=chance.getrandbits(128)).hex,
                "candidate_id": one + len(ids),
                "interviewer_id": one,
                "track": "coding",
                "level": "mid",
                "start_at": start,
                "end_at": start + timedelta(minutes=LENGTH_MIN),
                "zone": zone,
                "wall_start": zones.wall_text(zone, start),
                "state": "confirmed",
                "created_at": now,
                "updated_at": now,
                "confirmed_at": now,
                "revision": 1,
            }


def _occupy() -> None:
    """The cells of every booking, for both people."""
    seconds = (
        "CAST(extract(epoch FROM start_at) AS bigint)"
        if db.engine.dialect.name == "postgresql"
        else "CAST(strftime('%s', start_at) AS integer)"
    )
    quarters = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(LENGTH_MIN // 15))
    for side in ("interviewer_id", "candidate_id"):
        db.session.execute(
            text(
                f"INSERT INTO {Occupancy.__tablename__} (person_id, cell, booking_id)"
                f" SELECT {side}, {seconds} / 900 + n, id FROM booking CROSS JOIN ({quarters}) q"
            )
        )
