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
from mockint.domain.matching import Candidate, Request, Suggestion
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
    free: dict[datetime, list[Volunteer]] = {}
    for volunteer, start in market.next_starts(candidate, request, busy=who.busy(now)):
        if volunteer.interviewer.person_id != but:
            free.setdefault(start, []).append(volunteer)
    found = []
    for start, people in free.items():
        judge = matching.Judge(candidate, request, start)
        scores = judge.scores((one.interviewer for one in people), weights)
        for one, score in zip(people, scores, strict=True):
            person_id = one.interviewer.person_id
            dearer = total * dear.get(person_id, 0) - score
            found.append((dearer, one.interviewer.recent, start, person_id, one))
    return [
        _recommended(candidate, request, start, one, weights, dear.get(person_id, 0))
        for *_order, start, person_id, one in nsmallest(most, found, key=lambda item: item[:4])
    ]


def _recommended(
    candidate: Candidate,
    request: Request,
    start: datetime,
    one: Volunteer,
    weights: Mapping[str, int],
    price: int,
) -> Recommended:
    parts = matching.parts(candidate, one.interviewer, start, request)
    said = Suggestion(one.interviewer, start, request.track, request.level, parts, weights, price)
    return Recommended(one, said)


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
        [one.interviewer for one in people.values()],
        last.start_at,
        request=request,
        weights=weights,
    )
    named = [(people[one.interviewer.person_id].name, one) for one in choice[:EXAMPLES]]
    return Example(last.candidate.name, request, last.start_at, named)
