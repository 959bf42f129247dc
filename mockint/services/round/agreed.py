"""What of a published round is agreed now, as places of the instance that was solved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, func, select

from mockint.db import db
from mockint.domain.availability import free_starts
from mockint.domain.booking import State as BookingState
from mockint.domain.booking import last_moment
from mockint.domain.errors import NotYours
from mockint.domain.reply import Partstat
from mockint.domain.round.files import load
from mockint.domain.round.instance import Instance
from mockint.domain.round.residual import slot_at
from mockint.domain.round.solution import Match
from mockint.domain.round.states import State
from mockint.models import Booking, Invitation, RoundMatch, RoundRequest
from mockint.queries import community as community_query
from mockint.queries import offers
from mockint.queries import round as round_query
from mockint.queries.round.cards import Card
from mockint.queries.round.losses import stands


@dataclass(slots=True)
class Agreed:
    """Matches with what became of them, in positions of `instance`."""

    card: Card
    instance: Instance
    candidates: dict[int, int]
    """Person to position."""
    interviewers: dict[int, int]
    matching: list[Match] = field(default_factory=list)
    """What stands, and what was lost or given back since."""
    lost: dict[Match, int | None] = field(default_factory=dict)
    """Matches whose interviewer cannot come, with the booking that stands until somebody acts."""
    withdrawn: set[int] = field(default_factory=set)
    """Who needs nothing of the round any more."""
    confirmed: set[int] = field(default_factory=set)
    """Who is not asked to move."""
    refused: set[tuple[int, int]] = field(default_factory=set)
    """Interviewer and start of places whose interviewer cancelled them."""
    barred: list[int] = field(default_factory=list)
    """Slots that nobody has and that cannot be booked any more."""

    def match(self, candidate: int, interviewer_id: int, start: datetime) -> Match | None:
        """None when it is no place of the instance."""
        who = self.interviewers.get(interviewer_id)
        minute = int((start - self.card.span.start) // timedelta(minutes=1))
        if who is None or slot_at(self.instance, who, minute) is None:
            return None
        return Match(candidate, who, minute)

    def closed(self) -> list[int]:
        """Slots that are barred, or lost with nobody else in them."""
        lost = {(one.interviewer, one.start) for one in self.lost}
        lost -= {(one.interviewer, one.start) for one in self.matching if one not in self.lost}
        slots = (slot_at(self.instance, *one) for one in lost)
        return sorted({*self.barred, *(one for one in slots if one is not None)})


def read(round_id: int, *, now: datetime) -> Agreed:
    """Only of a round that is published."""
    card, raw = round_query.find(round_id), round_query.instance_file(round_id)
    if card is None or raw is None or card.state != State.PUBLISHED:
        raise NotYours()
    instance = load(raw)
    found = Agreed(
        card,
        instance,
        {int(one): place for place, one in enumerate(instance.candidate_ids or ())},
        {int(one): place for place, one in enumerate(instance.interviewer_ids or ())},
    )
    asking = set(db.session.scalars(_ASKING.where(RoundRequest.round_id == round_id)))
    found.withdrawn |= {place for who, place in found.candidates.items() if who not in asking}
    served = _read_live(found, now=now)
    _read_ended(found, served)
    _bar(found, now=now)
    return found


_ASKING = select(RoundRequest.candidate_id).where(RoundRequest.withdrawn_at.is_(None))


def _said(side: str, column: Any, person: Any) -> Any:
    """What the one who is on this side now said."""
    of_side = and_(Invitation.side == side, Invitation.person_id == person)
    return func.max(case((of_side, column)))


_LIVE = (
    select(
        Booking.id,
        Booking.candidate_id,
        Booking.interviewer_id,
        Booking.start_at,
        _said("interviewer", Invitation.declined_at, Booking.interviewer_id).label("lost_at"),
        func.max(case((Invitation.partstat != Partstat.NEEDS_ACTION, 1), else_=0)).label("said"),
    )
    .outerjoin(
        Invitation,
        and_(
            Invitation.booking_id == Booking.id,
            Invitation.person_id.in_((Booking.candidate_id, Booking.interviewer_id)),
        ),
    )
    .group_by(Booking.id)
    .order_by(Booking.id)
)


def live(card: Card) -> list[Row[Any]]:
    """Interviews that candidates of a round have in its days, agreed since they asked."""
    asked = RoundRequest.round_id == card.id
    return list(db.session.execute(_LIVE.join(RoundRequest, asked).where(stands(Booking, card))))


def _read_live(found: Agreed, *, now: datetime) -> set[int]:
    """Interviews that stand; returns whose."""
    cutoff = community_query.current().cutoff_reschedule_min
    served: set[int] = set()
    for row in live(found.card):
        place = found.candidates.get(row.candidate_id)
        if place is None or place in served:
            continue
        served.add(place)
        match = found.match(place, row.interviewer_id, row.start_at)
        if match is None:
            found.withdrawn.add(place)
            continue
        found.matching.append(match)
        if row.lost_at is not None and row.start_at > now:
            found.lost[match] = row.id
        elif row.said or last_moment(row.start_at, cutoff) < now:
            found.confirmed.add(place)
    return served


def _read_ended(found: Agreed, served: set[int]) -> None:
    """Matches of the round that were cancelled or could not be booked."""
    rows = db.session.execute(
        select(
            RoundMatch.candidate_id,
            RoundMatch.interviewer_id,
            RoundMatch.start_at,
            Booking.state,
            Booking.cancelled_side,
        )
        .outerjoin(Booking, Booking.id == RoundMatch.booking_id)
        .where(RoundMatch.round_id == found.card.id)
        .order_by(RoundMatch.candidate_id)
    )
    for row in rows:
        place = found.candidates.get(row.candidate_id)
        if place is None:
            continue
        match = found.match(place, row.interviewer_id, row.start_at)
        if match is not None and row.cancelled_side == "interviewer":
            found.refused.add((match.interviewer, match.start))
        if place in served:
            continue
        if row.cancelled_side == "candidate" or row.state == BookingState.CONFIRMED:
            found.withdrawn.add(place)  # they gave it up, or moved it out of the round's days
        if match is None:
            continue
        found.matching.append(match)
        if place not in found.withdrawn:
            found.lost[match] = None


def _bar(found: Agreed, *, now: datetime) -> None:
    """A place that nobody has is one while the ordinary search offers it."""
    community = community_query.current()
    terms, card, instance = offers.terms(community), found.card, found.instance
    people = offers.volunteers(now=now, community=community, ids=list(found.interviewers))
    free: set[tuple[int, int]] = set()
    for who, offer in offers.offers_of(people, now=now, window=card.span).items():
        starts = free_starts(
            offer, window=card.span, duration_min=card.duration_min, now=now, terms=terms
        )
        minute = timedelta(minutes=1)
        place = found.interviewers[who]
        free |= {(place, int((start - card.span.start) // minute)) for start in starts}
    ended = {match for match, booking_id in found.lost.items() if booking_id is None}
    taken = {
        (one.interviewer, one.start)
        for one in found.matching
        if one not in ended and one.candidate not in found.withdrawn
    }
    free -= found.refused
    slots = zip(instance.slot_interviewer.tolist(), instance.start.tolist(), strict=True)
    found.barred += [slot for slot, key in enumerate(slots) if key not in free and key not in taken]
