"""Rounds as lists and their desk show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select

from mockint.db import db
from mockint.domain.round.plan import span_of
from mockint.domain.round.states import Job, MatchState, State
from mockint.domain.timespan import Span
from mockint.models import (
    InterviewerProfile,
    MatchingRound,
    OutboxMessage,
    Person,
    RoundCapacity,
    RoundMatch,
    RoundRequest,
    RoundResult,
)

_ROUND = MatchingRound.__table__.c
_ASKED = (
    select(func.count())
    .select_from(RoundRequest)
    .where(RoundRequest.round_id == _ROUND.id, RoundRequest.withdrawn_at.is_(None))
    .correlate(MatchingRound.__table__)
    .scalar_subquery()
)
_GIVING = (
    select(RoundCapacity)
    .where(RoundCapacity.round_id == _ROUND.id, RoundCapacity.max_total > 0)
    .correlate(MatchingRound.__table__)
)
_CONFIRMED = _GIVING.with_only_columns(func.count()).scalar_subquery()
_PLACES = _GIVING.with_only_columns(
    func.coalesce(func.sum(RoundCapacity.max_total), 0)
).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Card:
    """A round as a list shows it."""

    id: int
    name: str
    state: State
    zone: str
    first_on: date
    last_on: date
    closes_at: datetime
    duration_min: int
    tracks: tuple[str, ...]
    job: Job | None
    """What holds it up; comparing does not."""
    asked: int
    confirmed: int
    """Interviewers who take at least one interview."""
    places: int
    """How many they take together."""

    @property
    def span(self) -> Span:
        """From the first midnight of the round to the last one."""
        return span_of(self.zone, self.first_on, self.last_on)


_OWN = ("id", "name", "state", "zone", "first_on", "last_on", "closes_at", "duration_min", "tracks")
CARD: Select[Any] = select(*(_ROUND[name] for name in (*_OWN, "job")), _ASKED, _CONFIRMED, _PLACES)
"""Rows of `Card`."""


def card_of(row: Any) -> Card:
    """From a row of `CARD`, whatever comes after its columns."""
    values = list(row)[: len(Card.__dataclass_fields__)]
    values[2] = State(values[2])
    values[9] = None if values[9] in (None, Job.COMPARING) else Job(values[9])
    return Card(*values)


_ALL = CARD.order_by(_ROUND.id.desc())
_ONE = CARD.where(_ROUND.id == bindparam("round_id"))


def cards(*, archived: bool = False) -> list[Card]:
    """All rounds, the newest first; archived ones only when asked for."""
    query = _ALL if archived else _ALL.where(_ROUND.state != State.ARCHIVED.value)
    return [card_of(row) for row in db.session.execute(query)]


def find(round_id: int) -> Card | None:
    """One of them."""
    row = db.session.execute(_ONE, {"round_id": round_id}).one_or_none()
    return None if row is None else card_of(row)


@dataclass(frozen=True, slots=True)
class Progress:
    """What the worker does with a round, and how far it is."""

    job: Job | None
    share: float
    """0 to 1."""
    words: str
    """What it is at: an untranslated sentence."""
    cancelling: bool
    trouble: str
    """Why the last job came to nothing: an untranslated sentence; empty when it went well."""
    asked_at: datetime | None


_PROGRESS = select(
    *(_ROUND[f"job{name}"] for name in ("", "_share", "_words", "_cancel", "_trouble", "_at"))
).where(_ROUND.id == bindparam("round_id"))


def progress(round_id: int) -> Progress | None:
    """Cheap enough to be asked every second."""
    row = db.session.execute(_PROGRESS, {"round_id": round_id}).one_or_none()
    if row is None:
        return None
    job, *rest = row
    return Progress(None if job is None else Job(job), *rest)


@dataclass(frozen=True, slots=True)
class TrackLine:
    """One track of a round: who asked for it, and what is there."""

    track: str
    asked: int
    interviewers: int
    """Of those who take interviews, how many cover it."""
    places: int
    """How many interviews these take together, in whichever track."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A round as the organiser who runs it sees it."""

    card: Card
    progress: Progress
    tracks: list[TrackLine]
    invited: int
    """Interviewers who were asked."""
    declined: int
    matched: int
    booked: int
    failed: int
    stale: bool
    """Something changed since it was solved."""
    load_price: int


def _matches_in(state: MatchState | None = None) -> Any:
    counted = (
        func.count() if state is None else func.count(case((RoundMatch.state == state.value, 1)))
    )
    return (
        select(counted)
        .select_from(RoundMatch)
        .where(RoundMatch.round_id == _ROUND.id)
        .scalar_subquery()
    )


_DECLINED = (
    select(func.count())
    .select_from(RoundCapacity)
    .where(RoundCapacity.round_id == _ROUND.id, RoundCapacity.max_total == 0)
    .scalar_subquery()
)
_DESK = select(
    _DECLINED,
    _matches_in(),
    _matches_in(MatchState.BOOKED),
    _matches_in(MatchState.FAILED),
    _ROUND.load_price,
    _ROUND.input_no,
    select(RoundResult.input_no).where(RoundResult.round_id == _ROUND.id).scalar_subquery(),
).where(_ROUND.id == bindparam("round_id"))
_INVITED = (
    select(func.count())
    .select_from(OutboxMessage)
    .where(OutboxMessage.key.like(bindparam("pattern")))
)
_WANTED = (
    select(RoundRequest.track, func.count().label("asked"))
    .where(RoundRequest.round_id == bindparam("round_id"), RoundRequest.withdrawn_at.is_(None))
    .group_by(RoundRequest.track)
)
_COVERED = (
    select(InterviewerProfile.tracks, RoundCapacity.max_total)
    .join(RoundCapacity, RoundCapacity.interviewer_id == InterviewerProfile.person_id)
    .where(RoundCapacity.round_id == bindparam("round_id"), RoundCapacity.max_total > 0)
)


def desk(round_id: int) -> Desk | None:
    """How a round stands; None when there is none."""
    asked = {"round_id": round_id}
    card, at = find(round_id), progress(round_id)
    if card is None or at is None:
        return None
    declined, matched, booked, failed, price, present, solved = db.session.execute(
        _DESK, asked
    ).one()
    invited = db.session.scalar(_INVITED, {"pattern": f"round:{round_id}:opened:%"}) or 0
    return Desk(
        card=card,
        progress=at,
        tracks=_track_lines(card),
        invited=invited,
        declined=declined,
        matched=matched,
        booked=booked,
        failed=failed,
        stale=solved is not None and solved != present,
        load_price=price,
    )


def _track_lines(card: Card) -> list[TrackLine]:
    asked = {"round_id": card.id}
    wanted = {row.track: row.asked for row in db.session.execute(_WANTED, asked)}
    covered = [(set(tracks), most) for tracks, most in db.session.execute(_COVERED, asked)]
    return [
        TrackLine(
            track,
            wanted.get(track, 0),
            sum(track in tracks for tracks, _ in covered),
            sum(most for tracks, most in covered if track in tracks),
        )
        for track in card.tracks
    ]


_APPROVED = (
    select(Person.id, InterviewerProfile.tracks)
    .join(InterviewerProfile, InterviewerProfile.person_id == Person.id)
    .where(InterviewerProfile.state == "approved", Person.active, Person.deleted_at.is_(None))
    .order_by(Person.id)
)


def askable(tracks: tuple[str, ...]) -> list[int]:
    """The interviewers who cover one of the tracks."""
    wanted = set(tracks)
    return [person_id for person_id, has in db.session.execute(_APPROVED) if wanted & set(has)]
