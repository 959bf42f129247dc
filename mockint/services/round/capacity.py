"""An interviewer says how many interviews of a round they take."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.errors import N_, Conflict, NotYours
from mockint.domain.round import plan, states
from mockint.models import InterviewerProfile, RoundCapacity, RoundRequest
from mockint.services.round import rows


def confirm(round_id: int, interviewer_id: int, *, max_total: int, now: datetime) -> None:
    """Take this many at the most; 0 is none this time. The last answer counts."""
    max_total = plan.checked_capacity(max_total)
    with transaction():
        found = rows.idle(round_id, states.ANSWERING)
        profile = db.session.get(InterviewerProfile, interviewer_id)
        if profile is None or profile.state != "approved":
            raise NotYours()
        if max_total and _asks(round_id, interviewer_id):
            raise Conflict(N_("You asked for an interview in this round, so you cannot give one."))
        key = (round_id, interviewer_id)
        answer = db.session.get(RoundCapacity, key, populate_existing=True)
        if answer is None:
            answer = RoundCapacity(round_id=round_id, interviewer_id=interviewer_id, max_total=-1)
            db.session.add(answer)
        answer.answered_at = now
        if answer.max_total != max_total:
            answer.max_total = max_total
            rows.changed(found)


def _asks(round_id: int, person_id: int) -> bool:
    asked = select(RoundRequest.candidate_id).where(
        RoundRequest.round_id == round_id,
        RoundRequest.candidate_id == person_id,
        RoundRequest.withdrawn_at.is_(None),
    )
    return db.session.scalar(asked) is not None
