"""People, for their own pages: their devices, and everything that is kept about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import bindparam, select

from mockint.db import Base, db
from mockint.models import (
    AuditEntry,
    AvailabilityException,
    AvailabilityRule,
    Booking,
    BusyCalendar,
    CalendarFeed,
    CandidateProfile,
    Feedback,
    InterviewerProfile,
    InterviewerRating,
    Invitation,
    Login,
    OutboxMessage,
    Person,
    PersonRole,
    Reply,
    Role,
    SlotRequest,
)
from mockint.queries import community as community_query
from mockint.queries import nested

SECRETS = frozenset(
    {
        "password",
        "fs_uniquifier",
        "key_hash",
        "payload",
        "organizer",
        "token",
        "request_key",
        "seed",
        "token_hash",
        "url",
    }
)
"""Columns that open doors; they say nothing about the person."""


def with_address(email: str) -> Person | None:
    """Whoever has this address now."""
    return db.session.scalar(select(Person).where(Person.email == email))


def by_id(person_id: int | None) -> Person:
    """The person a link or a login names; it is there while the link works."""
    return db.session.get_one(Person, person_id)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whoever is signed in, and with which device: what any page may ask, as plain values.

    Flask-Login asks `is_authenticated`. Who needs more of the person reads it: `by_id`.
    """

    id: int
    email: str
    name: str
    zone: str
    locale: str
    confirmed_at: datetime | None
    wants_reminders: bool
    undeliverable_at: datetime | None
    login_id: int
    login_role: str
    """The role this device looks through."""
    login_at: datetime
    seen_at: datetime
    roles: tuple[str, ...]
    """Of the person, in their order."""

    is_authenticated: ClassVar[bool] = True

    @property
    def role_names(self) -> frozenset[str]:
        """The same to look one up."""
        return frozenset(self.roles)


_PERSON, _LOGIN, _ROLE, _HELD = (one.__table__.c for one in (Person, Login, Role, PersonRole))
_ROLES = select(_ROLE.id, _ROLE.name).where(
    _ROLE.id == _HELD.role_id, _HELD.person_id == _PERSON.id
)
_OF_PERSON = (
    *("id", "email", "name", "zone", "locale"),
    *("confirmed_at", "wants_reminders", "undeliverable_at"),
)
_LIVE_LOGIN = (
    select(
        *(_PERSON[name] for name in _OF_PERSON),
        *(_LOGIN.id, _LOGIN.role, _LOGIN.created_at, _LOGIN.seen_at),
        nested.rows(_ROLES),
        community_query.changed(),
    )
    .join_from(Person.__table__, Login.__table__, _LOGIN.person_id == _PERSON.id)
    .where(_LOGIN.key_hash == bindparam("key_hash"), _LOGIN.ended_at.is_(None), _PERSON.active)
)


def live_login(key_hash: str) -> SignedIn | None:
    """Who is logged in with this key, unless that was ended or they may not come in; every request
    asks this once, and for the community's settings with it."""
    found = db.session.execute(_LIVE_LOGIN, {"key_hash": key_hash}).one_or_none()
    if found is None:
        return None
    community_query.note(found[-1])
    roles = tuple(name for _id, name in sorted(found[-2] or ()))
    return SignedIn(*(*found[:-2], roles))


def candidate(person_id: int) -> CandidateProfile | None:
    """What somebody prepares for."""
    return db.session.get(CandidateProfile, person_id)


