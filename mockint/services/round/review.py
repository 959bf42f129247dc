"""An organiser says that a result is good, or looks at it again."""

from __future__ import annotations

from datetime import datetime

from mockint.db import db, transaction
from mockint.domain.errors import N_, Conflict
from mockint.domain.round import states
from mockint.domain.round.states import State
from mockint.models import MatchingRound, RoundResult
from mockint.services.round import rows

STALE = N_("Something changed since this was solved. Solve it again first.")


def accept(round_id: int, *, by: int, now: datetime) -> None:
    """The result may be published as it is; accepting it twice changes nothing."""
    with transaction():
        found = rows.locked(round_id)
        if found.state == State.REVIEWED:
            return
        states.require_move(found.state, State.REVIEWED)
        states.require_idle(found.job)
        require_fresh(found)
        found.state = State.REVIEWED.value
        rows.noted(found, "review", by=by, now=now)


def require_fresh(found: MatchingRound) -> None:
    """Refuse a result that another one may have taken the place of by now."""
    solved = db.session.get(RoundResult, found.id, populate_existing=True)
    if solved is None or solved.input_no != found.input_no:
        raise Conflict(STALE)


def reconsider(round_id: int, *, by: int, now: datetime) -> None:
    """Look at it again before it is published."""
    with transaction():
        found = rows.locked(round_id)
        if found.state == State.SOLVED:
            return
        states.require_move(found.state, State.SOLVED)
        states.require_idle(found.job)
        rows.require_unbooked(found)
        found.state = State.SOLVED.value
        rows.noted(found, "reconsider", by=by, now=now)
