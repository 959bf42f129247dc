"""Whom to look at before a time is chosen: interviewers for a candidate, best first, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest

from sqlalchemy import select

from mockint.db import db
from mockint.domain import matching
from mockint.domain.errors import Conflict
from mockint.domain.matching import Request, Suggestion
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models import Booking, Person
from mockint.queries import community as community_query
from mockint.queries import prices, standing
from mockint.queries.offers import Volunteer
from mockint.queries.seekers import Seeker
from mockint.services import matching as finding

FEW = 3
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Recommended:
    """An interviewer with their next free start that suits the candidate."""

    volunteer: Volunteer
    suggestion: Suggestion


def recommended(
    who: Seeker, request: Request, *, now: datetime, most: int = FEW, but: int | None = None
) -> list[Recommended]:
    """The best few of those with a free start, each judged at their next one, without `but`.

    The price is the highest of the person's hours, as nobody knows yet which one is taken.
    """
    community = community_query.current()
    market = standing.market(now=now, community=community, duration_min=request.duration_min)
    candidate, dear = market.knowing(who.candidate), prices.of_people(now=now)
    total, weights = sum(community.weights.values()), community.weights
    judges: dict[datetime, matching.Judge] = {}
    found = []
    for volunteer, start in market.next_starts(candidate, request, busy=who.busy(now)):
        one = volunteer.interviewer
        if one.person_id == but:
            continue
        if start not in judges:
            judges[start] = matching.Judge(candidate, request, start)
        parts, price = judges[start].parts(one), dear.get(one.person_id, 0)
        said = Suggestion(one, start, request.track, request.level, parts, weights, price)
        score = price * total - matching.weighted(parts, weights)
        found.append((score, one.recent, start, one.person_id, Recommended(volunteer, said)))
    return [one for *_order, one in nsmallest(most, found, key=lambda item: item[:4])]


@dataclass(frozen=True, slots=True)
class Example:
    """The last interview that was booked, and who suits it under some weights."""

    candidate: str
    request: Request
    start: datetime
    ranked: list[tuple[str, Suggestion]]
    """Names with what speaks for each, best first."""


def example(weights: Mapping[str, int], *, now: datetime) -> Example | None:
    """How the last request would be ranked; None when nothing was ever booked.

    Everybody who suits is in it, free at that time or not, so that it shows weights and not luck.
    """
    last = db.session.scalar(
        select(Booking)
        .where(Booking.state != "held", Booking.track.in_(TRACKS), Booking.level.in_(LEVELS))
        .join(Person, Person.id == Booking.candidate_id)
        .where(Person.deleted_at.is_(None))
        .order_by(Booking.created_at.desc(), Booking.id.desc())
        .limit(1)
    )
    if last is None:
        return None
    request = Request(last.track, last.level, last.duration_min)
    try:
        who = finding.seeker(last.candidate_id, now=now).candidate
    except Conflict:  # their profile is not complete any more
        return None
    market = standing.market(
        now=now, community=community_query.current(), duration_min=request.duration_min
    )
    before = market.knowing(replace(who, met=who.met - {last.interviewer_id}))
    people = {one.interviewer.person_id: one for one in market.suited(before, request)}
    choice = matching.ranked(
        before,
        (one.interviewer for one in people.values()),
        last.start_at,
        request=request,
        weights=weights,
    )
    named = [(people[one.interviewer.person_id].name, one) for one in choice[:EXAMPLES]]
    return Example(last.candidate.name, request, last.start_at, named)
