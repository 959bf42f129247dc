"""All rows that solving a round looks at, in a handful of selects whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from mockint.db import db
from mockint.domain.availability import Offer
from mockint.domain.booking import is_live
from mockint.domain.community import Community
from mockint.domain.matching import Candidate, Request, company_key
from mockint.domain.round.pairs import Wish, by_candidate
from mockint.domain.round.plan import spans_of
from mockint.domain.round.states import PairKind
from mockint.domain.timespan import Span
from mockint.models import (
    Booking,
    CandidateProfile,
    InterviewerProfile,
    Person,
    RoundCapacity,
    RoundPair,
    RoundRequest,
)
from mockint.queries import blocked, offers
from mockint.queries.offers import Volunteer
from mockint.queries.round import history
from mockint.queries.round.cards import Card

_REQUEST = RoundRequest.__table__.c
_BOOKING = Booking.__table__.c
_ROUND_ID: Any = bindparam("round_id")


@dataclass(frozen=True, slots=True)
class Asker:
    """A candidate of the round."""

    person_id: int
    name: str
    wish: Wish
    windows: tuple[Span, ...]
    busy: tuple[Span, ...]
    priority: int
    full: bool
    """They have as many interviews ahead as anybody may have."""


@dataclass(frozen=True, slots=True)
class Giver:
    """An interviewer of the round."""

    volunteer: Volunteer
    offer: Offer
    max_total: int


@dataclass(frozen=True, slots=True)
class Ground:
    """Both sides, each in the order of their numbers."""

    askers: tuple[Asker, ...]
    givers: tuple[Giver, ...]


def ground(card: Card, *, now: datetime, community: Community) -> Ground:
    """What the round is solved from, as it is now."""
    return Ground(
        askers=_askers(card, now=now, community=community),
        givers=_givers(card, now=now, community=community),
    )


_CAPACITIES = select(RoundCapacity.interviewer_id, RoundCapacity.max_total).where(
    RoundCapacity.round_id == _ROUND_ID, RoundCapacity.max_total > 0
)


def _givers(card: Card, *, now: datetime, community: Community) -> tuple[Giver, ...]:
    most = {
        row.interviewer_id: row.max_total
        for row in db.session.execute(_CAPACITIES, {"round_id": card.id})
    }
    people = [
        one
        for one in offers.volunteers(now=now, community=community, ids=most)
        if one.interviewer.person_id in most
    ]
    free = offers.offers_of(people, now=now, window=card.span)
    return tuple(
        Giver(one, free[one.interviewer.person_id], most[one.interviewer.person_id])
        for one in people
    )


_ASKERS = (
    select(
        Person.id,
        Person.name,
        Person.zone,
        *(_REQUEST[name] for name in ("track", "level", "windows")),
        CandidateProfile.languages,
        CandidateProfile.current_employer,
        CandidateProfile.target_companies,
    )
    .join(Person, Person.id == _REQUEST.candidate_id)
    .join(CandidateProfile, CandidateProfile.person_id == Person.id)
    .where(
        _REQUEST.round_id == _ROUND_ID,
        _REQUEST.withdrawn_at.is_(None),
        Person.active,
        Person.deleted_at.is_(None),
        Person.confirmed_at.is_not(None),
    )
    .order_by(Person.id)
)


def _askers(card: Card, *, now: datetime, community: Community) -> tuple[Asker, ...]:
    asked = {"round_id": card.id}
    rows = db.session.execute(_ASKERS, asked).all()
    apart = blocked.by_person()
    pins, forbidden = _pairs(card.id)
    known = _Known.of(card, now=now)
    missed = history.priorities(card.id, now=now)
    return tuple(
        Asker(
            person_id=row.id,
            name=row.name,
            wish=Wish(
                candidate=Candidate(
                    person_id=row.id,
                    languages=row.languages,
                    zone=row.zone,
                    employer=row.current_employer,
                    target_companies=row.target_companies,
                    met=frozenset(known.met[row.id]),
                    met_companies=frozenset(known.companies[row.id]),
                    blocked=apart.get(row.id, frozenset()),
                ),
                request=Request(row.track, row.level, card.duration_min),
                pin=pins.get(row.id),
                forbidden=forbidden.get(row.id, frozenset()),
            ),
            windows=spans_of(row.windows),
            busy=tuple(known.busy[row.id]),
            priority=missed.get(row.id, 0),
            full=known.upcoming[row.id] >= community.max_upcoming,
        )
        for row in rows
    )


_DECIDED = select(RoundPair.candidate_id, RoundPair.interviewer_id, RoundPair.kind).where(
    RoundPair.round_id == _ROUND_ID
)


def _pairs(round_id: int) -> tuple[Mapping[int, int], Mapping[int, frozenset[int]]]:
    rows = db.session.execute(_DECIDED, {"round_id": round_id}).all()
    pins = {row.candidate_id: row.interviewer_id for row in rows if row.kind == PairKind.PIN}
    apart = [(row.candidate_id, row.interviewer_id) for row in rows if row.kind == PairKind.FORBID]
    return pins, by_candidate(apart)


def of_round(column: Any) -> Any:
    """Whether the person of a column asked in the round."""
    return column.in_(
        select(RoundRequest.candidate_id).where(
            RoundRequest.round_id == _ROUND_ID, RoundRequest.withdrawn_at.is_(None)
        )
    )


_LIVE: Select[Any] = select(
    _BOOKING.candidate_id,
    _BOOKING.interviewer_id,
    _BOOKING.start_at,
    _BOOKING.end_at,
    _BOOKING.state,
    _BOOKING.held_until,
    _BOOKING.interviewer_attendance,
).where(_BOOKING.state != "cancelled")
_AS_CANDIDATE = (
    _LIVE.add_columns(InterviewerProfile.company)
    .outerjoin(
        InterviewerProfile,
        and_(
            InterviewerProfile.person_id == _BOOKING.interviewer_id,
            InterviewerProfile.state == "approved",
        ),
    )
    .where(of_round(_BOOKING.candidate_id))
)
_AS_INTERVIEWER = _LIVE.where(
    of_round(_BOOKING.interviewer_id),
    _BOOKING.start_at < bindparam("end"),
    _BOOKING.end_at > bindparam("start"),
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the bookings say of the candidates."""

    met: dict[int, set[int]]
    companies: dict[int, set[str]]
    upcoming: dict[int, int]
    busy: dict[int, list[Span]]

    @classmethod
    def of(cls, card: Card, *, now: datetime) -> _Known:
        known = cls(defaultdict(set), defaultdict(set), defaultdict(int), defaultdict(list))
        asked = {"round_id": card.id, "start": card.span.start, "end": card.span.end}
        for row in db.session.execute(_AS_CANDIDATE, asked):
            one = row.candidate_id
            if row.state == "confirmed":
                known.upcoming[one] += row.start_at > now
                if row.interviewer_attendance != "absent":
                    known.met[one].add(row.interviewer_id)
                    known.companies[one] |= {company_key(row.company or "")} - {""}
            known._note(one, row, card.span, now)
        for row in db.session.execute(_AS_INTERVIEWER, asked):
            known._note(row.interviewer_id, row, card.span, now)
        return known

    def _note(self, person_id: int, row: Any, window: Span, now: datetime) -> None:
        span = Span(row.start_at, row.end_at)
        if span.overlaps(window) and is_live(row.state, row.held_until, now):
            self.busy[person_id].append(span)
