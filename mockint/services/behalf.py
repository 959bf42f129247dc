"""An organiser books for a candidate."""

from __future__ import annotations

from datetime import datetime

from mockint.db import transaction
from mockint.queries.parties import Meeting
from mockint.services import booking, holds
from mockint.services.matching import Wanted


def book(
    candidate_id: int, wanted: Wanted, *, request_key: str | None, by: int, now: datetime
) -> Meeting:
    """Hold and confirm at once, by the same rules as when the candidate does it."""
    with transaction():
        held = holds.hold(candidate_id, wanted, request_key=request_key, now=now)
        if held.state == "confirmed":
            return held  # the same form twice
        return booking.confirm(held.id, candidate_id=candidate_id, now=now, by=by)


def book_with(
    candidate_id: int,
    wanted: Wanted,
    interviewer_id: int,
    *,
    reason: str,
    request_key: str,
    by: int,
    now: datetime,
) -> Meeting:
    """The same with somebody the candidate did not ask for by name; `reason` says why."""
    with transaction():
        held = holds.hold_with(
            candidate_id, wanted, interviewer_id, reason=reason, request_key=request_key, now=now
        )
        if held.state == "confirmed":
            return held
        return booking.confirm(held.id, candidate_id=candidate_id, now=now, by=by)
