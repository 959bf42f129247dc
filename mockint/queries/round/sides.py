"""Rounds as candidates and interviewers see their own part in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select

from mockint.db import db
from mockint.domain.matching import Words
from mockint.domain.round.grid import grid
from mockint.domain.round.plan import spans_of
from mockint.domain.round.states import MatchState, State
from mockint.domain.timespan import Span
from mockint.models import (
    CandidateProfile,
    InterviewerProfile,
    MatchingRound,
    RoundCapacity,
    RoundMatch,
    RoundRequest,
)
from mockint.queries import community as community_query
from mockint.queries import offers
from mockint.queries.round.cards import CARD, Card, card_of

_ROUND = MatchingRound.__table__.c
_REQUEST = RoundRequest.__table__.c
_MATCH = RoundMatch.__table__.c
_CAPACITY = RoundCapacity.__table__.c
_CARD_WIDTH = len(Card.__dataclass_fields__)
OVER = frozenset({State.PUBLISHED, State.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a candidate asks of a round."""

    track: str
    level: str
    windows: tuple[Span, ...]
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    booking_id: int | None
    why: Words | None
    """Why these two, or why there is no interview."""
    extra: tuple[Span, ...]
    """Times that would have brought one."""
    competed: bool
    """They could have been matched and others were: it counts in the next round."""


@dataclass(frozen=True, slots=True)
class CandidateRound:
    """A round as a candidate sees it."""

    card: Card
    request: Asked | None
    outcome: Outcome | None
    """None until the round is published."""


def words_of(said: Any) -> Words | None:
    """A sentence as it was kept."""
    return None if said is None else Words(said["sentence"], said["params"])


def extra_of(said: Any) -> tuple[Span, ...]:
    """The times kept with it."""
    return spans_of((said or {}).get("extra", ()))


_ASKED = (
    CARD.add_columns(
        *(_REQUEST[name] for name in ("track", "level", "windows", "withdrawn_at", "outcome")),
        *(_MATCH[name] for name in ("state", "booking_id", "why", "failure")),
        _ROUND.published_at,
    )
    .select_from(MatchingRound.__table__)
    .outerjoin(
        RoundRequest.__table__,
        and_(_REQUEST.round_id == _ROUND.id, _REQUEST.candidate_id == bindparam("person_id")),
    )
    .outerjoin(
        RoundMatch.__table__,
        and_(_MATCH.round_id == _ROUND.id, _MATCH.candidate_id == _REQUEST.candidate_id),
    )
    .order_by(_ROUND.id.desc())
)
_FOR_CANDIDATE = _ASKED.where(
    or_(_REQUEST.candidate_id.is_not(None), _ROUND.state == State.OPEN.value)
)
_IS_CANDIDATE = select(CandidateProfile.tracks).where(
    CandidateProfile.person_id == bindparam("person_id")
)


def for_candidate(person_id: int, *, now: datetime) -> list[CandidateRound]:
    """The open rounds, and all that this person asked in, the newest first."""
    able = bool(db.session.scalar(_IS_CANDIDATE, {"person_id": person_id}))
    found = _candidate_rounds(db.session.execute(_FOR_CANDIDATE, {"person_id": person_id}))
    return [one for one in found if one.request or (able and one.card.closes_at > now)]


def candidate_round(round_id: int, person_id: int, *, now: datetime) -> CandidateRound | None:
    """One of them; None for a draft, and for a round that closed without this person."""
    query = _ASKED.where(_ROUND.id == round_id, _ROUND.state != State.DRAFT.value)
    found = _candidate_rounds(db.session.execute(query, {"person_id": person_id}))
    shown = (one for one in found if one.request or one.card.state == State.OPEN)
    return next(shown, None)


def _candidate_rounds(rows: Iterable[Any]) -> list[CandidateRound]:
    return [_candidate_round(row) for row in rows]


def _candidate_round(row: Any) -> CandidateRound:
    track, level, windows, withdrawn_at, said, state, booking_id, why, failure, published = list(
        row
    )[_CARD_WIDTH:]
    request = outcome = None
    if track is not None:
        request = Asked(track, level, spans_of(windows), withdrawn_at)
    if request is not None and published is not None and withdrawn_at is None:
        told = {MatchState.FAILED: failure, MatchState.BOOKED: why}.get(state, said)
        competed = state == MatchState.FAILED or (said or {}).get("kind") == "hall"
        outcome = Outcome(booking_id, words_of(told), extra_of(told), competed)
    return CandidateRound(card_of(row), request, outcome)


@dataclass(frozen=True, slots=True)
class InterviewerRound:
    """A round as an interviewer sees it."""

    card: Card
    max_total: int | None
    """None: no answer yet."""
    offered: int
    """How many times their hours leave in it that do not exclude each other."""
    booked: int


_BOOKED = (
    select(func.count())
    .select_from(RoundMatch)
    .where(
        _MATCH.round_id == _ROUND.id,
        _MATCH.interviewer_id == bindparam("person_id"),
        _MATCH.state == MatchState.BOOKED.value,
    )
    .correlate(MatchingRound.__table__)
    .scalar_subquery()
)
_GIVEN = (
    CARD.add_columns(_CAPACITY.max_total, _BOOKED)
    .select_from(MatchingRound.__table__)
    .outerjoin(
        RoundCapacity.__table__,
        and_(_CAPACITY.round_id == _ROUND.id, _CAPACITY.interviewer_id == bindparam("person_id")),
    )
    .where(_ROUND.state != State.DRAFT.value)
    .order_by(_ROUND.id.desc())
)
_COVERS = select(InterviewerProfile.tracks).where(
    InterviewerProfile.person_id == bindparam("person_id"),
    InterviewerProfile.state == "approved",
)


def for_interviewer(person_id: int, *, now: datetime) -> list[InterviewerRound]:
    """The rounds under way in their tracks, and all they answered, the newest first."""
    covered = set(db.session.scalar(_COVERS, {"person_id": person_id}) or ())
    rows = db.session.execute(_GIVEN, {"person_id": person_id}).all()
    return [
        _interviewer_round(row, person_id, now=now)
        for row in rows
        if row.max_total is not None or (State(row.state) not in OVER and covered & set(row.tracks))
    ]


def interviewer_round(round_id: int, person_id: int, *, now: datetime) -> InterviewerRound | None:
    """One of them, whether it is in their tracks or not; None for a draft."""
    query = _GIVEN.where(_ROUND.id == round_id)
    row = db.session.execute(query, {"person_id": person_id}).one_or_none()
    if row is None or db.session.scalar(_COVERS, {"person_id": person_id}) is None:
        return None
    return _interviewer_round(row, person_id, now=now)


def _interviewer_round(row: Any, person_id: int, *, now: datetime) -> InterviewerRound:
    card = card_of(row)
    max_total, booked = list(row)[_CARD_WIDTH:]
    offered = 0 if card.state in OVER else len(starts_of(person_id, card, now=now))
    return InterviewerRound(card, max_total, offered, booked)


def starts_of(person_id: int, card: Card, *, now: datetime) -> list[datetime]:
    """What of one interviewer's time is free in a round and leaves room for the next."""
    community = community_query.current()
    people = offers.volunteers(now=now, community=community, ids=[person_id])
    written = offers.offers_of(people, now=now, window=card.span)
    return [
        start
        for offer in written.values()
        for start in grid(
            offer,
            window=card.span,
            duration_min=card.duration_min,
            now=now,
            terms=offers.terms(community),
        )
    ]
