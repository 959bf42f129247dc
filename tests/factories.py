"""Rows for tests, written straight through the models; nothing happens besides.

An application context must be there. What a test does not name has a plain value.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from mockint import clock
from mockint.db import db, transaction
from mockint.domain import timespan, zones
from mockint.models import (
    AvailabilityRule,
    Booking,
    CandidateProfile,
    InterviewerProfile,
    Login,
    Occupancy,
    Person,
    Role,
)
from mockint.web.accounts import sessions
from tests import people

EVERY_DAY = tuple((weekday, 9 * 60, 21 * 60) for weekday in range(7))
"""Weekly hours (weekday, first minute, last minute) in the interviewer's zone."""


def _roles(names: Iterable[str]) -> list[Role]:
    found = {role.name: role for role in db.session.scalars(select(Role))}
    return [found.get(name) or Role(name=name) for name in names]


def person(
    who: people.Character = people.ROBIN,
    *roles: str,
    name: str | None = None,
    email: str | None = None,
    zone: str | None = None,
    password: str | None = None,
    confirmed: bool = True,
    active: bool = True,
    now: datetime | None = None,
) -> Person:
    """Somebody with an account and these roles; `password` is a hash as the table keeps it."""
    now = now or clock.now()
    with transaction():
        made = Person(
            name=name or who.name,
            email=email or who.email,
            zone=zone or who.zone,
            password=password,
            active=active,
            fs_uniquifier=uuid.uuid4().hex,
            confirmed_at=now if confirmed else None,
            created_at=now,
            roles=_roles(roles),
            candidate=None,
            interviewer=None,
        )
        db.session.add(made)
    return made


def person_with(who: Person, **changes: object) -> None:
    """Change columns of somebody who is there."""
    with transaction():
        for column, value in changes.items():
            setattr(db.session.get_one(Person, who.id), column, value)


def candidate(
    who: people.Character = people.SANJANA,
    *,
    name: str | None = None,
    email: str | None = None,
    zone: str | None = None,
    level: str = "mid",
    tracks: Sequence[str] = ("coding", "system_design"),
    languages: Sequence[str] = ("en",),
    companies: Sequence[str] = (),
    employer: str = "Everest Pay",
    goals: str = "Think aloud before coding.",
    also: Sequence[str] = (),
    confirmed: bool = True,
    now: datetime | None = None,
) -> Person:
    """A candidate with a complete profile; `also` adds roles."""
    made = person(
        who, "candidate", *also, name=name, email=email, zone=zone, confirmed=confirmed, now=now
    )
    with transaction():
        made.candidate = CandidateProfile(
            target_role="Backend engineer",
            target_level=level,
            tracks=tuple(tracks),
            languages=tuple(languages),
            target_companies=tuple(companies),
            current_employer=employer,
            goals=goals,
        )
        db.session.add(made)
    return made


def stranger(**changes: object) -> Person:
    """A candidate with no part in the story; what is theirs must stay out of reach."""
    return candidate(people.ROBIN, employer="", **changes)  # type: ignore[arg-type]  # passed through


def interviewer(
    who: people.Character = people.JONAS,
    *,
    name: str | None = None,
    email: str | None = None,
    zone: str | None = None,
    state: str = "approved",
    company: str = "Nordlicht",
    tracks: Sequence[str] = ("coding", "system_design", "behavioural"),
    levels: Sequence[str] = ("entry", "mid", "senior"),
    languages: Sequence[str] = ("en", "de"),
    meeting_link: str = "https://meet.example/jonas",
    makes_link: bool = False,
    weekly: Iterable[tuple[int, int, int]] = EVERY_DAY,
    notice_min: int = 720,
    buffer_min: int = 0,
    max_per_day: int = 8,
    max_per_week: int = 40,
    also: Sequence[str] = (),
    now: datetime | None = None,
) -> Person:
    """A volunteer with weekly hours; the role only when approved. `also` adds roles."""
    now = now or clock.now()
    roles = (*(("interviewer",) if state == "approved" else ()), *also)
    made = person(who, *roles, name=name, email=email, zone=zone, now=now)
    with transaction():
        made.interviewer = InterviewerProfile(
            state=state,
            company=company,
            title="Staff engineer",
            years=9,
            tracks=tuple(tracks),
            levels=tuple(levels),
            languages=tuple(languages),
            bio="Twelve years of payment systems.",
            meeting_link=meeting_link,
            makes_link=makes_link,
            applied_at=now,
            decided_at=now if state == "approved" else None,
            notice_min=notice_min,
            buffer_min=buffer_min,
            max_per_day=max_per_day,
            max_per_week=max_per_week,
        )
        db.session.add(made)
        for weekday, start_min, end_min in weekly:
            db.session.add(
                AvailabilityRule(
                    person_id=made.id, weekday=weekday, start_min=start_min, end_min=end_min
                )
            )
    return made


