"""The row of a round behind its lock, and what changes with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from mockint.db import db
from mockint.domain.errors import N_, Conflict, NotYours
from mockint.domain.round import states
from mockint.domain.round.states import State
from mockint.models import MatchingRound, RoundMatch
from mockint.services import audit


def locked(round_id: int) -> MatchingRound:
    """The round, which nobody else changes until the transaction ends."""
    found = db.session.get(MatchingRound, round_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotYours()
    return found


def idle(round_id: int, allowed: Iterable[State]) -> MatchingRound:
    """The same of a round in one of these states that no worker has in hand."""
    found = locked(round_id)
    states.require_state(found.state, allowed)
    states.require_idle(found.job)
    require_unbooked(found)
    return found


def _begun(found: MatchingRound) -> bool:
    """Publishing ended halfway: some matches are booked, and the rest waits to be."""
    booked = select(RoundMatch.booking_id).where(
        RoundMatch.round_id == found.id, RoundMatch.booking_id.is_not(None)
    )
    return found.state == State.REVIEWED and db.session.scalar(booked.limit(1)) is not None


def require_unbooked(found: MatchingRound) -> None:
    """Refuse to change what publishing has begun to book."""
    if _begun(found):
        raise Conflict(
            N_("Some of its interviews are booked already. Publish it to book the rest.")
        )


def changed(found: MatchingRound) -> None:
    """Another result may follow from it now: what was reviewed has to be looked at again."""
    if _begun(found):
        return  # what is left is booked, or refused by name
    found.input_no += 1
    if found.state == State.REVIEWED:
        found.state = State.SOLVED.value


def noted(found: MatchingRound, verb: str, *, by: int | None, now: datetime) -> None:
    """Who moved the round on."""
    audit.record(f"round.{verb}", f"matching_round:{found.id}", by=by, now=now)
