"""How earlier rounds and interviews ended for the candidates of a round."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, select

from mockint.db import db
from mockint.domain.matching import RoundEnd, priority
from mockint.models import Booking, MatchingRound, RoundMatch, RoundRequest

_ROUND_ID: Any = bindparam("round_id")
_REQUEST = RoundRequest.__table__.c
_MATCH = RoundMatch.__table__.c
_BOOKING = Booking.__table__.c
_HERE = select(RoundRequest.candidate_id).where(RoundRequest.round_id == _ROUND_ID)
_ROUNDS = (
    select(
        _REQUEST.candidate_id,
        MatchingRound.published_at,
        _REQUEST.withdrawn_at,
        _REQUEST.outcome,
        _MATCH.state,
        _BOOKING.state.label("booking"),
        _BOOKING.cancelled_side,
        _BOOKING.interviewer_attendance,
        _BOOKING.end_at,
    )
    .join(MatchingRound, MatchingRound.id == _REQUEST.round_id)
    .outerjoin(
        RoundMatch.__table__,
        and_(_MATCH.round_id == _REQUEST.round_id, _MATCH.candidate_id == _REQUEST.candidate_id),
    )
    .outerjoin(Booking.__table__, _BOOKING.id == _MATCH.booking_id)
    .where(
        _REQUEST.candidate_id.in_(_HERE),
        _REQUEST.round_id != _ROUND_ID,
        MatchingRound.published_at.is_not(None),
    )
)
_INTERVIEWS = select(
    _BOOKING.candidate_id,
    _BOOKING.start_at,
    _BOOKING.candidate_attendance,
    _BOOKING.interviewer_attendance,
).where(
    _BOOKING.candidate_id.in_(_HERE),
    _BOOKING.state == "confirmed",
    _BOOKING.end_at <= bindparam("now"),
)


def priorities(round_id: int, *, now: datetime) -> dict[int, int]:
    """The priority of each candidate of a round who has any history."""
    ends: dict[int, list[tuple[datetime, RoundEnd]]] = defaultdict(list)
    for row in db.session.execute(_ROUNDS, {"round_id": round_id}):
        if (end := _end_of(row)) is not None:
            ends[row.candidate_id].append((row.published_at, end))
    for row in db.session.execute(_INTERVIEWS, {"round_id": round_id, "now": now}):
        if row.candidate_attendance == "absent":
            ends[row.candidate_id].append((row.start_at, RoundEnd.ABSENT))
        elif row.interviewer_attendance != "absent":
            ends[row.candidate_id].append((row.start_at, RoundEnd.SERVED))
    return {
        one: priority(end for _at, end in sorted(found, key=lambda entry: entry[0]))
        for one, found in ends.items()
    }


def _end_of(row: Any) -> RoundEnd | None:
    """How a round ended; None where that says nothing, or the interview itself says it."""
    if row.withdrawn_at is not None:
        return RoundEnd.OWN_FAULT
    if row.state == "failed":
        return RoundEnd.MISSED
    if row.booking is None:
        competed = row.outcome is not None and row.outcome["kind"] == "hall"
        return RoundEnd.MISSED if competed else None
    if row.booking == "cancelled":
        mine = row.cancelled_side == "candidate"
        return RoundEnd.OWN_FAULT if mine else RoundEnd.MISSED
    return RoundEnd.MISSED if row.interviewer_attendance == "absent" else None
