"""I10: what a round says of its matches is so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import String, and_, cast, literal, or_, select
from sqlalchemy.engine import Connection

from mockint.models import Booking, MatchingRound, OutboxMessage, RoundMatch, RoundRequest

_MATCH, _ROUND, _BOOKING, _REQUEST = (
    one.__table__.c for one in (RoundMatch, MatchingRound, Booking, RoundRequest)
)


def matches(connection: Connection, now: datetime) -> Iterator[str]:
    """Every match is of somebody who asked, and of a published round nothing is left undone."""
    without = (
        select(_MATCH.round_id, _MATCH.candidate_id)
        .outerjoin(
            RoundRequest.__table__,
            and_(
                _REQUEST.round_id == _MATCH.round_id, _REQUEST.candidate_id == _MATCH.candidate_id
            ),
        )
        .where(or_(_REQUEST.candidate_id.is_(None), _REQUEST.withdrawn_at.is_not(None)))
        .where(_MATCH.state != "booked")
    )
    for row in connection.execute(without):
        yield f"I10: round {row.round_id} matches person {row.candidate_id}, who does not ask."
    undone = (
        select(_MATCH.round_id, _MATCH.candidate_id)
        .join(MatchingRound.__table__, _ROUND.id == _MATCH.round_id)
        .where(_ROUND.state == "published", _ROUND.job.is_(None), _MATCH.state == "proposed")
    )
    for row in connection.execute(undone):
        yield (
            f"I10: round {row.round_id} is published, but the match of person {row.candidate_id} is"
            " neither booked nor refused."
        )
    booked_before = (
        select(_MATCH.round_id, _MATCH.booking_id)
        .join(MatchingRound.__table__, _ROUND.id == _MATCH.round_id)
        .where(
            _MATCH.state == "booked",
            _ROUND.published_at.is_(None),
            _ROUND.state != "reviewed",
        )
    )
    for row in connection.execute(booked_before):
        yield (
            f"I10: booking {row.booking_id} comes from round {row.round_id}, which nobody"
            " published."
        )


def bookings(connection: Connection, now: datetime) -> Iterator[str]:
    """The booking of a match is its candidate's, and once published whoever has none is told."""
    others = (
        select(_MATCH.round_id, _MATCH.candidate_id, _MATCH.booking_id)
        .join(Booking.__table__, _BOOKING.id == _MATCH.booking_id)
        .where(or_(_BOOKING.candidate_id != _MATCH.candidate_id, _BOOKING.state == "held"))
    )
    for row in connection.execute(others):
        yield (
            f"I10: booking {row.booking_id} is not the interview that round {row.round_id} gave"
            f" person {row.candidate_id}."
        )
    told = select(OutboxMessage.person_id).where(
        OutboxMessage.kind == "round-result",
        OutboxMessage.person_id == _REQUEST.candidate_id,
        OutboxMessage.key
        == literal("round:")
        .concat(cast(_REQUEST.round_id, String))
        .concat(":result:")
        .concat(cast(_REQUEST.candidate_id, String)),
    )
    served = select(_MATCH.candidate_id).where(
        _MATCH.round_id == _REQUEST.round_id,
        _MATCH.candidate_id == _REQUEST.candidate_id,
        _MATCH.state == "booked",
    )
    untold = (
        select(_REQUEST.round_id, _REQUEST.candidate_id)
        .join(MatchingRound.__table__, _ROUND.id == _REQUEST.round_id)
        .where(
            _ROUND.published_at.is_not(None),
            _REQUEST.withdrawn_at.is_(None),
            ~served.exists(),
            ~told.exists(),
        )
    )
    for one in connection.execute(untold):
        yield (
            f"I10: round {one.round_id} has no interview for person {one.candidate_id}, and no mail"
            " says so."
        )
