"""What decides who is free, read in few selects for one interviewer or for a thousand.

Bookings come as integers from `occupancy`: a person, the first cell and the end of each.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from mockint.db import db
from mockint.domain import zones
from mockint.domain.availability import (
    Hours,
    Limits,
    Offer,
    Terms,
    hours_from,
)
from mockint.domain.booking import is_live
from mockint.domain.community import Community
from mockint.domain.matching import LOAD_DAYS, PRACTICE_DAYS, Interviewer
from mockint.domain.timespan import EPOCH, Span, cells_around, instant_of
from mockint.models import (
    AvailabilityException,
    AvailabilityRule,
    Booking,
    BusyCalendar,
    InterviewerProfile,
    Occupancy,
    Person,
)
from mockint.queries import blocked, busytime

CAPS_REACH = timedelta(days=8)
"""Caps count whole weeks, so bookings are read this far beyond the window on both sides."""
MOST_IDS = 1000
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Volunteer:
    """An approved interviewer: what matching asks for, the limits, and what people may see."""

    interviewer: Interviewer
    limits: Limits
    name: str
    title: str
    apart: frozenset[int] = frozenset()
    """Whom an organiser keeps apart from them."""


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
    """The approved interviewers (of `ids`), in three selects however many they are."""
    days = community.horizon_days
    return [
        replace(one, interviewer=replace(one.interviewer, paused=True))
        if on_break(one, now=now, horizon_days=days)
        else one
        for one in profiles(now=now, ids=ids)
    ]


_PROFILES = (
    select(
        Person.id,
        Person.name,
        Person.zone,
        InterviewerProfile.tracks,
        InterviewerProfile.levels,
        InterviewerProfile.languages,
        InterviewerProfile.company,
        InterviewerProfile.title,
        InterviewerProfile.years,
        InterviewerProfile.buffer_min,
        InterviewerProfile.notice_min,
        InterviewerProfile.max_per_day,
        InterviewerProfile.max_per_week,
        InterviewerProfile.paused_until,
    )
    .join(InterviewerProfile, InterviewerProfile.person_id == Person.id)
    .where(InterviewerProfile.state == "approved", Person.active, Person.deleted_at.is_(None))
)


def profiles(*, now: datetime, ids: Collection[int] | None = None) -> list[Volunteer]:
    """The same, but nobody counts as paused: that passes with time alone."""
    query = _PROFILES.order_by(Person.id)
    if ids is not None:
        query = query.where(_among(Person.id, ids))
    people = [volunteer_of(row) for row in db.session.execute(query)]
    given, apart = _given(now, ids), blocked.by_person()
    return [
        replace(
            one,
            interviewer=replace(one.interviewer, recent=recent, practice=practice),
            apart=apart.get(one.interviewer.person_id, one.apart),
        )
        for one in people
        for recent, practice in [given.get(one.interviewer.person_id, _NOTHING_GIVEN)]
    ]


def on_break(one: Volunteer, *, now: datetime, horizon_days: int) -> bool:
    """Whether a break lasts beyond every day that can be booked."""
    until = one.limits.paused_until
    last_day = now + timedelta(days=horizon_days)
    return until is not None and until > zones.local_date(one.interviewer.zone, last_day)


def _among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Of these people; of many it asks for more than them, as no statement takes so many ids."""
    if len(ids) <= MOST_IDS:
        return cast("ColumnElement[bool]", column.in_(ids))
    approved = select(InterviewerProfile.person_id).where(InterviewerProfile.state == "approved")
    return cast("ColumnElement[bool]", column.in_(approved))


def volunteer_of(row: Any) -> Volunteer:
    """From a row with the columns that `profiles` selects."""
    return Volunteer(
        interviewer=Interviewer(
            person_id=row.id,
            tracks=_set_of(row.tracks),
            levels=_set_of(row.levels),
            languages=_set_of(row.languages),
            zone=sys.intern(row.zone),
            company=row.company,
            years=row.years,
            cap=row.max_per_week * 4,
        ),
        limits=_limits(
            row.buffer_min,
            row.notice_min,
            row.max_per_day,
            row.max_per_week,
            row.paused_until,
        ),
        name=row.name,
        title=row.title,
    )


@lru_cache(maxsize=4096)
def _set_of(words: tuple[str, ...]) -> frozenset[str]:
    """One set for all who say the same."""
    return frozenset(words)


@lru_cache(maxsize=4096)
def _limits(
    buffer_min: int, notice_min: int, per_day: int, per_week: int, paused_until: date | None
) -> Limits:
    return Limits(buffer_min, notice_min, per_day, per_week, paused_until)


def week_of(now: datetime) -> datetime:
    """When this week of UTC began: what is counted from there stays right until the next."""
    return EPOCH + (now - EPOCH) // WEEK * WEEK


