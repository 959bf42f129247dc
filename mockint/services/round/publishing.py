"""An organiser publishes a round; the worker books its matches, each like any other booking."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update

from mockint.db import db, transaction
from mockint.domain.errors import N_, Refusal
from mockint.domain.matching import Words
from mockint.domain.round import states
from mockint.domain.round.states import Job, MatchState, State
from mockint.models import MatchingRound, RoundMatch, RoundPair, RoundRequest
from mockint.services import behalf, outbox
from mockint.services.matching import Wanted
from mockint.services.outbox import Owed
from mockint.services.round import review, rows, work
from mockint.services.round.solving import run
from mockint.services.round.work import Hand, Lost

BOOKING = N_("Booking the interviews.")
_MATCH: Any = RoundMatch.__table__


def start(round_id: int, *, by: int, now: datetime) -> None:
    """Have every match booked; a person says so, and nobody else."""
    with transaction():
        found = rows.locked(round_id)
        if found.state == State.PUBLISHED or found.job == Job.PUBLISHING:
            return
        states.require_move(found.state, State.PUBLISHED)
        states.require_idle(found.job)
        review.require_fresh(found)
        work.ask(found, Job.PUBLISHING, by=by, now=now)
        rows.noted(found, "publish", by=by, now=now)


def retry(round_id: int, *, by: int, now: datetime) -> None:
    """Try to book what could not be booked; who was told so hears of it by an invitation."""
    with transaction():
        found = rows.idle(round_id, (State.PUBLISHED,))
        again = update(_MATCH).where(
            _MATCH.c.round_id == round_id, _MATCH.c.state == MatchState.FAILED.value
        )
        db.session.execute(again.values(state=MatchState.PROPOSED.value, failure=None))
        work.ask(found, Job.PUBLISHING, by=by, now=now)
        rows.noted(found, "retry", by=by, now=now)


def publish_due(now: datetime) -> bool:
    """Book what somebody published; False when there is nothing to take."""
    claimed = work.claim(Job.PUBLISHING, now=now)
    if claimed is None:
        return False
    return run(Hand(claimed, now=now), book_all)


def book_all(hand: Hand) -> None:
    """Match by match, each in a write unit of its own, so that a worker can die at any moment."""
    round_id = hand.claim.round_id
    of_round = select(func.count()).select_from(_MATCH).where(_MATCH.c.round_id == round_id)
    total = db.session.scalar(of_round) or 0
    waiting = _waiting(round_id)
    done = total - len(waiting)
    for row in waiting:
        hand.note(done / max(1, total), BOOKING)
        _book(hand, row)
        done += 1
    _end(hand)


_WAITING = (
    select(
        _MATCH.c.round_id,
        _MATCH.c.candidate_id,
        _MATCH.c.interviewer_id,
        _MATCH.c.start_at,
        _MATCH.c.why,
        RoundRequest.track,
        RoundRequest.level,
        MatchingRound.duration_min,
        RoundPair.kind.label("pin"),
    )
    .join(MatchingRound, MatchingRound.id == _MATCH.c.round_id)
    .join(
        RoundRequest,
        (RoundRequest.round_id == _MATCH.c.round_id)
        & (RoundRequest.candidate_id == _MATCH.c.candidate_id),
    )
    .outerjoin(
        RoundPair,
        (RoundPair.round_id == _MATCH.c.round_id)
        & (RoundPair.candidate_id == _MATCH.c.candidate_id)
        & (RoundPair.interviewer_id == _MATCH.c.interviewer_id)
        & (RoundPair.kind == states.PairKind.PIN.value),
    )
    .where(_MATCH.c.state == MatchState.PROPOSED.value)
    .order_by(_MATCH.c.start_at, _MATCH.c.candidate_id)
)


def _waiting(round_id: int) -> list[Row[Any]]:
    found = db.session.execute(_WAITING.where(_MATCH.c.round_id == round_id)).all()
    work.let_go()
    return list(found)


def _book(hand: Hand, row: Row[Any]) -> None:
    """Book one match, or write down why not: once, whatever happens in between."""
    wanted = Wanted(
        track=row.track,
        level=row.level,
        duration_min=row.duration_min,
        start=row.start_at,
        again=row.pin is not None,
    )
    why = Words(row.why["sentence"], row.why["params"]).text()
    try:
        with transaction():
            if _waits(row):
                made = behalf.book_with(
                    row.candidate_id,
                    wanted,
                    row.interviewer_id,
                    reason=why,
                    request_key=f"round:{row.round_id}",
                    by=hand.claim.by,
                    now=hand.now,
                )
                _note(row, state=MatchState.BOOKED.value, booking_id=made.id)
    except Refusal as refusal:
        said = {"sentence": refusal.sentence, "params": dict(refusal.params)}
        with transaction():
            _note(row, state=MatchState.FAILED.value, failure=said)


def _waits(row: Row[Any]) -> bool:
    """False: another worker was first, or the candidate has left."""
    return db.session.scalar(select(_MATCH.c.candidate_id).where(_of(row))) is not None


def _of(row: Row[Any]) -> Any:
    return (
        (_MATCH.c.round_id == row.round_id)
        & (_MATCH.c.candidate_id == row.candidate_id)
        & (_MATCH.c.interviewer_id == row.interviewer_id)
        & (_MATCH.c.state == MatchState.PROPOSED.value)
    )


def _note(row: Row[Any], **values: Any) -> None:
    """What became of a match. The last thing of its write unit, so that people are locked first as
    everywhere else; when somebody else has noted it meanwhile, the unit is undone."""
    noted: Any = db.session.execute(update(_MATCH).where(_of(row)).values(**values))
    if noted.rowcount == 0:
        raise Lost()


def _end(hand: Hand) -> None:
    """It is published: who got no interview is told why, once."""
    with transaction():
        hand.require()
        published = db.session.get_one(MatchingRound, hand.claim.round_id, populate_existing=True)
        first = published.state != State.PUBLISHED
        values: dict[str, Any] = {}
        if first:
            states.require_move(published.state, State.PUBLISHED)
            values = {
                "state": State.PUBLISHED.value,
                "published_at": hand.now,
                "published_by": hand.claim.by,
            }
        _owe_results(hand.claim.round_id, now=hand.now)
        hand.end(**values)


def _owe_results(round_id: int, *, now: datetime) -> None:
    booked = select(_MATCH.c.candidate_id).where(
        _MATCH.c.round_id == round_id, _MATCH.c.state == MatchState.BOOKED.value
    )
    without = select(RoundRequest.candidate_id).where(
        RoundRequest.round_id == round_id,
        RoundRequest.withdrawn_at.is_(None),
        RoundRequest.candidate_id.not_in(booked),
    )
    owed = (
        Owed(
            key=f"round:{round_id}:result:{person_id}",
            kind="round-result",
            person_id=person_id,
            payload={"round_id": round_id},
            due_at=now,
        )
        for person_id in db.session.scalars(without.order_by(RoundRequest.candidate_id))
    )
    outbox.record_all(owed, now=now)