def interviewer(person_id: int) -> InterviewerProfile | None:
    """What somebody offers, or applied with."""
    return db.session.get(InterviewerProfile, person_id)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody prepares for, and where, as plain values."""

    tracks: tuple[str, ...]
    languages: tuple[str, ...]
    target_level: str
    current_employer: str
    target_companies: tuple[str, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class Profiles:
    """What the first page shows of both profiles."""

    wishes: Wishes | None
    state: str | None
    """Of the application as interviewer; None when there is none."""
    note: str | None
    applied_at: datetime | None


_WISHED, _OFFERED = CandidateProfile.__table__.c, InterviewerProfile.__table__.c
_SAID = ("tracks", "languages", "target_level", "current_employer", "target_companies")
_WISHES = (
    select(*(_WISHED[name] for name in _SAID), _PERSON.zone)
    .join_from(CandidateProfile.__table__, Person.__table__, _WISHED.person_id == _PERSON.id)
    .where(_WISHED.person_id == bindparam("person_id"))
)
_PROFILES = (
    select(
        *(_WISHED[name] for name in _SAID),
        _PERSON.zone,
        *(_OFFERED[name] for name in ("state", "note", "applied_at")),
    )
    .select_from(Person.__table__)
    .outerjoin(CandidateProfile.__table__, _WISHED.person_id == _PERSON.id)
    .outerjoin(InterviewerProfile.__table__, _OFFERED.person_id == _PERSON.id)
    .where(_PERSON.id == bindparam("person_id"))
)
_WIDTH = len(_SAID) + 1


def wishes(person_id: int) -> Wishes | None:
    """What a candidate prepares for; None while they have not said it."""
    row = db.session.execute(_WISHES, {"person_id": person_id}).one_or_none()
    return Wishes(*row[:_WIDTH]) if row is not None else None


def profiles(person_id: int) -> Profiles:
    """Both of somebody, in one select."""
    row = db.session.execute(_PROFILES, {"person_id": person_id}).one()
    said = Wishes(*row[:_WIDTH]) if row.target_level is not None else None
    return Profiles(said, *row[_WIDTH:])


def devices(person_id: int) -> list[Login]:
    """The devices logged in now, the last seen first."""
    return list(
        db.session.scalars(
            select(Login)
            .where(Login.person_id == person_id, Login.ended_at.is_(None))
            .order_by(Login.seen_at.desc(), Login.id.desc())
        )
    )


def everything(person_id: int, *, now: datetime) -> dict[str, Any]:
    """All that is kept about a person, in words a program can read; nobody else's names."""
    person = db.session.get_one(Person, person_id)

    def mine(table: Any, column: Any) -> list[dict[str, Any]]:
        return _rows(db.session.scalars(select(table).where(column == person_id)))

    bookings = list(
        db.session.scalars(
            select(Booking).where(
                (Booking.candidate_id == person_id) | (Booking.interviewer_id == person_id)
            )
        )
    )
    feedback = [
        _feedback(one, mine=one.author_id == person_id)
        for one in db.session.scalars(
            select(Feedback)
            .join(Booking)
            .where(
                (Feedback.author_id == person_id)
                | ((Booking.candidate_id == person_id) & Feedback.released_at.is_not(None))
            )
        )
    ]
    ids = [booking.id for booking in bookings if booking.candidate_id == person_id]
    ratings = select(InterviewerRating).where(InterviewerRating.booking_id.in_(ids))
    return {
        "made_at": now.isoformat(),
        "person": _row(person) | {"roles": sorted(person.role_names)},
        "candidate": _row(person.candidate) if person.candidate else None,
        "interviewer": _row(person.interviewer) if person.interviewer else None,
        "weekly_hours": mine(AvailabilityRule, AvailabilityRule.person_id),
        "other_dates": mine(AvailabilityException, AvailabilityException.person_id),
        "interviews": [_row(one) | {"my_side": one.side_of(person_id)} for one in bookings],
        "invitations": mine(Invitation, Invitation.person_id),
        "mails_that_came_in": mine(Reply, Reply.person_id),
        "feedback": feedback,
        "ratings_given": _rows(db.session.scalars(ratings)),
        "waiting_for_times": mine(SlotRequest, SlotRequest.candidate_id),
        "own_calendars": mine(BusyCalendar, BusyCalendar.person_id),
        "calendar_feed": mine(CalendarFeed, CalendarFeed.person_id),
        "devices": mine(Login, Login.person_id),
        "mails": mine(OutboxMessage, OutboxMessage.person_id),
        "changes_i_made": mine(AuditEntry, AuditEntry.actor_id),
    }


def _feedback(one: Feedback, *, mine: bool) -> dict[str, Any]:
    """One feedback; the interview notes are the author's own."""
    scores = _rows(one.scores)
    if not mine:
        scores = [{k: v for k, v in score.items() if k != "note"} for score in scores]
    return _row(one) | {"scores": scores, "practice": _rows(one.practice)}


def _rows(rows: Iterable[Base]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows]


def _row(row: Base) -> dict[str, Any]:
    return {
        column.key: _plain(getattr(row, column.key))
        for column in type(row).__mapper__.column_attrs
        if column.key not in SECRETS
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