def _given(
    now: datetime, ids: Collection[int] | None
) -> dict[int, tuple[int, Mapping[tuple[str, str], int]]]:
    """How busy each is, live holds included, and how often they gave each kind of interview."""
    week = week_of(now)
    lately = Booking.start_at >= week - timedelta(days=LOAD_DAYS)
    live = or_(Booking.state == "confirmed", Booking.held_until > now)
    came = Booking.interviewer_attendance != "absent"
    over = and_(Booking.state == "confirmed", Booking.end_at <= now, came)
    query = (
        select(
            Booking.interviewer_id,
            Booking.track,
            Booking.level,
            func.count().filter(lately, live),
            func.count().filter(over),
        )
        .where(
            Booking.state.in_(("held", "confirmed")),
            Booking.start_at >= week - timedelta(days=PRACTICE_DAYS),
        )
        .group_by(Booking.interviewer_id, Booking.track, Booking.level)
    )
    if ids is not None:
        query = query.where(_among(Booking.interviewer_id, ids))
    recent: dict[int, int] = defaultdict(int)
    practice: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for person_id, track, level, busy, given in db.session.execute(query):
        recent[person_id] += busy
        if given:
            practice[person_id][track, level] = given
    return {one: (count, practice.get(one, _NO_PRACTICE)) for one, count in recent.items()}


_NO_PRACTICE: Mapping[tuple[str, str], int] = {}
_NOTHING_GIVEN = (0, _NO_PRACTICE)


class Taken(NamedTuple):
    """One hold or booking of a person."""

    span: Span
    gives: bool
    """The person is the interviewer of it."""
    state: str
    held_until: datetime | None

    def live(self, now: datetime) -> bool:
        return is_live(self.state, self.held_until, now)


@dataclass(frozen=True, slots=True)
class Written:
    """All rows that decide when one interviewer is free; holds that ran out are among them."""

    hours: Hours
    limits: Limits
    taken: tuple[Taken, ...]
    away: tuple[range, ...] = ()
    """The cells in which their own calendars are busy."""

    def offer(self, now: datetime) -> Offer:
        live = [one for one in self.taken if one.live(now)]
        return Offer(
            hours=self.hours,
            limits=self.limits,
            booked=tuple(one.span for one in live if one.gives),
            busy=tuple(one.span for one in live if not one.gives),
            away=self.away,
        )


def offers_of(
    people: Iterable[Volunteer],
    *,
    now: datetime,
    window: Span,
    without: int | None = None,
) -> dict[int, Offer]:
    """When each of them is free inside `window`, in four selects; `without` leaves a booking out
    that is being moved or swapped."""
    rows = written(people, window=window, without=without)
    return {person_id: one.offer(now) for person_id, one in rows.items()}


def written(
    people: Iterable[Volunteer], *, window: Span, without: int | None = None
) -> dict[int, Written]:
    """The rows of each of them around `window`, in four selects."""
    asked = {one.interviewer.person_id: one for one in people}
    rules: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for person_id, weekday, start_min, end_min in db.session.execute(
        select(
            AvailabilityRule.person_id,
            AvailabilityRule.weekday,
            AvailabilityRule.start_min,
            AvailabilityRule.end_min,
        ).where(_among(AvailabilityRule.person_id, asked))
    ):
        rules[person_id].append((weekday, start_min, end_min))
    exceptions: dict[int, list[Any]] = defaultdict(list)
    for person_id, first_on, last_on, blocks in db.session.execute(
        select(
            AvailabilityException.person_id,
            AvailabilityException.first_on,
            AvailabilityException.last_on,
            AvailabilityException.blocks,
        )
        .where(_among(AvailabilityException.person_id, asked))
        .order_by(AvailabilityException.id)
    ):
        exceptions[person_id].append((first_on, last_on, blocks))
    taken = _taken(asked, window=window, without=without)
    away = _away(asked, window=window)
    return {
        person_id: Written(
            hours=hours_from(one.interviewer.zone, rules[person_id], exceptions[person_id]),
            limits=one.limits,
            taken=tuple(taken[person_id]),
            away=tuple(away[person_id]),
        )
        for person_id, one in asked.items()
    }


def _taken(ids: Collection[int], *, window: Span, without: int | None) -> dict[int, list[Taken]]:
    """Holds and bookings of each person."""
    around = cells_around(Span(window.start - CAPS_REACH, window.end + CAPS_REACH))
    query = (
        select(
            Occupancy.person_id,
            func.min(Occupancy.cell),
            func.max(Occupancy.cell) + 1,
            Booking.interviewer_id,
            Booking.state,
            Booking.held_until,
        )
        .join(Booking, Booking.id == Occupancy.booking_id)
        .where(
            _among(Occupancy.person_id, ids),
            Occupancy.cell >= around.start,
            Occupancy.cell < around.stop,
        )
        .group_by(Occupancy.person_id, Booking.id)
    )
    if without is not None:
        query = query.where(Occupancy.booking_id != without)
    found: dict[int, list[Taken]] = defaultdict(list)
    for person_id, first, end, interviewer_id, state, held_until in db.session.execute(query):
        span = Span(instant_of(first), instant_of(end))
        found[person_id].append(Taken(span, interviewer_id == person_id, state, held_until))
    return found


def _away(ids: Collection[int], *, window: Span) -> dict[int, list[range]]:
    """The cells in which the own calendars of each person are busy."""
    around = cells_around(window)
    query = busytime.away(literal(around.start), literal(around.stop))
    found: dict[int, list[range]] = defaultdict(list)
    rows = db.session.execute(query.where(_among(BusyCalendar.person_id, ids)))
    for person_id, first, end in rows:
        found[person_id].append(range(first, end))
    return found
