"""An organiser wants two people together in a round, or apart."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from mockint.db import db, transaction
from mockint.domain.errors import N_, Conflict, NotYours
from mockint.domain.round import states
from mockint.domain.round.states import PairKind
from mockint.models import RoundCapacity, RoundPair, RoundRequest
from mockint.services import audit
from mockint.services.round import rows


def pin(round_id: int, candidate_id: int, interviewer_id: int, *, by: int, now: datetime) -> None:
    """These two together if their time and the rules allow it; it replaces another pin."""
    _decide(PairKind.PIN, round_id, candidate_id, interviewer_id, by=by, now=now)


def forbid(
    round_id: int, candidate_id: int, interviewer_id: int, *, by: int, now: datetime
) -> None:
    """Not these two in this round."""
    _decide(PairKind.FORBID, round_id, candidate_id, interviewer_id, by=by, now=now)


def unset(round_id: int, candidate_id: int, interviewer_id: int, *, by: int, now: datetime) -> None:
    """Leave it to the rules again; unsetting what is not set changes nothing."""
    with transaction():
        found = rows.idle(round_id, states.DECIDING)
        pair = db.session.get(
            RoundPair, (round_id, candidate_id, interviewer_id), populate_existing=True
        )
        if pair is not None:
            db.session.delete(pair)
            rows.changed(found)
            _note(found.id, "unset", candidate_id, interviewer_id, by=by, now=now)


def _decide(
    kind: PairKind,
    round_id: int,
    candidate_id: int,
    interviewer_id: int,
    *,
    by: int,
    now: datetime,
) -> None:
    with transaction():
        found = rows.idle(round_id, states.DECIDING)
        _require_here(round_id, candidate_id, interviewer_id)
        key = (round_id, candidate_id, interviewer_id)
        before = db.session.get(RoundPair, key, populate_existing=True)
        if before is not None and before.kind == kind:
            return
        replaced = (RoundPair.interviewer_id == interviewer_id) | (
            RoundPair.kind == (kind.value if kind is PairKind.PIN else "")
        )
        mine = (RoundPair.round_id == round_id, RoundPair.candidate_id == candidate_id)
        db.session.execute(delete(RoundPair).where(*mine, replaced))
        db.session.expire_all()
        db.session.add(
            RoundPair(
                round_id=round_id,
                candidate_id=candidate_id,
                interviewer_id=interviewer_id,
                kind=kind.value,
                decided_by=by,
                decided_at=now,
            )
        )
        rows.changed(found)
        _note(found.id, kind.value, candidate_id, interviewer_id, by=by, now=now)


def _require_here(round_id: int, candidate_id: int, interviewer_id: int) -> None:
    asked = db.session.get(RoundRequest, (round_id, candidate_id), populate_existing=True)
    if asked is None:
        raise NotYours()
    if asked.withdrawn_at is not None:
        raise Conflict(N_("This candidate withdrew from the round."))
    offered = select(RoundCapacity.max_total).where(
        RoundCapacity.round_id == round_id, RoundCapacity.interviewer_id == interviewer_id
    )
    if not db.session.scalar(offered):
        raise Conflict(N_("This interviewer takes no interviews in the round."))


def _note(
    round_id: int, verb: str, candidate_id: int, interviewer_id: int, *, by: int, now: datetime
) -> None:
    pair = {"candidate": candidate_id, "interviewer": interviewer_id}
    audit.record(f"round.{verb}", f"matching_round:{round_id}", by=by, now=now, after=pair)
