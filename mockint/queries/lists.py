"""The organiser's lists: bookings, people, demand, mails; filtered by what the address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import (
    JSON,
    ColumnElement,
    Select,
    String,
    and_,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased, selectinload

from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models import (
    Booking,
    Feedback,
    InterviewerProfile,
    Invitation,
    OutboxMessage,
    Person,
    PersonRole,
    Role,
    SlotRequest,
)

ABSENT, UNKNOWN = "absent", "unknown"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the filter bar says; every field is a word of the address, empty means any."""

    q: str = ""
    state: str = ""
    track: str = ""
    level: str = ""
    role: str = ""
    kind: str = ""
    when: str = ""
    sort: str = ""

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Self:
        """Only known names, each cut to a sane length and without control characters."""
        return cls(**{f.name: _plain(arguments.get(f.name, "")) for f in fields(cls)})

    def chosen(self) -> dict[str, Any]:
        """The fields that are set, for links to other pages of the same list."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name)}


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable()).strip()[:100]


def disputed() -> ColumnElement[bool]:
    """Both sides reported and at least one says the other did not come."""
    absent = or_(Booking.candidate_attendance == ABSENT, Booking.interviewer_attendance == ABSENT)
    both = and_(Booking.candidate_attendance != UNKNOWN, Booking.interviewer_attendance != UNKNOWN)
    return and_(Booking.state == "confirmed", absent, both)


def absence() -> ColumnElement[bool]:
    """One side says the other did not come and nobody contradicts."""
    return and_(
        Booking.state == "confirmed",
        or_(
            and_(Booking.candidate_attendance == ABSENT, Booking.interviewer_attendance == UNKNOWN),
            and_(Booking.candidate_attendance == UNKNOWN, Booking.interviewer_attendance == ABSENT),
        ),
    )


def overdue(ended_before: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Feedback is owed on what ended long ago; use with an outer join to Feedback.

    Owed as `domain.interview.feedback_owed` says: an interviewer who reports to have been there
    owes it although the candidate says otherwise.
    """
    return and_(
        Booking.state == "confirmed",
        Booking.end_at < ended_before,
        Booking.candidate_attendance != ABSENT,
        or_(Booking.interviewer_attendance != ABSENT, Booking.candidate_attendance != UNKNOWN),
        or_(Feedback.id.is_(None), Feedback.state == "draft"),
    )


def answered(*partstats: str) -> ColumnElement[bool]:
    """One of the two who are booked said so; see `domain.reply.Partstat`."""
    return (
        exists()
        .where(
            Invitation.booking_id == Booking.id,
            Invitation.partstat.in_(partstats),
            or_(
                and_(
                    Invitation.side == "candidate",
                    Invitation.person_id == Booking.candidate_id,
                ),
                and_(
                    Invitation.side == "interviewer",
                    Invitation.person_id == Booking.interviewer_id,
                ),
            ),
        )
        .correlate(Booking)
    )


def waiting() -> ColumnElement[bool]:
    """A candidate asked for a time and was not told of one yet."""
    return and_(SlotRequest.ended_at.is_(None), SlotRequest.told_at.is_(None))


def _like(text: str) -> str:
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def bookings(
    chosen: Filter, *, now: datetime, deadline: timedelta, today: tuple[datetime, datetime]
) -> Select[Booking, Feedback]:
    """(Booking, Feedback or None), newest start first; `today` is the reader's local day."""
    candidate, interviewer = aliased(Person), aliased(Person)
    query = (
        select(Booking, Feedback)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .join(candidate, candidate.id == Booking.candidate_id)
        .join(interviewer, interviewer.id == Booking.interviewer_id)
    )
    if chosen.q:
        pattern = _like(chosen.q)
        matches: list[ColumnElement[bool]] = [
            func.lower(column).like(pattern, escape="\\")
            for side in (candidate, interviewer)
            for column in (side.name, side.email)
        ]
        if _is_id(chosen.q):
            matches.append(Booking.id == int(chosen.q))
        query = query.where(or_(*matches))
    if chosen.track:
        query = query.where(Booking.track == chosen.track)
    if chosen.state:
        query = query.where(_booking_state(chosen.state, now, deadline))
    if chosen.when:
        query = query.where(_when(chosen.when, now, today))
    orders: dict[str, tuple[ColumnElement[Any], ...]] = {
        "": (Booking.start_at.desc(),),
        "start": (Booking.start_at.asc(),),
        "candidate": (func.lower(candidate.name), Booking.start_at.desc()),
        "interviewer": (func.lower(interviewer.name), Booking.start_at.desc()),
    }
    return query.order_by(*orders.get(chosen.sort, orders[""]), Booking.id)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _booking_state(word: str, now: datetime, deadline: timedelta) -> ColumnElement[bool]:
    confirmed = Booking.state == "confirmed"
    states: dict[str, ColumnElement[bool]] = {
        "held": Booking.state == "held",
        "ahead": and_(confirmed, Booking.start_at > now),
        "running": and_(confirmed, Booking.start_at <= now, Booking.end_at > now),
        "done": and_(confirmed, Booking.end_at <= now),
        "cancelled": Booking.state == "cancelled",
        "disputed": disputed(),
        "absent": absence(),
        "overdue": overdue(now - deadline),
        "declined": and_(confirmed, Booking.start_at > now, answered("DECLINED", "DELEGATED")),
    }
    return states.get(word, Booking.id < 0)


