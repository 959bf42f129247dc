"""Who was matched with whom, who was not, and one candidate of a round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select

from mockint.db import db
from mockint.domain.matching import Words
from mockint.domain.round.plan import spans_of
from mockint.domain.round.states import MatchState, PairKind
from mockint.domain.timespan import Span
from mockint.models import (
    InterviewerProfile,
    Person,
    RoundCapacity,
    RoundMatch,
    RoundPair,
    RoundRequest,
)
from mockint.queries.round.sides import extra_of, words_of

_CANDIDATE = Person.__table__.alias("candidate")
_INTERVIEWER = Person.__table__.alias("interviewer")
_REQUEST = RoundRequest.__table__.c
_MATCH = RoundMatch.__table__.c
_PAIR = RoundPair.__table__.c


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One match of a result."""

    candidate_id: int
    candidate: str
    interviewer_id: int
    interviewer: str
    track: str
    level: str
    start_at: datetime
    quality: int
    priority: int
    why: Words
    state: MatchState
    pinned: bool
    booking_id: int | None
    failure: Words | None


_IS_PINNED = exists().where(
    _PAIR.round_id == _MATCH.round_id,
    _PAIR.candidate_id == _MATCH.candidate_id,
    _PAIR.interviewer_id == _MATCH.interviewer_id,
    _PAIR.kind == PairKind.PIN.value,
)
_MATCHES = (
    select(
        _MATCH.candidate_id,
        _CANDIDATE.c.name.label("candidate"),
        _MATCH.interviewer_id,
        _INTERVIEWER.c.name.label("interviewer"),
        _REQUEST.track,
        _REQUEST.level,
        _MATCH.start_at,
        _MATCH.quality,
        func.coalesce(_REQUEST.priority, 0).label("priority"),
        _MATCH.why,
        _MATCH.state,
        _IS_PINNED.label("pinned"),
        _MATCH.booking_id,
        _MATCH.failure,
    )
    .join(_CANDIDATE, _CANDIDATE.c.id == _MATCH.candidate_id)
    .join(_INTERVIEWER, _INTERVIEWER.c.id == _MATCH.interviewer_id)
    .join(
        RoundRequest.__table__,
        and_(_REQUEST.round_id == _MATCH.round_id, _REQUEST.candidate_id == _MATCH.candidate_id),
    )
    .where(_MATCH.round_id == bindparam("round_id"))
)


def matches(
    round_id: int, *, offset: int = 0, limit: int = 50, name: str = "", failed: bool = False
) -> tuple[list[MatchLine], int]:
    """Some of the matches by name of the candidate, and how many there are."""
    query = _MATCHES
    if failed:
        query = query.where(_MATCH.state == MatchState.FAILED.value)
    if name.strip():
        query = query.where(_named(name, _CANDIDATE.c.name) | _named(name, _INTERVIEWER.c.name))
    rows, total = _paged(query, round_id, offset, limit)
    return [_match_line(row) for row in rows], total


def _match_line(row: Any) -> MatchLine:
    values = row._asdict()
    values["why"] = Words(values["why"]["sentence"], values["why"]["params"])
    values["failure"] = words_of(values["failure"])
    values["state"] = MatchState(values["state"])
    return MatchLine(**values)


def _named(part: str, column: ColumnElement[str]) -> ColumnElement[bool]:
    return func.lower(column).contains(part.strip().casefold(), autoescape=True)


def _paged(query: Select[Any], round_id: int, offset: int, limit: int) -> tuple[list[Any], int]:
    asked = {"round_id": round_id}
    total = db.session.scalar(select(func.count()).select_from(query.subquery()), asked) or 0
    ordered = query.order_by(func.lower(_CANDIDATE.c.name), _CANDIDATE.c.id)
    rows = db.session.execute(ordered.limit(limit).offset(offset), asked)
    return list(rows), total


@dataclass(frozen=True, slots=True)
class UnmatchedLine:
    """A candidate without a match."""

    candidate_id: int
    candidate: str
    track: str
    level: str
    priority: int
    kind: str
    why: Words
    extra: tuple[Span, ...]


