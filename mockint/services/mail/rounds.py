"""About matching rounds: interviewers are asked, and who got no interview is told why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mockint.db import db
from mockint.domain.errors import N_
from mockint.domain.matching import Words
from mockint.domain.round.plan import span_of
from mockint.domain.round.states import State
from mockint.models import MatchingRound, OutboxMessage, RoundCapacity
from mockint.queries import round as round_query
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress

GONE = Suppress("the round or the account is gone")
MOST_TIMES = 10
"""Times that would have helped, as a mail lists them; the page has all."""
LEFT = Words(N_("Your request could not be read any more when the round was solved."), {})


def opened(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """While it is open and this interviewer has not answered."""
    return _asking(row, now=now)


def closing(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """The same, for the closing time it was written for."""
    found = db.session.get(MatchingRound, int(row.payload.get("round_id", 0)))
    if found is not None and found.closes_at.isoformat() != row.payload.get("closes_at"):
        return Suppress("the closing time has moved")
    return _asking(row, now=now)


def _asking(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    person = parts.recipient(row)
    found = db.session.get(MatchingRound, int(row.payload.get("round_id", 0)))
    if person is None or found is None:
        return GONE
    if person.interviewer is None or person.interviewer.state != "approved":
        return Suppress("this person interviews no more")
    if found.state != State.OPEN or found.closes_at <= now:
        return Suppress("the round has closed", late=True)
    if db.session.get(RoundCapacity, (found.id, person.id)) is not None:
        return Suppress("the interviewer has answered")
    return parts.mail(
        row, person, now=now, page=parts.url("rounds", found.id, "capacity"), **_shown(found)
    )


def _shown(found: MatchingRound) -> dict[str, Any]:
    span = span_of(found.zone, found.first_on, found.last_on)
    return {
        "round_name": found.name,
        "zone": found.zone,
        "first": span.start,
        "last": span.end - timedelta(minutes=1),
        "closes": found.closes_at,
        "minutes": found.duration_min,
    }


def result(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """To who asked and has no interview of the round."""
    person = parts.recipient(row)
    found = db.session.get(MatchingRound, int(row.payload.get("round_id", 0)))
    if person is None or found is None:
        return GONE
    mine = round_query.candidate_round(found.id, person.id, now=now)
    if mine is None or mine.outcome is None:
        return Suppress("the request is gone")
    if mine.outcome.booking_id is not None:
        return Suppress("there is an interview by now")
    return parts.mail(
        row,
        person,
        now=now,
        round_name=found.name,
        why=mine.outcome.why or LEFT,
        extra=mine.outcome.extra[:MOST_TIMES],
        competed=mine.outcome.competed,
        page=parts.url("rounds", found.id, "request"),
    )


KINDS = {"round-opened": opened, "round-closing": closing, "round-result": result}
