"""Fills a database in few statements: interviewers with hours, and members who are signed in."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select

from mockint.db import db, transaction
from mockint.models import (
    AvailabilityException,
    CandidateProfile,
    CommunitySetting,
    InterviewerProfile,
    Login,
    Person,
    PersonRole,
    Role,
)
from mockint.web.accounts import sessions

DAY_MIN = 24 * 60
STEP_MIN = 30
LENGTH_MIN = 60


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody signed in: what their browser carries."""

    id: int
    email: str
    role: str
    cookie: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A start that one interviewer offers."""

    interviewer: int
    start: datetime

    @property
    def field(self) -> str:
        """As a form sends it."""
        return f"{self.start:%Y-%m-%dT%H:%MZ}"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who there is, and every start at which an hour can be booked."""

    interviewers: list[Member]
    candidates: list[Member]
    organisers: list[Member]
    slots: list[Slot]


def seed(
    app: Flask,
    *,
    now: datetime,
    interviewers: int = 5,
    starts_a_day: int = 10,
    days: int = 1,
    candidates: int = 0,
    organisers: int = 1,
    settings: dict[str, object] | None = None,
) -> Cast:
    """Interviewers who offer `starts_a_day` starts, half an hour apart, on `days` days from the
    third day on, and whose caps do not bind; everybody is in UTC. `settings` are the community's.
    """
    if not 1 <= starts_a_day <= (DAY_MIN - LENGTH_MIN) // STEP_MIN + 1:
        raise ValueError("a day does not have that many starts")
    first = datetime.combine(now.astimezone(UTC).date() + timedelta(days=3), time(), UTC)
    with app.app_context():
        with transaction():
            _community(settings or {}, now)
            found = Cast(
                _people("interviewer", interviewers, now),
                _people("candidate", candidates, now),
                _people("organiser", organisers, now),
                [],
            )
            _profiles(found, now)
            _hours(found.interviewers, first, starts_a_day, days)
        db.session.remove()
    slots = [
        Slot(who.id, first + timedelta(days=day, minutes=STEP_MIN * number))
        for day in range(days)
        for who in found.interviewers
        for number in range(starts_a_day)
    ]
    return Cast(
        sign_in(app, found.interviewers, now=now),
        sign_in(app, found.candidates, now=now),
        sign_in(app, found.organisers, now=now),
        slots,
    )


def _insert(model: Any, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(model), rows)


def _community(settings: dict[str, object], now: datetime) -> None:
    rows = [{"name": name, "value": value} for name, value in settings.items()]
    _insert(CommunitySetting, [row | {"updated_at": now} for row in rows])


def _people(role: str, count: int, now: datetime) -> list[Member]:
    rows = [
        {
            "email": f"{role}{number}@people.example",
            "fs_uniquifier": uuid.uuid4().hex,
            "confirmed_at": now,
            "name": f"{role.capitalize()} {number}",
            "zone": "UTC",
            "created_at": now,
        }
        for number in range(count)
    ]
    if not rows:
        return []
    made = insert(Person).returning(Person.id, Person.email)
    people = [Member(*row, role) for row in db.session.execute(made, rows)]
    role_id = db.session.scalar(select(Role.id).where(Role.name == role))
    if role_id is None:
        role_id = db.session.scalar(insert(Role).returning(Role.id), {"name": role})
    _insert(PersonRole, [{"person_id": one.id, "role_id": role_id} for one in people])
    return sorted(people, key=lambda one: one.id)


def _profiles(cast: Cast, now: datetime) -> None:
    _insert(
        CandidateProfile,
        [
            {
                "person_id": one.id,
                "target_level": "mid",
                "tracks": ("coding",),
                "languages": ("en",),
            }
            for one in cast.candidates
        ],
    )
    _insert(
        InterviewerProfile,
        [
            {
                "person_id": one.id,
                "state": "approved",
                "company": f"Company {one.id}",
                "tracks": ("coding",),
                "levels": ("mid",),
                "languages": ("en",),
                "meeting_link": f"https://meet.example/{one.id}",
                "applied_at": now,
                "decided_at": now,
                "notice_min": 0,
                "max_per_day": 48,
                "max_per_week": 336,
            }
            for one in cast.interviewers
        ],
    )


def _hours(people: Iterable[Member], first: datetime, starts_a_day: int, days: int) -> None:
    block = [0, LENGTH_MIN + STEP_MIN * (starts_a_day - 1)]
    dates = {
        "first_on": first.date(),
        "last_on": first.date() + timedelta(days=days - 1),
        "blocks": [block],
    }
    _insert(AvailabilityException, [{"person_id": one.id} | dates for one in people])


def sign_in(app: Flask, members: Iterable[Member], *, now: datetime) -> list[Member]:
    """The members with a login row each, and the cookie and form token that go with it."""
    keys = [(member, secrets.token_urlsafe(32)) for member in members]
    with app.app_context():
        with transaction():
            _insert(
                Login,
                [
                    {
                        "person_id": member.id,
                        "key_hash": sessions.key_hash(key),
                        "role": member.role,
                        "created_at": now,
                        "seen_at": now,
                    }
                    for member, key in keys
                ],
            )
        db.session.remove()
    return [_with_cookie(app, member, key) for member, key in keys]


def stranger(app: Flask) -> Member:
    """Somebody who is not signed in: a form token and the cookie it goes with."""
    return _with_cookie(app, Member(0, "", ""), "")


def _with_cookie(app: Flask, member: Member, key: str) -> Member:
    with app.test_request_context():
        session[sessions.COOKIE] = key
        session.permanent = True
        token = generate_csrf()
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own
        return replace(member, cookie=str(signer.dumps(dict(session))), token=token)


def digest(*words: object) -> str:
    """A form's key: the same words give the same."""
    return hashlib.sha256(repr(words).encode()).hexdigest()[:32]
