"""Booking an interview: confirm a hold, move it, cancel it, change where it takes place."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select, update

from mockint import settings
from mockint.db import db, forget, transaction
from mockint.domain import booking as rules
from mockint.domain import zones
from mockint.domain.errors import N_, Conflict, NotYours, SlotTaken, TooLate
from mockint.domain.timespan import Span
from mockint.models import Booking, InterviewerProfile, Person
from mockint.queries import community as community_query
from mockint.queries.parties import Meeting, Sides
from mockint.services import audit, feed, holds, occupancy, owed, participation
from mockint.services.matching import Wanted


def futures_of(person_id: int, *, now: datetime, lock: bool = False) -> Sequence[Booking]:
    """Confirmed bookings of a person that have not begun, the earliest first.

    Who changes several of them in one transaction locks everybody concerned first.
    """
    query = (
        select(Booking)
        .where(
            Booking.state == "confirmed",
            Booking.start_at > now,
            or_(Booking.candidate_id == person_id, Booking.interviewer_id == person_id),
        )
        .order_by(Booking.start_at, Booking.id)
    )
    found = db.session.scalars(query).all()
    if lock and found:
        occupancy.lock_people(
            person for one in found for person in (one.candidate_id, one.interviewer_id)
        )
        found = db.session.scalars(query.execution_options(populate_existing=True)).all()
    return found


def confirm(
    booking_id: int,
    *,
    candidate_id: int,
    now: datetime,
    wanted: Wanted | None = None,
    by: int | None = None,
) -> Meeting:
    """Book what is held; confirming twice is one booking.

    A hold that ran out is booked all the same if the time is still free: with the same
    interviewer, or with another one when anyone would do. `wanted` (from the form) lets that
    work even when the hold itself is gone. `by` is the organiser who does it for the candidate.
    """
    try:
        with transaction():
            held, sides = holds.locked_with_sides(booking_id, candidate_id=candidate_id, now=now)
            if wanted is not None and held.state == rules.State.HELD:
                _require_same(held, wanted)
            wanted = _wanted(held)
            return _confirm(held, sides, by=by or candidate_id, now=now)
    except NotYours:
        missing = db.session.get(Booking, booking_id) is None
        if wanted is None or not missing:
            raise
    except SlotTaken:
        if wanted is None or wanted.interviewer_id is not None:
            raise
    with transaction():
        occupancy.drop_holds(Booking.id == booking_id)
        held = holds.hold(candidate_id, wanted, request_key=f"again:{booking_id}", now=now)
        again, sides = holds.locked_with_sides(held.id, candidate_id=candidate_id, now=now)
        return _confirm(again, sides, by=by or candidate_id, now=now)


def _wanted(held: Meeting) -> Wanted:
    return Wanted(
        track=held.track,
        level=held.level,
        duration_min=held.duration_min,
        start=held.start_at,
        interviewer_id=held.interviewer_id if held.chosen else None,
    )


def _require_same(held: Meeting, wanted: Wanted) -> None:
    """Nobody books by a page that shows another time than the one that is held."""
    if replace(wanted, again=False) != _wanted(held):
        raise Conflict(N_("This is not the time you hold. Choose it again."))


def _confirm(held: Meeting, sides: Sides, *, by: int, now: datetime) -> Meeting:
    if held.state == rules.State.CONFIRMED:
        return held
    rules.require_move(held.state, rules.State.CONFIRMED)
    community = community_query.current()
    holds.require(
        confirmed=sides.confirmed_at is not None,
        complete=bool(sides.tracks and sides.languages),
    )
    rules.require_upcoming(sides.upcoming, community.max_upcoming)
    if held.start_at <= now:
        raise TooLate(N_("This time has begun."))
    if rules.hold_over(held.held_until, now):
        span = Span(held.start_at, held.end_at)
        holds.require_free(held.candidate_id, held.interviewer_id, span, now=now, without=held.id)
        occupancy.claim(held, now=now)
    if sides.makes_link is None:
        raise SlotTaken(N_("This interviewer has left meanwhile."))
    if sides.apart:
        raise SlotTaken(N_("This time is no longer offered."))
    link = link_of(sides.meeting_link or "", makes_link=sides.makes_link)
    db.session.execute(_CONFIRM, {"booking_id": held.id, "link": link, "at": now})
    forget(Booking, held.id)
    feed.touch((held.candidate_id, held.interviewer_id))
    owed.invitation(held, community=community, now=now)
    action = "booking.confirm" if by == held.candidate_id else "booking.behalf"
    audit.record(action, f"booking:{held.id}", by=by, now=now)
    return replace(held, state=rules.State.CONFIRMED, held_until=None)


_BOOKING = Booking.__table__
_CONFIRM = (
    update(_BOOKING)  # type: ignore[arg-type]  # it is a Table
    .where(_BOOKING.c.id == bindparam("booking_id"))
    .values(
        state=rules.State.CONFIRMED,
        held_until=None,
        confirmed_at=bindparam("at"),
        updated_at=bindparam("at"),
        meeting_link=bindparam("link"),
        revision=_BOOKING.c.revision + 1,
    )
)
"""Both people and the row are locked, so its `revision` needs no look."""


def link_of(link: str, *, makes_link: bool) -> str:
    """Where it takes place: the interviewer's own link, or a room of its own for each interview."""
    base = settings.active().jitsi_url
    if makes_link and base:
        return f"{base.rstrip('/')}/mockint-{secrets.token_hex(10)}"
    return link


