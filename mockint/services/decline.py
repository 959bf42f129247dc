"""What follows when somebody cannot come: ways on for the candidate, and what time alone ends.

The rules are `domain.decline`; who else is free and when is what any search says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import and_, or_, select

from mockint.db import db, transaction
from mockint.domain import decline as rules
from mockint.domain.booking import State
from mockint.domain.decline import Declined
from mockint.domain.errors import N_, Conflict, LimitReached, NotYours, Refusal, SlotTaken
from mockint.domain.matching import Suggestion
from mockint.models import Booking, Invitation, Person
from mockint.queries import community as community_query
from mockint.services import booking, handover, holds
from mockint.services import matching as finding
from mockint.services.matching import Wanted

log = structlog.get_logger()

_MINE = or_(
    and_(Invitation.side == "candidate", Invitation.person_id == Booking.candidate_id),
    and_(Invitation.side == "interviewer", Invitation.person_id == Booking.interviewer_id),
)
"""Rows of the two who are on the booking now; a replaced interviewer's row stays."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How a candidate whose interviewer cannot come goes on."""

    instead: Suggestion | None
    """Somebody else who is free at the very same time."""
    name: str
    """How they are called, if there is somebody."""
    times: tuple[datetime, ...]
    """Otherwise the nearest times, with whoever is free."""


def declined(found: Booking) -> Declined:
    """Since when each side has said that it cannot come."""
    rows = db.session.execute(
        select(Invitation.side, Invitation.declined_at)
        .join(Booking, Booking.id == Invitation.booking_id)
        .where(Invitation.booking_id == found.id, _MINE)
    )
    said = {row.side: row.declined_at for row in rows}
    return Declined(found.start_at, said.get("candidate"), said.get("interviewer"))


def waits_until(found: Booking) -> datetime | None:
    """When this interview ends unless somebody acts; None while both may come, or it is over."""
    if found.state != State.CONFIRMED:
        return None
    cutoff_min = community_query.current().cutoff_cancel_min
    return rules.waits_until(declined(found), cutoff_min=cutoff_min)


def _spent(found: Booking) -> set[int]:
    """Interviewers who have said that they cannot come to this interview."""
    rows = select(Invitation.person_id).where(
        Invitation.booking_id == found.id,
        Invitation.side == "interviewer",
        Invitation.partstat == "DECLINED",
    )
    return set(db.session.scalars(rows)) | {found.interviewer_id}


def _free_at(found: Booking, start: datetime, *, now: datetime) -> list[Suggestion]:
    """Who else can take it then, best first."""
    wanted = Wanted(found.track, found.level, found.duration_min, start)
    try:
        choice = finding.ranked(found.candidate_id, wanted, now=now, without=found.id)
    except Refusal:
        return []
    spent = _spent(found) if _touches(found, start) else {found.interviewer_id}
    return [one for one in choice if one.interviewer.person_id not in spent]


def _touches(found: Booking, start: datetime) -> bool:
    """Whether it would take a part of the time at which somebody has said that they cannot come."""
    return abs(start - found.start_at) < found.end_at - found.start_at


def ways(found: Booking, *, now: datetime) -> Ways:
    """What is free now; nothing is held by looking."""
    others = _free_at(found, found.start_at, now=now)
    if others:
        person = db.session.get_one(Person, others[0].interviewer.person_id)
        return Ways(others[0], person.name, ())
    starts = _starts(found, now=now) - {found.start_at}
    free = (one for one in starts if not _touches(found, one) or _free_at(found, one, now=now))
    return Ways(None, "", tuple(rules.instead(free, found.start_at)))


def _starts(found: Booking, *, now: datetime) -> set[datetime]:
    """When this could be held with anyone, also with its own interviewer."""
    wanted = Wanted(found.track, found.level, found.duration_min, found.start_at)
    anyone = finding.search(
        found.candidate_id, request=wanted.request, now=now, without=found.id
    ).starts
    return {*anyone, *finding.moves(found, now=now)}


