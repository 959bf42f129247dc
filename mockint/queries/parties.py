"""The two people of one booking: all that decides about it, for who holds their locks.

`offers` says the same about many people at once. These statements are built once, as putting one
together costs more than asking it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, or_, select

from mockint.db import db
from mockint.domain.availability import Hours, hours_from
from mockint.domain.booking import State
from mockint.domain.matching import Candidate
from mockint.domain.timespan import Span, cells_around
from mockint.models import (
    AvailabilityException,
    AvailabilityRule,
    Booking,
    BusyCalendar,
    CandidateProfile,
    InterviewerProfile,
    Person,
)
from mockint.queries import blocked, busytime, nested
from mockint.queries.offers import CAPS_REACH, Taken, Volunteer, Written, volunteer_of

_BOOKING = Booking.__table__.c
_BOOKING_AHEAD = Booking.__table__.alias("ahead")
_CANDIDATE = Person.__table__.alias("candidate")
_WISHES = CandidateProfile.__table__
_INTERVIEWER = Person.__table__.alias("interviewer")
_PROFILE = InterviewerProfile.__table__


@dataclass(frozen=True, slots=True)
class Meeting:
    """A hold, also one that ran out, or a booking."""

    id: int
    candidate_id: int
    interviewer_id: int
    state: str
    held_until: datetime | None
    start_at: datetime
    end_at: datetime
    track: str
    level: str
    chosen: bool
    request_key: str | None
    interviewer_attendance: str
    sequence: int

    @property
    def duration_min(self) -> int:
        return int((self.end_at - self.start_at).total_seconds()) // 60


ROWS = select(*(_BOOKING[name] for name in Meeting.__dataclass_fields__))
"""Rows of `Meeting`."""
_LIVE = ROWS.where(_BOOKING.state != "cancelled")
_OWN = _LIVE.where(_BOOKING.candidate_id == bindparam("candidate_id"))


def own(candidate_id: int) -> list[Meeting]:
    """What a candidate holds, and has booked ever."""
    rows = db.session.execute(_OWN, {"candidate_id": candidate_id})
    return [Meeting(*row) for row in rows]


def met(own: Iterable[Meeting]) -> frozenset[int]:
    """Whom a candidate was or will be interviewed by."""
    return frozenset(
        one.interviewer_id
        for one in own
        if one.state == State.CONFIRMED and one.interviewer_attendance != "absent"
    )


def upcoming(own: Iterable[Meeting], now: datetime) -> int:
    """How many booked interviews are ahead."""
    return sum(one.state == State.CONFIRMED and one.start_at > now for one in own)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides as they are now."""

    confirmed: bool
    """The candidate's address is."""
    candidate: Candidate | None
    """None while the profile is missing or says no track or language; `met` is left empty, and
    `blocked` knows of this interviewer alone."""
    volunteer: Volunteer | None
    """None when they are no approved interviewer (any more)."""
    hours: Hours | None
    """Of the volunteer."""
    away: tuple[range, ...]
    """The cells in which the volunteer's own calendars are busy."""
    meeting_link: str
    makes_link: bool

    def written(self, taken: Iterable[Taken]) -> Written | None:
        """What decides when the volunteer is free, with what is taken of their time."""
        if self.volunteer is None or self.hours is None:
            return None
        return Written(self.hours, self.volunteer.limits, tuple(taken), self.away)


_OFFERED = (
    *("tracks", "levels", "languages", "company", "title", "years"),
    *("buffer_min", "notice_min", "max_per_day", "max_per_week", "paused_until"),
    *("meeting_link", "makes_link"),
)
_RULES = AvailabilityRule.__table__.c
_DATES = AvailabilityException.__table__.c


