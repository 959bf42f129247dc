"""A candidate asks of a round, changes it, or withdraws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update

from mockint.db import db, transaction
from mockint.domain.errors import N_, Conflict, NotYours
from mockint.domain.round import plan, states
from mockint.domain.round.states import MatchState
from mockint.domain.timespan import Span
from mockint.models import (
    MatchingRound,
    Person,
    RoundCapacity,
    RoundMatch,
    RoundPair,
    RoundRequest,
)
from mockint.services import holds
from mockint.services.round import rows


def ask(
    round_id: int,
    candidate_id: int,
    *,
    track: str,
    level: str,
    windows: Sequence[Span],
    now: datetime,
) -> None:
    """Take part, or change what was asked; who withdrew takes part again."""
    with transaction():
        found = rows.locked(round_id)
        states.require_state(found.state, states.ASKING)
        if found.closes_at <= now:
            raise Conflict(N_("This round is closed."))
        _require_ready(candidate_id)
        plan.checked_wish(track, level, tracks=found.tracks)
        span = plan.span_of(found.zone, found.first_on, found.last_on)
        marked = plan.checked_windows(
            windows, inside=span, duration_min=found.duration_min, now=now
        )
        if _gives(round_id, candidate_id):
            raise Conflict(N_("You interview in this round, so you cannot ask in it."))
        asked = db.session.get(RoundRequest, (round_id, candidate_id), populate_existing=True)
        if asked is None:
            asked = RoundRequest(round_id=round_id, candidate_id=candidate_id, asked_at=now)
            db.session.add(asked)
        asked.track, asked.level = track, level
        asked.windows = [list(one) for one in marked]
        if asked.withdrawn_at is not None:
            asked.withdrawn_at, asked.asked_at = None, now
        rows.changed(found)


def _require_ready(candidate_id: int) -> None:
    """Only who could book can ask."""
    person = db.session.get(Person, candidate_id)
    if person is None or person.deleted_at is not None:
        raise NotYours()
    holds.require_complete(person)


def _gives(round_id: int, person_id: int) -> bool:
    answered = db.session.get(RoundCapacity, (round_id, person_id), populate_existing=True)
    return answered is not None and answered.max_total > 0


def withdraw(round_id: int, candidate_id: int, *, now: datetime) -> None:
    """Take no part any more, until it is published; withdrawing twice changes nothing."""
    with transaction():
        found = rows.locked(round_id)
        asked = db.session.get(RoundRequest, (round_id, candidate_id), populate_existing=True)
        if asked is None:
            raise NotYours()
        if asked.withdrawn_at is not None:
            return
        states.require_state(found.state, states.ANSWERING)
        states.require_idle(found.job if found.job == states.Job.PUBLISHING else None)
        rows.require_unbooked(found)
        asked.withdrawn_at, asked.outcome = now, None
        _drop_match(found, RoundMatch.candidate_id == candidate_id)


def _drop_match(found: MatchingRound, which: ColumnElement[bool]) -> None:
    """A match that nobody wants any more; another result may follow from that."""
    proposed = (RoundMatch.round_id == found.id, RoundMatch.state == MatchState.PROPOSED.value)
    db.session.execute(delete(RoundMatch).where(*proposed, which))
    rows.changed(found)


def leave(person_id: int) -> None:
    """Somebody's account is gone: no round counts on them any more, on whichever side.

    Of rounds that are over it stays that they took part. Call it inside the transaction.
    """
    asked = select(RoundRequest.round_id).where(RoundRequest.candidate_id == person_id)
    answered = select(RoundCapacity.round_id).where(RoundCapacity.interviewer_id == person_id)
    running = select(MatchingRound).where(
        MatchingRound.state.in_([one.value for one in states.RUNNING]),
        MatchingRound.id.in_(asked.union(answered)),
    )
    query = running.order_by(MatchingRound.id).with_for_update()
    for found in db.session.scalars(query.execution_options(populate_existing=True)).all():
        mentioned = or_(
            RoundMatch.candidate_id == person_id, RoundMatch.interviewer_id == person_id
        )
        _drop_match(found, mentioned)
        for table, side in _SIDES:
            db.session.execute(delete(table).where(table.round_id == found.id, side == person_id))
    kept = update(RoundRequest).where(RoundRequest.candidate_id == person_id)
    db.session.execute(kept.values(windows=[], outcome=None))


_SIDES: tuple[tuple[Any, Any], ...] = (
    (RoundPair, RoundPair.candidate_id),
    (RoundPair, RoundPair.interviewer_id),
    (RoundRequest, RoundRequest.candidate_id),
    (RoundCapacity, RoundCapacity.interviewer_id),
)
