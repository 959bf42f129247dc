"""Who of a published round is left without the interview it gave them, and who is who there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from mockint.db import db
from mockint.domain.booking import State as BookingState
from mockint.domain.matching import Words
from mockint.domain.round.states import MatchState
from mockint.models import Booking, Person, RoundMatch, RoundRequest
from mockint.queries.round.cards import Card
from mockint.queries.round.sides import words_of

_BOOKING = Booking.__table__.alias("other")


@dataclass(frozen=True, slots=True)
class Ended:
    """A match of the round that came to nothing, though its candidate wants it."""

    candidate_id: int
    booking_id: int | None
    """None: it was never booked, and `failure` says why."""
    by_side: str | None
    """Who cancelled: "interviewer" or "organiser"."""
    failure: Words | None


def stands(booking: Any, card: Card) -> ColumnElement[bool]:
    """It stands in the days of the round, agreed since its candidate asked; join RoundRequest.

    Who had an interview before asking wanted another one.
    """
    return and_(
        booking.candidate_id == RoundRequest.candidate_id,
        booking.created_at >= RoundRequest.asked_at,
        booking.state == BookingState.CONFIRMED.value,
        booking.start_at < card.span.end,
        booking.end_at > card.span.start,
    )


def _without(card: Card) -> ColumnElement[bool]:
    """No interview stands in the days of the round, and it is not the candidate who ended it."""
    standing = select(_BOOKING.c.id).where(stands(_BOOKING.c, card)).exists()
    return and_(
        RoundMatch.round_id == card.id,
        RoundRequest.withdrawn_at.is_(None),
        or_(
            RoundMatch.state == MatchState.FAILED.value,
            and_(
                Booking.state == BookingState.CANCELLED.value,
                Booking.cancelled_side != "candidate",
            ),
        ),
        ~standing,
    )


def _joined(query: Any) -> Any:
    return query.join(
        RoundRequest,
        and_(
            RoundRequest.round_id == RoundMatch.round_id,
            RoundRequest.candidate_id == RoundMatch.candidate_id,
        ),
    ).outerjoin(Booking, Booking.id == RoundMatch.booking_id)


_COUNT = _joined(select(RoundMatch.round_id, func.count()).select_from(RoundMatch)).group_by(
    RoundMatch.round_id
)
_ENDED = _joined(
    select(
        RoundMatch.candidate_id, RoundMatch.booking_id, Booking.cancelled_side, RoundMatch.failure
    ).select_from(RoundMatch)
).order_by(RoundMatch.start_at, RoundMatch.candidate_id)


def without_interview(cards: Sequence[Card]) -> dict[int, int]:
    """How many people each of these rounds left without one; rounds that left nobody are out."""
    if not cards:
        return {}
    found = db.session.execute(_COUNT.where(or_(*map(_without, cards))))
    return dict(map(tuple, found))


def ended(card: Card) -> list[Ended]:
    """These people's matches, the earliest first."""
    return [
        Ended(candidate_id, booking_id, side, words_of(failure))
        for candidate_id, booking_id, side, failure in db.session.execute(
            _ENDED.where(_without(card))
        )
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """An interview that stands in the days of a round."""

    booking_id: int
    interviewer_id: int
    start_at: datetime


def standing(card: Card, candidate_ids: Iterable[int]) -> dict[int, Standing]:
    """The first interview of each of these candidates in the days of the round."""
    rows = db.session.execute(
        select(Booking.candidate_id, Booking.id, Booking.interviewer_id, Booking.start_at)
        .join(RoundRequest, RoundRequest.round_id == card.id)
        .where(Booking.candidate_id.in_(set(candidate_ids)), stands(Booking, card))
        .order_by(Booking.id.desc())
    )
    return {row.candidate_id: Standing(row.id, row.interviewer_id, row.start_at) for row in rows}


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody of a round; interviewers ask for nothing."""

    name: str
    track: str | None
    level: str | None


def people(card: Card, ids: Iterable[int]) -> dict[int, Seen]:
    """These people, and what they ask of the round."""
    rows = db.session.execute(
        select(Person.id, Person.name, RoundRequest.track, RoundRequest.level)
        .outerjoin(
            RoundRequest,
            and_(RoundRequest.candidate_id == Person.id, RoundRequest.round_id == card.id),
        )
        .where(Person.id.in_(set(ids)))
    )
    return {person_id: Seen(*rest) for person_id, *rest in rows}