def _when(word: str, now: datetime, today: tuple[datetime, datetime]) -> ColumnElement[bool]:
    day = timedelta(days=1)
    spans = {
        "today": today,
        "week": (now, now + 7 * day),
        "last_week": (now - 7 * day, now),
        "month": (now - 30 * day, now),
    }
    if word not in spans:
        return Booking.id < 0
    since, until = spans[word]
    return and_(Booking.start_at >= since, Booking.start_at < until)


def people(chosen: Filter) -> Select[Person, InterviewerProfile]:
    """(Person, InterviewerProfile or None), by name."""
    query = (
        select(Person, InterviewerProfile)
        .outerjoin(InterviewerProfile, InterviewerProfile.person_id == Person.id)
        .where(Person.deleted_at.is_(None))
        .options(selectinload(Person.roles))
    )
    if chosen.q:
        pattern = _like(chosen.q)
        query = query.where(
            or_(
                func.lower(Person.name).like(pattern, escape="\\"),
                func.lower(Person.email).like(pattern, escape="\\"),
                func.lower(InterviewerProfile.company).like(pattern, escape="\\"),
            )
        )
    if chosen.role:
        holders = (
            select(PersonRole.person_id)
            .join(Role, Role.id == PersonRole.role_id)
            .where(Role.name == chosen.role)
        )
        query = query.where(Person.id.in_(holders))
    if chosen.state == "disabled":
        query = query.where(Person.active.is_(False))
    elif chosen.state == "unconfirmed":
        query = query.where(Person.confirmed_at.is_(None))
    elif chosen.state:
        query = query.where(InterviewerProfile.state == chosen.state)
    if chosen.track:
        query = query.where(_lists(InterviewerProfile.tracks, chosen.track))
    if chosen.level:
        query = query.where(_lists(InterviewerProfile.levels, chosen.level))
    if chosen.sort == "newest":
        return query.order_by(Person.created_at.desc(), Person.id.desc())
    return query.order_by(func.lower(Person.name), Person.id)


def _lists(column: InstrumentedAttribute[tuple[str, ...]], word: str) -> ColumnElement[bool]:
    """Whether a list of words, kept as JSON text, holds this one."""
    known = word if word in {**TRACKS, **LEVELS} else "none of them"
    return type_coerce(column, JSON).cast(String).contains(f'"{known}"', autoescape=True)


def demand(chosen: Filter) -> Select[SlotRequest, Person]:
    """(SlotRequest, Person): who waits to be told of a free time, the longest first."""
    query = (
        select(SlotRequest, Person)
        .join(Person, Person.id == SlotRequest.candidate_id)
        .where(waiting())
    )
    if chosen.track:
        query = query.where(SlotRequest.track == chosen.track)
    if chosen.level:
        query = query.where(SlotRequest.level == chosen.level)
    return query.order_by(SlotRequest.created_at, SlotRequest.id)


def mails(chosen: Filter, *, now: datetime) -> Select[OutboxMessage, Person]:
    """(OutboxMessage, Person or None), the latest due first; planned ones only when asked for."""
    query = select(OutboxMessage, Person).outerjoin(Person, Person.id == OutboxMessage.person_id)
    if chosen.q:
        pattern = _like(chosen.q)
        query = query.where(
            or_(
                OutboxMessage.booking_id == (int(chosen.q) if _is_id(chosen.q) else -1),
                func.lower(Person.name).like(pattern, escape="\\"),
                func.lower(Person.email).like(pattern, escape="\\"),
                func.lower(OutboxMessage.address).like(pattern, escape="\\"),
                func.lower(OutboxMessage.subject).like(pattern, escape="\\"),
            )
        )
    if chosen.kind:
        query = query.where(OutboxMessage.kind == chosen.kind)
    if chosen.state == "planned":
        query = query.where(OutboxMessage.state == "pending", OutboxMessage.due_at > now)
        return query.order_by(OutboxMessage.due_at, OutboxMessage.id)
    query = query.where(OutboxMessage.due_at <= now)
    if chosen.state == "failed":
        query = query.where(failed())
    elif chosen.state:
        query = query.where(OutboxMessage.state == chosen.state)
    return query.order_by(OutboxMessage.due_at.desc(), OutboxMessage.id.desc())


def failed() -> ColumnElement[bool]:
    """Given up, or tried in vain and still to be tried."""
    return or_(
        OutboxMessage.state == "dead",
        and_(OutboxMessage.state == "pending", OutboxMessage.attempts > 0),
    )
