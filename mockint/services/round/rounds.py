"""A round from its draft to the archive, as organisers and the clock move it on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from mockint.db import db, transaction
from mockint.domain.errors import N_, Conflict, Invalid, NotYours
from mockint.domain.round import plan as plans
from mockint.domain.round import states
from mockint.domain.round.plan import Plan
from mockint.domain.round.states import State
from mockint.models import MatchingRound, RoundMatch, RoundRequest, RoundResult
from mockint.queries import community
from mockint.queries import round as round_query
from mockint.services import outbox
from mockint.services.outbox import Owed
from mockint.services.round import rows

REMIND_BEFORE = timedelta(hours=24)
"""Interviewers who have not answered by then are asked once more."""


def draft(plan: Plan, *, by: int, now: datetime) -> int:
    """Plan a round that only organisers see; returns its number."""
    with transaction():
        plan = _checked(plan, now=now)
        made = MatchingRound(
            name=plan.name,
            zone=plan.zone,
            first_on=plan.first_on,
            last_on=plan.last_on,
            closes_at=plan.closes_at,
            duration_min=plan.duration_min,
            tracks=plan.tracks,
            created_at=now,
            created_by=by,
        )
        db.session.add(made)
        db.session.flush()
        rows.noted(made, "draft", by=by, now=now)
    return made.id


def edit(round_id: int, plan: Plan, *, by: int, now: datetime) -> None:
    """Plan it otherwise; once people answer it, only its name and its closing time."""
    with transaction():
        found = rows.idle(round_id, (State.DRAFT, State.OPEN))
        plan = _checked(plan, now=now)
        if found.state == State.OPEN:
            _require_same(plan_of(found), plan)
        for name in plan.__dataclass_fields__:
            setattr(found, name, getattr(plan, name))
        if found.state == State.OPEN:
            _owe_reminders(found, now=now)
        rows.noted(found, "edit", by=by, now=now)


def plan_of(found: MatchingRound) -> Plan:
    """What was planned."""
    return Plan(**{name: getattr(found, name) for name in Plan.__dataclass_fields__})


def _checked(plan: Plan, *, now: datetime) -> Plan:
    present = community.current()
    return plans.checked(
        plan, lengths_min=present.lengths_min, horizon_days=present.horizon_days, now=now
    )


def _require_same(before: Plan, after: Plan) -> None:
    after = replace(after, name=before.name, closes_at=before.closes_at)
    for name in Plan.__dataclass_fields__:
        if getattr(before, name) != getattr(after, name):
            raise Invalid(
                name, N_("People answer this round already; change its name or closing time only.")
            )


def open_(round_id: int, *, by: int, now: datetime) -> None:
    """Let candidates ask, and ask the interviewers how many they take."""
    with transaction():
        found = rows.locked(round_id)
        states.require_move(found.state, State.OPEN)
        if found.state != State.DRAFT:
            raise Conflict(N_("This round was open before. Reopen it with a new closing time."))
        _checked(plan_of(found), now=now)
        found.state, found.opened_at = State.OPEN.value, now
        db.session.flush()
        owed = (
            Owed(
                key=f"round:{found.id}:opened:{person_id}",
                kind="round-opened",
                person_id=person_id,
                payload={"round_id": found.id},
                due_at=now,
            )
            for person_id in round_query.askable(found.tracks)
        )
        outbox.record_all(owed, now=now)
        _owe_reminders(found, now=now)
        rows.noted(found, "open", by=by, now=now)


def _owe_reminders(found: MatchingRound, *, now: datetime) -> None:
    """Once for each closing time; whoever has answered by then gets none."""
    due_at = found.closes_at - REMIND_BEFORE
    if due_at <= now:
        return
    closes = f"{found.closes_at:%Y%m%dT%H%M}"
    owed = (
        Owed(
            key=f"round:{found.id}:closing:{person_id}:{closes}",
            kind="round-closing",
            person_id=person_id,
            payload={"round_id": found.id, "closes_at": found.closes_at.isoformat()},
            due_at=due_at,
        )
        for person_id in round_query.askable(found.tracks)
    )
    outbox.record_all(owed, now=now)


def close(round_id: int, *, by: int | None, now: datetime) -> None:
    """Nobody asks any more; closing it twice changes nothing."""
    with transaction():
        found = rows.locked(round_id)
        if found.state == State.CLOSED:
            return
        states.require_move(found.state, State.CLOSED)
        found.state = State.CLOSED.value
        rows.noted(found, "close", by=by, now=now)


def close_due(*, now: datetime) -> int:
    """Close the rounds whose closing time has passed; returns how many."""
    due = select(MatchingRound.id).where(
        MatchingRound.state == State.OPEN.value, MatchingRound.closes_at <= now
    )
    found = db.session.scalars(due).all()
    for round_id in found:
        with transaction():
            closing = rows.locked(round_id)
            if closing.state == State.OPEN and closing.closes_at <= now:
                close(round_id, by=None, now=now)
    return len(found)


def reopen(round_id: int, closes_at: datetime, *, by: int, now: datetime) -> None:
    """Let people ask again until `closes_at`; what was solved is given up."""
    with transaction():
        found = rows.idle(round_id, (State.CLOSED, State.SOLVED))
        _checked(replace(plan_of(found), closes_at=closes_at), now=now)
        found.state, found.closes_at = State.OPEN.value, closes_at
        found.input_no += 1
        forget_result(round_id)
        _owe_reminders(found, now=now)
        rows.noted(found, "reopen", by=by, now=now)


def forget_result(round_id: int) -> None:
    """As if it had not been solved."""
    for table in (RoundMatch, RoundResult):
        db.session.execute(delete(table).where(table.round_id == round_id))
    told = update(RoundRequest).where(RoundRequest.round_id == round_id)
    db.session.execute(told.values(outcome=None, priority=None))


def archive(round_id: int, *, by: int, now: datetime) -> None:
    """Put it away; one that was not published ends without interviews."""
    with transaction():
        found = rows.locked(round_id)
        if found.state == State.ARCHIVED:
            return
        states.require_move(found.state, State.ARCHIVED)
        states.require_idle(found.job)
        rows.require_unbooked(found)
        found.state = State.ARCHIVED.value
        rows.noted(found, "archive", by=by, now=now)


def discard(round_id: int, *, by: int, now: datetime) -> None:
    """Delete a draft; discarding it twice is discarding it once."""
    with transaction():
        found = db.session.get(
            MatchingRound, round_id, with_for_update=True, populate_existing=True
        )
        if found is None:
            return
        states.require_state(found.state, (State.DRAFT,))
        rows.noted(found, "discard", by=by, now=now)
        db.session.delete(found)


def present(round_id: int) -> MatchingRound:
    """The round as it is, without a lock; a missing one is refused."""
    found = db.session.get(MatchingRound, round_id)
    if found is None:
        raise NotYours()
    return found