def organiser(
    who: people.Character = people.AMINA, *, also: Sequence[str] = (), now: datetime | None = None
) -> Person:
    """Somebody who runs the community."""
    return person(who, "organiser", *also, now=now)


def tomorrow_at(hour: int, zone: str, *, days: int = 1, now: datetime | None = None) -> datetime:
    """The instant at which it is `hour` o'clock in `zone`, `days` local days from now."""
    day = zones.local_date(zone, now or clock.now()) + timedelta(days=days)
    spans = zones.wall_intervals(zone, day, hour * 60, hour * 60 + 1)
    return timespan.at_second(spans[0][0])


def booking(
    candidate: Person,
    interviewer: Person,
    *,
    start: datetime | None = None,
    minutes: int = 60,
    track: str = "coding",
    level: str | None = None,
    state: str = "confirmed",
    held_until: datetime | None = None,
    sequence: int = 0,
    now: datetime | None = None,
) -> Booking:
    """A booking with the cells it occupies; by default at 15:00 for the interviewer in two days."""
    now = now or clock.now()
    start = start or tomorrow_at(15, interviewer.zone, days=2, now=now)
    end = start + timedelta(minutes=minutes)
    if state == "held" and held_until is None:
        held_until = now + timedelta(minutes=10)
    with transaction():
        made = Booking(
            uid=f"{uuid.uuid4()}@localhost",
            candidate_id=candidate.id,
            interviewer_id=interviewer.id,
            candidate=candidate,
            interviewer=interviewer,
            track=track,
            level=level or (candidate.candidate.target_level if candidate.candidate else "mid"),
            start_at=start,
            end_at=end,
            zone=interviewer.zone,
            wall_start=zones.wall_text(interviewer.zone, start),
            state=state,
            held_until=held_until,
            sequence=sequence,
            meeting_link=interviewer.interviewer.meeting_link if interviewer.interviewer else "",
            created_at=now,
            updated_at=now,
            confirmed_at=now if state != "held" else None,
            cancelled_at=now if state == "cancelled" else None,
            cancelled_by=candidate.id if state == "cancelled" else None,
            cancelled_side="candidate" if state == "cancelled" else None,
        )
        db.session.add(made)
        db.session.flush()
        if state != "cancelled":
            for who in (candidate, interviewer):
                for cell in timespan.cells(start, end):
                    db.session.add(Occupancy(person_id=who.id, cell=cell, booking_id=made.id))
    return made


def login(client: FlaskClient, person: Person | int, *, role: str = "") -> str:
    """Log this client in as `person`, as if they had just come through the door.

    `role` is the role the device looks through. Returns the key in the cookie.
    """
    person_id = person if isinstance(person, int) else person.id
    key, now = secrets.token_urlsafe(32), clock.now()
    with client.application.app_context(), transaction():
        db.session.add(
            Login(
                person_id=person_id,
                key_hash=sessions.key_hash(key),
                role=role,
                device="Firefox on Linux",
                created_at=now,
                seen_at=now,
            )
        )
    with client.session_transaction() as session:
        session[sessions.COOKIE] = key
        session.permanent = True
    return key