def reschedule(
    booking_id: int, *, by: int, side: str, new_start: datetime, now: datetime
) -> Booking:
    """Move an interview with the same interviewer; the old time is kept until this commits.

    Moving it to where it is changes nothing, so the same form may come twice.
    """
    with transaction():
        found = holds.locked(booking_id)
        _require_side(found, by, side)
        old = Span(found.start_at, found.end_at)
        if found.state == rules.State.CONFIRMED and old.start == new_start:
            return found
        community = community_query.current()
        rules.require_reschedule(
            found.state,
            found.start_at,
            now=now,
            cutoff_min=community.cutoff_reschedule_min,
            organiser=side == "organiser",
        )
        span = Span.lasting(new_start, found.duration_min)
        holds.require_free(
            found.candidate_id, found.interviewer_id, span, now=now, without=found.id
        )
        found.start_at, found.end_at = span.start, span.end
        found.zone = found.interviewer.zone
        found.wall_start = zones.wall_text(found.zone, new_start)
        found.sequence += 1
        found.updated_at = now
        db.session.flush()
        occupancy.claim(found, now=now)
        participation.ask_again(found)
        owed.move(found, old, community=community, now=now)
        audit.record(
            "booking.move",
            f"booking:{found.id}",
            by=by,
            now=now,
            before={"start": old.start.isoformat()},
            after={"start": span.start.isoformat(), "side": side},
        )
    return found


def cancel(booking_id: int, *, by: int, side: str, reason: str, now: datetime) -> Booking:
    """End a booking before it starts; the same person cancelling again changes nothing."""
    reason = rules.clean_reason(reason)
    with transaction():
        found = holds.locked(booking_id)
        _require_side(found, by, side)
        if found.state == rules.State.CANCELLED and found.cancelled_by == by:
            return found
        community = community_query.current()
        rules.require_cancel(
            found.state,
            found.start_at,
            now=now,
            cutoff_min=community.cutoff_cancel_min,
            organiser=side == "organiser",
        )
        end(found, by=by, side=side, reason=reason, now=now)
    return found


def end(
    found: Booking,
    *,
    by: int,
    side: str,
    reason: str,
    why: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Cancel a booking that the caller has locked and found to be due for it.

    `why` goes into the mails: what they say besides who cancelled.
    """
    found.state = rules.State.CANCELLED
    found.cancelled_at = found.updated_at = now
    found.cancelled_by, found.cancelled_side, found.cancel_reason = by, side, reason
    found.request_key = None  # the same form may ask for this time again
    found.sequence += 1
    occupancy.free(found)
    owed.cancellation(found, by_side=side, why=why, now=now)
    db.session.flush()
    after = {"side": side, **(why or {})}
    audit.record("booking.cancel", f"booking:{found.id}", by=by, now=now, after=after)


def _require_side(found: Booking, by: int, side: str) -> None:
    """Nobody acts for a side they are not on; a hold belongs to its candidate alone."""
    if side == "organiser":
        person = db.session.get(Person, by)
        allowed = person is not None and "organiser" in person.role_names
    else:
        allowed = found.side_of(by) == side
    if not allowed or (found.state == rules.State.HELD and side == "interviewer"):
        raise NotYours()


def change_link(interviewer_id: int, *, link: str, now: datetime) -> int:
    """Tell everybody booked with this interviewer where it takes place now; returns how many.

    Call it inside the transaction that saves the profile: with `makes_link` each interview gets
    a room of its own, otherwise `link`.
    """
    with transaction():
        ahead = [
            found
            for found in futures_of(interviewer_id, now=now, lock=True)
            if found.interviewer_id == interviewer_id
        ]
        profile = db.session.get(InterviewerProfile, interviewer_id)
        community = community_query.current()
        changed = 0
        for found in ahead:
            if _same_place(found.meeting_link, profile, link):
                continue
            makes_link = profile is not None and profile.makes_link
            found.meeting_link = link_of(link, makes_link=makes_link)
            found.sequence += 1
            found.updated_at = now
            owed.new_link(found, community=community, now=now)
            changed += 1
        db.session.flush()
    return changed


def _same_place(present: str, profile: InterviewerProfile | None, link: str) -> bool:
    if profile is not None and profile.makes_link:
        return "/mockint-" in present
    return present == link