def next_start(found: Booking, *, now: datetime) -> datetime | None:
    """The next start that fits, for an interview that ended."""
    try:
        starts = _starts(found, now=now)
        return rules.next_start((s for s in starts if not _touches(found, s)), found.start_at)
    except Refusal:  # the candidate's profile is not complete any more
        return None


def of_candidate(booking_id: int, *, by: int) -> Booking:
    """The interview, for its candidate alone."""
    found = db.session.get(Booking, booking_id)
    if found is None or found.candidate_id != by or found.state == State.HELD:
        raise NotYours()
    return found


def take(
    booking_id: int, *, by: int, start: datetime, who: int | None = None, now: datetime
) -> Booking:
    """The candidate's one click: the same time with somebody else, or another time.

    Another time is an ordinary move when the interviewer is free then; otherwise it is handed
    over to the best one who is. `who` pins the one that was shown.
    """
    found = of_candidate(booking_id, by=by)
    booked = found.state == State.CONFIRMED
    comes = "interviewer" not in declined(found).sides
    if booked and comes and found.start_at == start and who in (None, found.interviewer_id):
        return found  # the same click twice, or they come after all
    if comes or not booked:
        raise Conflict(handover.SETTLED)
    own = who in (None, found.interviewer_id) and not _touches(found, start)
    if own and start in finding.moves(found, now=now):
        return booking.reschedule(booking_id, by=by, side="candidate", new_start=start, now=now)
    last: Conflict | None = None
    for one in _free_at(found, start, now=now):
        if who is not None and one.interviewer.person_id != who:
            continue
        try:
            return handover.hand_over(booking_id, by=by, suggestion=one, start=start, now=now)
        except LimitReached:
            raise
        except Conflict as refusal:
            last = refusal
    raise last or SlotTaken(N_("This time was just taken."))


# What time alone ends


def settle_due(*, now: datetime) -> int:
    """End what nobody has saved in time; returns how many. Safe to run twice, and by several."""
    cutoff_min = community_query.current().cutoff_cancel_min
    waiting = db.session.scalars(
        select(Booking)
        .join(Invitation, Invitation.booking_id == Booking.id)
        .where(
            Booking.state == State.CONFIRMED,
            Booking.start_at > now,
            Invitation.declined_at.is_not(None),
            _MINE,
        )
        .distinct()
        .order_by(Booking.id)
    ).unique()
    due = [one.id for one in waiting.all() if _over(one, cutoff_min, now)]
    return sum(_end(booking_id, cutoff_min, now=now) for booking_id in due)


def _over(found: Booking, cutoff_min: int, now: datetime) -> bool:
    until = rules.waits_until(declined(found), cutoff_min=cutoff_min)
    return until is not None and until <= now


def _end(booking_id: int, cutoff_min: int, *, now: datetime) -> bool:
    """Cancel it for who declined, if that is still due behind the locks."""
    found = db.session.get_one(Booking, booking_id)
    after = None if "candidate" in declined(found).sides else next_start(found, now=now)
    try:
        with transaction():
            found = holds.locked(booking_id)
            if found.state != State.CONFIRMED or found.start_at <= now:
                return False
            if not _over(found, cutoff_min, now):
                return False
            sides = declined(found).sides
            side = sides[0]
            person = {"candidate": found.candidate_id, "interviewer": found.interviewer_id}
            why = {"declined": list(sides), "next_start": after.isoformat() if after else None}
            words = _words(found, side)
            booking.end(found, by=person[side], side=side, reason=words, why=why, now=now)
    except holds.Overtaken:
        return False  # it has another interviewer now, and may be due again in a minute
    log.info("declined_booking_ended", booking_id=booking_id, declined=sides)
    return True


def _words(found: Booking, side: str) -> str:
    """What they wrote when they declined."""
    person_id = found.candidate_id if side == "candidate" else found.interviewer_id
    told = db.session.get(Invitation, (found.id, side, person_id))
    return told.comment if told is not None else ""
