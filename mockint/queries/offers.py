"""What decides who is free, read in few selects for one interviewer or for a thousand.

Bookings come as integers from `occupancy`: a person, the first cell and the end of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select

from mockint.db import db
from mockint.domain import zones
from mockint.domain.availability import (
    Limits,
    Offer,
    Terms,
    horizon_window,
    hours_from,
)
from mockint.domain.community import Community
from mockint.domain.matching import LOAD_DAYS, Candidate, Interviewer
from mockint.domain.timespan import Span, cells_around, instant_of
from mockint.models import (
    AvailabilityException,
    AvailabilityRule,
    Booking,
    CandidateProfile,
    InterviewerProfile,
    Occupancy,
    Person,
)
from mockint.queries import community as community_query

CAPS_REACH = timedelta(days=8)
"""Caps count whole weeks, so bookings are read this far beyond the window on both sides."""
_LONGEST_MIN = 90


@dataclass(frozen=True, slots=True)
class Volunteer:
    """An approved interviewer: what matching asks for, the limits, and what people may see."""

    interviewer: Interviewer
    limits: Limits
    name: str
    title: str


def terms(community: Community) -> Terms:
    """What the community asks of every booking."""
    return Terms(
        notice_min=community.minimum_notice_min,
        horizon_days=community.horizon_days,
        step_min=community.step_min,
    )


def volunteers(
    *, now: datetime, community: Community, ids: Collection[int] | None = None
) -> list[Volunteer]:
    """The approved interviewers (of `ids`), in two selects however many they are."""
    profile = InterviewerProfile
    query = (
        select(
            Person.id,
            Person.name,
            Person.zone,
            profile.tracks,
            profile.levels,
            profile.languages,
            profile.company,
            profile.title,
            profile.years,
            profile.buffer_min,
            profile.notice_min,
            profile.max_per_day,
            profile.max_per_week,
            profile.paused_until,
        )
        .join(profile, profile.person_id == Person.id)
        .where(profile.state == "approved", Person.active, Person.deleted_at.is_(None))
        .order_by(Person.id)
    )
    if ids is not None:
        query = query.where(Person.id.in_(ids))
    recent = _recent(now, ids)
    last_day = now + timedelta(days=community.horizon_days)
    return [_volunteer(row, recent.get(row.id, 0), last_day) for row in db.session.execute(query)]


def _volunteer(row: Any, recent: int, last_day: datetime) -> Volunteer:
    paused = row.paused_until is not None and row.paused_until > zones.local_date(
        row.zone, last_day
    )
    return Volunteer(
        interviewer=Interviewer(
            person_id=row.id,
            tracks=frozenset(row.tracks),
            levels=frozenset(row.levels),
            languages=frozenset(row.languages),
            zone=row.zone,
            company=row.company,
            years=row.years,
            paused=paused,
            recent=recent,
            cap=row.max_per_week * 4,
        ),
        limits=Limits(
            buffer_min=row.buffer_min,
            notice_min=row.notice_min,
            per_day=row.max_per_day,
            per_week=row.max_per_week,
            paused_until=row.paused_until,
        ),
        name=row.name,
        title=row.title,
    )


def _recent(now: datetime, ids: Collection[int] | None) -> dict[int, int]:
    query = (
        select(Booking.interviewer_id, func.count().label("given"))
        .where(Booking.state == "confirmed", Booking.start_at > now - timedelta(days=LOAD_DAYS))
        .group_by(Booking.interviewer_id)
    )
    if ids is not None:
        query = query.where(Booking.interviewer_id.in_(ids))
    return {row.interviewer_id: row.given for row in db.session.execute(query)}


def offers_of(
    people: Iterable[Volunteer],
    *,
    now: datetime,
    window: Span,
    without: int | None = None,
) -> dict[int, Offer]:
    """When each of them is free inside `window`, in three selects; `without` leaves a booking out
    that is being moved or swapped."""
    asked = {one.interviewer.person_id: one for one in people}
    rules: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for person_id, weekday, start_min, end_min in db.session.execute(
        select(
            AvailabilityRule.person_id,
            AvailabilityRule.weekday,
            AvailabilityRule.start_min,
            AvailabilityRule.end_min,
        ).where(AvailabilityRule.person_id.in_(asked))
    ):
        rules[person_id].append((weekday, start_min, end_min))
    exceptions: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(
        select(
            AvailabilityException.person_id,
            AvailabilityException.first_on,
            AvailabilityException.last_on,
            AvailabilityException.blocks,
        )
        .where(AvailabilityException.person_id.in_(asked))
        .order_by(AvailabilityException.id)
    ):
        exceptions[row.person_id].append((row.first_on, row.last_on, row.blocks))
    taken = _taken(asked, now=now, window=window, without=without)
    return {
        person_id: Offer(
            hours=hours_from(one.interviewer.zone, rules[person_id], exceptions[person_id]),
            limits=one.limits,
            booked=tuple(span for span, gives in taken[person_id] if gives),
            busy=tuple(span for span, gives in taken[person_id] if not gives),
        )
        for person_id, one in asked.items()
    }


def _taken(
    ids: Collection[int], *, now: datetime, window: Span, without: int | None
) -> dict[int, list[tuple[Span, bool]]]:
    """Live holds and bookings of each person; True: they are the interviewer of it."""
    around = cells_around(Span(window.start - CAPS_REACH, window.end + CAPS_REACH))
    query = (
        select(
            Occupancy.person_id,
            func.min(Occupancy.cell),
            func.max(Occupancy.cell) + 1,
            Booking.interviewer_id,
        )
        .join(Booking, Booking.id == Occupancy.booking_id)
        .where(
            Occupancy.person_id.in_(ids),
            Occupancy.cell >= around.start,
            Occupancy.cell < around.stop,
            or_(
                Booking.state == "confirmed",
                and_(Booking.state == "held", Booking.held_until > now),
            ),
        )
        .group_by(Occupancy.person_id, Occupancy.booking_id, Booking.interviewer_id)
    )
    if without is not None:
        query = query.where(Occupancy.booking_id != without)
    found: dict[int, list[tuple[Span, bool]]] = defaultdict(list)
    for person_id, first, end, interviewer_id in db.session.execute(query):
        span = Span(instant_of(first), instant_of(end))
        found[person_id].append((span, interviewer_id == person_id))
    return found


def busy(
    person_id: int, *, now: datetime, window: Span, without: int | None = None
) -> tuple[Span, ...]:
    """What one person has already, on whichever side."""
    taken = _taken([person_id], now=now, window=window, without=without)
    return tuple(span for span, _ in taken[person_id])


def of_interviewer(person_id: int, *, now: datetime) -> Offer:
    """One interviewer's offer over the whole horizon, for the page where hours are set."""
    community = community_query.current()
    people = volunteers(now=now, community=community, ids=[person_id])
    window = horizon_window(now, terms(community), _LONGEST_MIN)
    return offers_of(people, now=now, window=window)[person_id]


def candidate(person_id: int) -> Candidate | None:
    """What matching asks of a candidate; None while there is no profile."""
    row = db.session.execute(
        select(
            Person.zone,
            CandidateProfile.languages,
            CandidateProfile.current_employer,
            CandidateProfile.target_companies,
        )
        .join(CandidateProfile, CandidateProfile.person_id == Person.id)
        .where(Person.id == person_id)
    ).one_or_none()
    if row is None:
        return None
    met = db.session.scalars(
        select(Booking.interviewer_id)
        .where(
            Booking.candidate_id == person_id,
            Booking.state == "confirmed",
            Booking.interviewer_attendance != "absent",
        )
        .distinct()
    )
    return Candidate(
        person_id=person_id,
        languages=row.languages,
        zone=row.zone,
        employer=row.current_employer,
        target_companies=row.target_companies,
        met=frozenset(met),
    )
