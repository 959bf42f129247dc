"""What an hour of an interviewer is worth to others: counted each night, used when somebody asks.

A fortnight of requests is matched with the next fortnight's hours as in a round, and the greatest
dual price of each hour says what the others would lose if it were gone. That is done with the
requests of each of the last two fortnights, and the mean kept: what was asked once in four weeks
comes back in the next fortnight about every second time. So an interviewer who alone covers what
somebody will ask for costs many points, and is suggested for an easy request only when nobody
else is free.

Prices belong to slots, an interviewer and a start, and not to people or hours of the week: a day
that is nearly full is dearer than one that is open, and a slot at which others are free too costs
nothing. An interview that begins between two slots takes the price of the dearer one.

A request stands for somebody like the candidate who made it: whom that one has met, or is kept
apart from, does not count. Its time moves on by whole fortnights, to the same weekday and hour,
give or take two hours; who asked to be told may come at any time. All requests count as
interviews of the usual length, as a round has one length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, null, select, union_all

from mockint.db import db, insert_all, transaction
from mockint.domain.community import Community
from mockint.domain.matching import Candidate, Request
from mockint.domain.timespan import Span, cell_of, instant_of
from mockint.models import Booking, CandidateProfile, Person, SlotPrice, SlotRequest
from mockint.queries import community as community_query
from mockint.queries import offers

if TYPE_CHECKING:
    from mockint.domain.round.instance import Capacity, IntArray

FORTNIGHT = timedelta(days=14)
FORTNIGHTS = 2
"""How many of the past are asked."""
AROUND = timedelta(hours=2)
"""A candidate who came at a time could have come this much earlier or later."""
MOST_REQUESTS = 20_000
"""Of a fortnight, the newest; more say nothing more."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the past."""

    candidate: Candidate
    request: Request
    at: datetime
    """When it was made."""
    start: datetime | None
    """The time chosen; None: any would do."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What everybody offers in the next fortnight, in starts that leave room for each other."""

    window: Span
    people: Sequence[offers.Volunteer]
    capacities: Sequence[Capacity]
    comfort: Sequence[int]


def renew(*, now: datetime) -> int:
    """Count all prices anew, in place of those of the night before; returns how many there are."""
    community = community_query.current()
    fortnights = [
        asked
        for number in range(FORTNIGHTS)
        if (asked := _asked(now - FORTNIGHT * (number + 1), now - FORTNIGHT * number, community))
    ]
    supply = _supply(community, now) if fortnights else None
    points = [_points(supply, asked, community) for asked in fortnights] if supply else []
    length = timedelta(minutes=community.default_length_min)
    rows = _rows(supply, points, length, now) if supply else []
    with transaction():
        db.session.execute(delete(SlotPrice))
        if rows:
            insert_all(SlotPrice.__table__, rows)  # type: ignore[arg-type]  # it is a Table
    return len(rows)


def _rows(
    supply: Supply, points: Sequence[IntArray], length: timedelta, now: datetime
) -> list[dict[str, Any]]:
    """The mean of all fortnights, rounded up, for each slot that costs anything."""
    sums = sum(points[1:], points[0])
    slots = (
        (one.interviewer.person_id, supply.window.start + minute * MINUTE)
        for one, capacity in zip(supply.people, supply.capacities, strict=True)
        for minute in sorted(capacity.starts)
    )
    return [
        {
            "person_id": person_id,
            "first_cell": cell_of(start),
            "end_cell": cell_of(start + length),
            "points": -(-int(total) // FORTNIGHTS),
            "made_at": now,
        }
        for (person_id, start), total in zip(slots, sums, strict=True)
        if total > 0
    ]


def _supply(community: Community, now: datetime) -> Supply:
    from mockint.domain.round import supply as rules
    from mockint.domain.round.grid import grid

    first = instant_of(cell_of(now.replace(minute=0, second=0, microsecond=0)))
    window, terms = Span(first, first + FORTNIGHT), offers.terms(community)
    length = community.default_length_min
    here = [
        one for one in offers.volunteers(now=now, community=community) if not one.interviewer.paused
    ]
    offered = offers.offers_of(here, now=now, window=window)
    people, capacities, comfort = [], [], []
    for one in here:
        offer = offered[one.interviewer.person_id]
        starts = grid(offer, window=window, duration_min=length, now=now, terms=terms)
        if starts:
            people.append(one)
            capacities.append(rules.capacity(offer, starts, window=window, max_total=len(starts)))
            comfort.append(rules.comfort(one.interviewer.zone, starts))
    return Supply(window, people, capacities, comfort)


def _points(supply: Supply, asked: Sequence[Asked], community: Community) -> IntArray:
    """The price of each slot, for the requests of one fortnight."""
    from mockint.adapters import solver
    from mockint.domain.round import instance as rounds
    from mockint.domain.round import losses, pairs
    from mockint.domain.round.solution import Objective

    interviewers = [one.interviewer for one in supply.people]
    wishes = [pairs.Wish(one.candidate, one.request) for one in asked]
    suiting = pairs.pairs(wishes, interviewers, supply.comfort, community.weights)
    instance = rounds.build(
        duration=community.default_length_min,
        days=FORTNIGHT.days,
        capacities=supply.capacities,
        requests=[rounds.Request(windows=_windows(one, supply.window, community)) for one in asked],
        pair_ptr=suiting.ptr,
        pair_interviewer=suiting.interviewer,
        pair_quality=suiting.quality,
    )
    return losses.points(instance, solver.solve(instance, Objective.A).matching)


def _windows(one: Asked, window: Span, community: Community) -> list[tuple[int, int]]:
    """When somebody like them can, in minutes of the fortnight to come."""
    whole = window.duration // MINUTE
    if one.start is None:
        return [(0, whole)]
    start = (one.start - window.start) % FORTNIGHT // MINUTE
    around, length = AROUND // MINUTE, community.default_length_min
    return [(max(0, start - around), min(whole, start + length + around))]


def _asked(first: datetime, end: datetime, community: Community) -> list[Asked]:
    """What was booked and what was asked for in vain from `first` on and before `end`."""
    booked = select(
        Booking.candidate_id,
        Booking.track,
        Booking.level,
        Booking.confirmed_at.label("at"),
        Booking.start_at,
    ).where(Booking.confirmed_at >= first, Booking.confirmed_at < end)
    waited = select(
        SlotRequest.candidate_id,
        SlotRequest.track,
        SlotRequest.level,
        SlotRequest.created_at.label("at"),
        null().label("start_at"),
    ).where(SlotRequest.created_at >= first, SlotRequest.created_at < end)
    asked = union_all(booked, waited).subquery()
    query = (
        select(
            *asked.c,
            Person.zone,
            CandidateProfile.languages,
            CandidateProfile.current_employer,
            CandidateProfile.target_companies,
        )
        .join(Person, Person.id == asked.c.candidate_id)
        .join(CandidateProfile, CandidateProfile.person_id == asked.c.candidate_id)
        .order_by(asked.c.at.desc(), asked.c.candidate_id)
        .limit(MOST_REQUESTS)
    )
    return [_asked_of(row, community) for row in db.session.execute(query)]


def _asked_of(row: Any, community: Community) -> Asked:
    candidate = Candidate(
        person_id=row.candidate_id,
        languages=row.languages,
        zone=row.zone,
        employer=row.current_employer,
        target_companies=row.target_companies,
    )
    request = Request(row.track, row.level, community.default_length_min, again=True)
    return Asked(candidate, request, row.at, row.start_at)