_UNMATCHED = (
    select(
        _REQUEST.candidate_id,
        _CANDIDATE.c.name.label("candidate"),
        _REQUEST.track,
        _REQUEST.level,
        func.coalesce(_REQUEST.priority, 0).label("priority"),
        _REQUEST.outcome,
    )
    .join(_CANDIDATE, _CANDIDATE.c.id == _REQUEST.candidate_id)
    .where(
        _REQUEST.round_id == bindparam("round_id"),
        _REQUEST.withdrawn_at.is_(None),
        _REQUEST.outcome.is_not(None),
    )
)


def unmatched(
    round_id: int, *, offset: int = 0, limit: int = 50, name: str = "", track: str = ""
) -> tuple[list[UnmatchedLine], int]:
    """Some of those who got no match, by name, and how many there are."""
    query = _UNMATCHED
    if track:
        query = query.where(_REQUEST.track == track)
    if name.strip():
        query = query.where(_named(name, _CANDIDATE.c.name))
    rows, total = _paged(query, round_id, offset, limit)
    return [_unmatched_line(row) for row in rows], total


def _unmatched_line(row: Any) -> UnmatchedLine:
    values = row._asdict()
    said = values.pop("outcome")
    return UnmatchedLine(
        **values,
        kind=said["kind"],
        why=Words(said["sentence"], said["params"]),
        extra=extra_of(said),
    )


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One candidate of a round, as an organiser sees them."""

    candidate_id: int
    candidate: str
    track: str
    level: str
    withdrawn_at: datetime | None
    windows: tuple[Span, ...]
    match: MatchLine | None
    unmatched: UnmatchedLine | None


_ASKED = (
    select(
        *(_REQUEST[name] for name in ("track", "level", "withdrawn_at", "windows")),
        _CANDIDATE.c.name,
    )
    .join(_CANDIDATE, _CANDIDATE.c.id == _REQUEST.candidate_id)
    .where(_REQUEST.round_id == bindparam("round_id"), _REQUEST.candidate_id == bindparam("person"))
)


def asked_by(round_id: int, candidate_id: int) -> AskedLine | None:
    """None for somebody who did not ask."""
    asked = {"round_id": round_id, "person": candidate_id}
    row = db.session.execute(_ASKED, asked).one_or_none()
    if row is None:
        return None
    match = db.session.execute(
        _MATCHES.where(_MATCH.candidate_id == candidate_id), asked
    ).one_or_none()
    without = db.session.execute(
        _UNMATCHED.where(_REQUEST.candidate_id == candidate_id), asked
    ).one_or_none()
    return AskedLine(
        candidate_id=candidate_id,
        candidate=row.name,
        track=row.track,
        level=row.level,
        withdrawn_at=row.withdrawn_at,
        windows=spans_of(row.windows),
        match=None if match is None else _match_line(match),
        unmatched=None if without is None else _unmatched_line(without),
    )


_OFFERING = (
    select(Person.id, Person.name, InterviewerProfile.tracks, InterviewerProfile.levels)
    .join(InterviewerProfile, InterviewerProfile.person_id == Person.id)
    .join(RoundCapacity, RoundCapacity.interviewer_id == Person.id)
    .where(
        RoundCapacity.round_id == bindparam("round_id"),
        RoundCapacity.max_total > 0,
        InterviewerProfile.state == "approved",
    )
    .order_by(func.lower(Person.name), Person.id)
)


def people_for_pair(round_id: int, *, candidate_id: int) -> list[tuple[int, str]]:
    """Who takes interviews in the round and covers what this candidate asks for, by name."""
    asked = {"round_id": round_id, "person": candidate_id}
    request = db.session.execute(_ASKED, asked).one_or_none()
    if request is None:
        return []
    return [
        (person_id, name)
        for person_id, name, tracks, levels in db.session.execute(_OFFERING, asked)
        if request.track in tracks and request.level in levels and person_id != candidate_id
    ]
