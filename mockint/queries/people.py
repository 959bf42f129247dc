"""People, for their own pages: their devices, and everything that is kept about them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager, joinedload, load_only
from sqlalchemy.orm.attributes import set_committed_value

from mockint.db import Base, db
from mockint.models import (
    AuditEntry,
    AvailabilityException,
    AvailabilityRule,
    Booking,
    BusyCalendar,
    CalendarFeed,
    Feedback,
    InterviewerRating,
    Invitation,
    Login,
    OutboxMessage,
    Person,
    Reply,
    Role,
    SlotRequest,
)
from mockint.queries import community as community_query

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


_LIVE_LOGIN = (
    select(Login, Role, community_query.changed())
    .join(Login.person)
    .outerjoin(Person.roles)
    .options(
        load_only(Login.role, Login.created_at, Login.seen_at),
        contains_eager(Login.person).load_only(
            *(Person.email, Person.name, Person.zone, Person.locale),
            *(Person.active, Person.confirmed_at, Person.wants_reminders, Person.undeliverable_at),
        ),
    )
    .where(Login.key_hash == bindparam("key_hash"), Login.ended_at.is_(None), Person.active)
    .order_by(Role.id)
)


def live_login(key_hash: str) -> Login | None:
    """The login with this key, its person and their roles, unless it was ended or its person may
    not come in; every request asks this once, and for the community's settings with it."""
    found = db.session.execute(_LIVE_LOGIN, {"key_hash": key_hash}).all()
    if not found:
        return None
    login: Login = found[0][0]
    set_committed_value(login.person, "roles", [role for _, role, _ in found if role is not None])
    community_query.note(found[0][2])
    return login


_WITH_PROFILES = (
    select(Person)
    .options(joinedload(Person.candidate), joinedload(Person.interviewer))
    .where(Person.id == bindparam("person_id"))
)


def read_profiles(person_id: int) -> Person:
    """A person with both profiles, for a page that shows something of each."""
    return db.session.scalars(_WITH_PROFILES, {"person_id": person_id}).one()


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