def _hours_of(person_id: ColumnElement[int]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The weekly hours of an interviewer, and the dates that differ."""
    weekly = select(_RULES.weekday, _RULES.start_min, _RULES.end_min)
    dates = select(_DATES.id, _DATES.first_on, _DATES.last_on, _DATES.blocks)
    return (
        nested.rows(weekly.where(_RULES.person_id == person_id)).label("weekly"),
        nested.rows(dates.where(_DATES.person_id == person_id)).label("otherwise"),
    )


def _hours(zone: str, weekly: Any, otherwise: Any) -> Hours:
    dates = (
        (date.fromisoformat(first), date.fromisoformat(last), blocks)
        for _id, first, last, blocks in sorted(otherwise or ())
    )
    return hours_from(zone, weekly or (), dates)


def _away_of(person_id: ColumnElement[int]) -> ColumnElement[Any]:
    """When the own calendars of an interviewer are busy, inside the cells that are asked about."""
    cells = (bindparam(name, type_=Integer) for name in ("first", "end"))
    away = busytime.away(*cells).where(BusyCalendar.person_id == person_id)
    return nested.rows(away).label("away")


_IS_HERE = and_(_INTERVIEWER.c.active, _INTERVIEWER.c.deleted_at.is_(None))
_IS_APPROVED = and_(_PROFILE.c.person_id == _INTERVIEWER.c.id, _PROFILE.c.state == "approved")
_PAIR = (
    select(
        _CANDIDATE.c.confirmed_at,
        _CANDIDATE.c.zone.label("candidate_zone"),
        _WISHES.c.tracks.label("candidate_tracks"),
        _WISHES.c.languages.label("candidate_languages"),
        _WISHES.c.current_employer,
        _WISHES.c.target_companies,
        *(_INTERVIEWER.c[name] for name in ("id", "name", "zone")),
        *(_PROFILE.c[name] for name in _OFFERED),
        blocked.between(_CANDIDATE.c.id, _INTERVIEWER.c.id).label("apart"),
        *_hours_of(_INTERVIEWER.c.id),
        _away_of(_INTERVIEWER.c.id),
    )
    .select_from(_CANDIDATE)
    .outerjoin(_WISHES, _WISHES.c.person_id == _CANDIDATE.c.id)
    .outerjoin(_INTERVIEWER, and_(_INTERVIEWER.c.id == bindparam("interviewer_id"), _IS_HERE))
    .outerjoin(_PROFILE, _IS_APPROVED)
    .where(_CANDIDATE.c.id == bindparam("candidate_id"))
)


def pair(candidate_id: int, interviewer_id: int | None, window: Span | None) -> Pair | None:
    """Both sides in one select; of the interviewer also what keeps them away in `window`. None when
    there is no such candidate."""
    cells = cells_around(window) if window is not None else range(0)
    asked = {"candidate_id": candidate_id, "interviewer_id": interviewer_id}
    row = db.session.execute(_PAIR, asked | {"first": cells.start, "end": cells.stop}).one_or_none()
    if row is None:
        return None
    candidate = None
    if row.candidate_tracks and row.candidate_languages:
        candidate = Candidate(
            person_id=candidate_id,
            languages=row.candidate_languages,
            zone=row.candidate_zone,
            employer=row.current_employer,
            target_companies=row.target_companies,
            blocked=frozenset([row.id] if row.apart else []),
        )
    offered = row.makes_link is not None
    return Pair(
        confirmed=row.confirmed_at is not None,
        candidate=candidate,
        volunteer=volunteer_of(row) if offered else None,
        hours=_hours(row.zone, row.weekly, row.otherwise) if offered else None,
        away=tuple(range(first, end) for _person, first, end in row.away or ()),
        meeting_link=row.meeting_link or "",
        makes_link=bool(row.makes_link),
    )


@dataclass(frozen=True, slots=True)
class Sides:
    """Of both sides what decides whether their hold can become a booking."""

    confirmed_at: datetime | None
    """The candidate's address."""
    tracks: tuple[str, ...] | None
    languages: tuple[str, ...] | None
    """What the candidate prepares for, and in; None while there is no profile."""
    upcoming: int
    """How many booked interviews the candidate has ahead."""
    meeting_link: str | None
    makes_link: bool | None
    """Of the interviewer; None when they are none (any more)."""
    apart: bool
    """An organiser keeps the two apart."""


def with_sides(held: Select[Any]) -> Select[Any]:
    """A select of bookings that also says `Sides` of each; it asks for `now`."""
    ahead = _BOOKING_AHEAD.c
    upcoming = select(func.count()).where(
        ahead.candidate_id == _CANDIDATE.c.id,
        ahead.state == "confirmed",
        ahead.start_at > bindparam("now"),
    )
    return (
        held.add_columns(
            *(_CANDIDATE.c.confirmed_at, _WISHES.c.tracks, _WISHES.c.languages),
            *(upcoming.scalar_subquery(), _PROFILE.c.meeting_link, _PROFILE.c.makes_link),
            blocked.between(_BOOKING.candidate_id, _BOOKING.interviewer_id),
        )
        .join(_CANDIDATE, _CANDIDATE.c.id == _BOOKING.candidate_id)
        .outerjoin(_WISHES, _WISHES.c.person_id == _CANDIDATE.c.id)
        .outerjoin(_INTERVIEWER, and_(_INTERVIEWER.c.id == _BOOKING.interviewer_id, _IS_HERE))
        .outerjoin(_PROFILE, _IS_APPROVED)
    )


_PEOPLE = (
    bindparam("candidate_id", type_=Integer),
    bindparam("interviewer_id", type_=Integer),
)
_AROUND = _LIVE.where(
    or_(
        _BOOKING.candidate_id == bindparam("candidate_id"),
        and_(
            or_(_BOOKING.interviewer_id.in_(_PEOPLE), _BOOKING.candidate_id.in_(_PEOPLE)),
            _BOOKING.start_at < bindparam("end"),
            _BOOKING.end_at > bindparam("start"),
        ),
    )
)
"""Everything the candidate has, and what both have around a time."""


def around(candidate_id: int, interviewer_id: int, window: Span) -> list[Meeting]:
    """What a candidate holds, and has booked ever, and what both sides have around `window`; holds
    that ran out are among it."""
    asked: dict[str, Any] = {"candidate_id": candidate_id, "interviewer_id": interviewer_id}
    asked |= {"start": window.start - CAPS_REACH, "end": window.end + CAPS_REACH}
    return [Meeting(*row) for row in db.session.execute(_AROUND, asked)]


def taken_by(
    person_id: int, found: Iterable[Meeting], *, without: int | None = None
) -> list[Taken]:
    """Which of the holds and bookings that were found take time of this person."""
    return [
        Taken(
            Span(one.start_at, one.end_at),
            gives=one.interviewer_id == person_id,
            state=one.state,
            held_until=one.held_until,
        )
        for one in found
        if person_id in (one.candidate_id, one.interviewer_id) and one.id != without
    ]
