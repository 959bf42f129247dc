"""The two people of one booking: all that decides about it, for who holds their locks.

`offers` says the same about many people at once. These statements are built once, as putting one
together costs more than asking it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, null, select, union_all

from mockint.db import db
from mockint.domain.availability import hours_from
from mockint.domain.booking import State
from mockint.domain.matching import Candidate
from mockint.domain.timespan import Span, cells_around, instant_of
from mockint.models import (
    AvailabilityException,
    AvailabilityRule,
    Booking,
    BusyCalendar,
    CandidateProfile,
    InterviewerProfile,
    Occupancy,
    Person,
)
from mockint.queries import busytime
from mockint.queries.offers import CAPS_REACH, Taken, Volunteer, Written, volunteer_of

_BOOKING = Booking.__table__.c
_OCCUPANCY = Occupancy.__table__.c
_CANDIDATE = Person.__table__.alias("candidate")
_WISHES = CandidateProfile.__table__
_INTERVIEWER = Person.__table__.alias("interviewer")
_PROFILE = InterviewerProfile.__table__


@dataclass(frozen=True, slots=True)
class Own:
    """A hold or booking of a candidate, as the candidate."""

    id: int
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

    @property
    def duration_min(self) -> int:
        return int((self.end_at - self.start_at).total_seconds()) // 60


_OWN = select(*(_BOOKING[name] for name in Own.__dataclass_fields__)).where(
    _BOOKING.candidate_id == bindparam("candidate_id"), _BOOKING.state != "cancelled"
)


def own(candidate_id: int) -> list[Own]:
    """What a candidate holds, and has booked ever."""
    rows = db.session.execute(_OWN, {"candidate_id": candidate_id})
    return [Own(*row) for row in rows]


def met(own: Iterable[Own]) -> frozenset[int]:
    """Whom a candidate was or will be interviewed by."""
    return frozenset(
        one.interviewer_id
        for one in own
        if one.state == State.CONFIRMED and one.interviewer_attendance != "absent"
    )


def upcoming(own: Iterable[Own], now: datetime) -> int:
    """How many booked interviews are ahead."""
    return sum(one.state == State.CONFIRMED and one.start_at > now for one in own)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides as they are now."""

    confirmed: bool
    """The candidate's address is."""
    candidate: Candidate | None
    """None while the profile is missing or says no track or language; `met` is left empty."""
    volunteer: Volunteer | None
    """None when they are no approved interviewer (any more)."""
    meeting_link: str
    makes_link: bool


_OFFERED = (
    *("tracks", "levels", "languages", "company", "title", "years"),
    *("buffer_min", "notice_min", "max_per_day", "max_per_week", "paused_until"),
    *("meeting_link", "makes_link"),
)
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
    )
    .select_from(_CANDIDATE)
    .outerjoin(_WISHES, _WISHES.c.person_id == _CANDIDATE.c.id)
    .outerjoin(
        _INTERVIEWER,
        and_(
            _INTERVIEWER.c.id == bindparam("interviewer_id"),
            _INTERVIEWER.c.active,
            _INTERVIEWER.c.deleted_at.is_(None),
        ),
    )
    .outerjoin(
        _PROFILE,
        and_(_PROFILE.c.person_id == _INTERVIEWER.c.id, _PROFILE.c.state == "approved"),
    )
    .where(_CANDIDATE.c.id == bindparam("candidate_id"))
)


def pair(candidate_id: int, interviewer_id: int | None) -> Pair | None:
    """Both sides in one select; None when there is no such candidate."""
    ids = {"candidate_id": candidate_id, "interviewer_id": interviewer_id}
    row = db.session.execute(_PAIR, ids).one_or_none()
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
        )
    offered = row.makes_link is not None
    return Pair(
        confirmed=row.confirmed_at is not None,
        candidate=candidate,
        volunteer=volunteer_of(row) if offered else None,
        meeting_link=row.meeting_link or "",
        makes_link=bool(row.makes_link),
    )


_RULES = AvailabilityRule.__table__.c
_WEEKLY = select(_RULES.weekday, _RULES.start_min, _RULES.end_min).where(
    _RULES.person_id == bindparam("person_id")
)
_DATES = AvailabilityException.__table__.c
_OTHERWISE = (
    select(_DATES.first_on, _DATES.last_on, _DATES.blocks)
    .where(_DATES.person_id == bindparam("person_id"))
    .order_by(_DATES.id)
)
_BOOKED = (
    select(
        _OCCUPANCY.person_id,
        _BOOKING.id,
        func.min(_OCCUPANCY.cell).label("first_cell"),
        (func.max(_OCCUPANCY.cell) + 1).label("end_cell"),
        _BOOKING.interviewer_id,
        _BOOKING.state,
        _BOOKING.held_until,
    )
    .join_from(Occupancy.__table__, Booking.__table__, _BOOKING.id == _OCCUPANCY.booking_id)
    .where(
        _OCCUPANCY.person_id.in_((bindparam("candidate_id"), bindparam("interviewer_id"))),
        _OCCUPANCY.cell >= bindparam("first"),
        _OCCUPANCY.cell < bindparam("end"),
    )
    .group_by(_OCCUPANCY.person_id, _BOOKING.id)
)
_AWAY = (
    busytime.away(bindparam("span_first", type_=Integer), bindparam("span_end", type_=Integer))
    .where(BusyCalendar.person_id == bindparam("interviewer_id"))
    .subquery()
)
_TAKEN = union_all(
    _BOOKED,
    select(
        _AWAY.c.person_id,
        null(),
        _AWAY.c.first_cell,
        _AWAY.c.end_cell,
        _AWAY.c.person_id,
        null(),
        null(),
    ),
)
"""What is booked has a number; the interviewer's own calendars have none."""


def written(volunteer: Volunteer) -> Written:
    """An interviewer's hours and limits; what is taken comes from `around`."""
    asked: dict[str, Any] = {"person_id": volunteer.interviewer.person_id}
    weekly = db.session.execute(_WEEKLY, asked).all()
    otherwise = db.session.execute(_OTHERWISE, asked).all()
    zone = volunteer.interviewer.zone
    return Written(hours_from(zone, weekly, otherwise), volunteer.limits, ())


@dataclass(frozen=True, slots=True)
class Around:
    """What is in the way of a booking, or close to it."""

    taken: dict[int, list[Taken]]
    """Holds and bookings of both by person, also holds that ran out."""
    away: tuple[range, ...]
    """The cells in which the interviewer's own calendars are busy."""


def around(
    candidate_id: int, interviewer_id: int, *, window: Span, without: int | None = None
) -> Around:
    """All of it in one statement, as each of a booking's costs a round trip."""
    span = cells_around(window)
    wide = cells_around(Span(window.start - CAPS_REACH, window.end + CAPS_REACH))
    asked = {"span_first": span.start, "span_end": span.stop}
    asked |= {"first": wide.start, "end": wide.stop}
    asked |= {"candidate_id": candidate_id, "interviewer_id": interviewer_id}
    found: dict[int, list[Taken]] = {candidate_id: [], interviewer_id: []}
    away: list[range] = []
    for person_id, number, first, end, gives, state, held_until in db.session.execute(
        _TAKEN, asked
    ):
        if number is None:
            away.append(range(first, end))
        elif number != without:
            each = Span(instant_of(first), instant_of(end))
            found[person_id].append(Taken(each, gives == person_id, state, held_until))
    return Around(found, tuple(away))
