"""Holding a time for ten minutes: made, swapped, extended, given up, run out."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, select
from sqlalchemy.orm import lazyload

from mockint import settings
from mockint.db import db, transaction
from mockint.domain import availability, booking, matching, zones
from mockint.domain.availability import Offer
from mockint.domain.errors import N_, Conflict, LimitReached, NotYours, SlotTaken
from mockint.domain.matching import Candidate, Interviewer, Suggestion
from mockint.domain.timespan import Span, on_grid
from mockint.models import Booking, Person
from mockint.queries import community as community_query
from mockint.queries import offers, parties
from mockint.queries.offers import Volunteer
from mockint.queries.parties import Own, Pair
from mockint.services import matching as finding
from mockint.services import occupancy, stamps
from mockint.services.matching import Wanted

KEPT_AFTER = timedelta(hours=1)
"""A hold that ran out stays as a row this long: its owner may still book what is free."""
UNCONFIRMED = N_("Confirm your e-mail address first; then you can book.")


def hold(
    candidate_id: int, wanted: Wanted, *, request_key: str | None = None, now: datetime
) -> Booking:
    """Hold a time; it replaces the candidate's other hold in the same transaction.

    "Anyone" is the best-ranked free interviewer, or the next one if that one is taken meanwhile.
    Sending the same form twice (`request_key`), or asking for what is held already, returns it.
    """
    if not on_grid(wanted.start):
        raise SlotTaken(availability.REASON_WORDS[availability.Reason.OFF_GRID])
    key = _key(candidate_id, request_key, wanted)
    if wanted.interviewer_id is not None:
        with transaction():
            return _hold(candidate_id, wanted, wanted.interviewer_id, key=key, now=now)
    require_ready(candidate_id)
    try:
        own = own_hold(candidate_id)
        choice = finding.ranked(
            candidate_id, wanted, now=now, without=own.id if own is not None else None
        )
    except Conflict:
        done = _done(parties.own(candidate_id), key, wanted, now=now)
        if done is None:
            raise
        return done
    return _first(candidate_id, wanted, choice, key=key, now=now)


def _first(
    candidate_id: int,
    wanted: Wanted,
    choice: list[Suggestion],
    *,
    key: str | None,
    now: datetime,
) -> Booking:
    """Hold the time with the best of `choice` who can still be had; each try is a transaction."""
    last: Conflict | None = None
    for suggestion in choice:
        reason = matching.sentence(suggestion).text()
        try:
            with transaction():
                chosen = suggestion.interviewer.person_id
                return _hold(candidate_id, wanted, chosen, reason=reason, key=key, now=now)
        except LimitReached:
            raise
        except Conflict as refusal:
            last = refusal
    raise last or SlotTaken(N_("This time was just taken."))


def _hold(
    candidate_id: int,
    wanted: Wanted,
    interviewer_id: int,
    *,
    reason: str = "",
    key: str | None,
    now: datetime,
) -> Booking:
    """Everything is asked behind the locks, and of rows that only they can change."""
    occupancy.lock_people((candidate_id, interviewer_id))
    own = parties.own(candidate_id)
    done = _done(own, key, wanted, now=now)
    if done is not None:
        return done
    community = community_query.current()
    finding.check(wanted.request, community)
    pair = parties.pair(candidate_id, interviewer_id)
    candidate = replace(ready(pair), met=parties.met(own))
    booking.require_upcoming(parties.upcoming(own, now), community.max_upcoming)
    if any(one.state == booking.State.HELD for one in own):
        occupancy.drop_holds(Booking.candidate_id == candidate_id)
    volunteer = pair.volunteer if pair is not None else None
    if volunteer is None or matching.eligible(candidate, volunteer.interviewer, wanted.request):
        raise SlotTaken(N_("This time is no longer offered."))
    in_the_way = require_free(
        candidate_id, interviewer_id, wanted.span, now=now, volunteer=volunteer
    )
    made = _new(candidate, wanted, volunteer.interviewer, reason=reason, key=key, now=now)
    made.held_until = booking.hold_until(now, community.hold_min)
    db.session.add(made)
    db.session.flush()
    if in_the_way:
        occupancy.claim(made, now=now)
    else:
        occupancy.claim_first(made)
    return made


def _new(
    candidate: Candidate,
    wanted: Wanted,
    who: Interviewer,
    *,
    reason: str,
    key: str | None,
    now: datetime,
) -> Booking:
    return Booking(
        uid=f"{uuid.uuid4()}@{settings.active().host}",
        request_key=key,
        candidate_id=candidate.person_id,
        interviewer_id=who.person_id,
        chosen=wanted.interviewer_id is not None,
        track=wanted.track,
        level=wanted.level,
        language=matching.common_language(candidate, who) or "en",
        reason=reason,
        start_at=wanted.span.start,
        end_at=wanted.span.end,
        zone=who.zone,
        wall_start=zones.wall_text(who.zone, wanted.start),
        state=booking.State.HELD,
        created_at=now,
        updated_at=now,
    )


def _key(candidate_id: int, request_key: str | None, wanted: Wanted) -> str | None:
    """A form holds many times, so its key counts together with the time chosen."""
    if request_key is None:
        return None
    words = f"{candidate_id}:{request_key}:{wanted.start.isoformat()}"
    return sha256(words.encode()).hexdigest()


def _done(own: list[Own], key: str | None, wanted: Wanted, *, now: datetime) -> Booking | None:
    """What an earlier sending of the same wish has made."""
    same = (wanted.track, wanted.level, wanted.start, wanted.duration_min, wanted.interviewer_id)
    for one in own:
        named = one.interviewer_id if one.chosen else None
        held = one.state == booking.State.HELD
        sent = key is not None and one.request_key == key
        alike = (one.track, one.level, one.start_at, one.duration_min, named) == same
        if (sent or (held and alike)) and booking.is_live(one.state, one.held_until, now):
            return db.session.get(Booking, one.id)
    return None


def own_hold(candidate_id: int) -> Booking | None:
    """The one time a candidate holds, also when it has run out; read anew."""
    return db.session.scalar(
        select(Booking)
        .where(Booking.candidate_id == candidate_id, Booking.state == "held")
        .execution_options(populate_existing=True)
    )


def require_ready(candidate_id: int) -> None:
    """Only somebody with a confirmed address and a complete profile can hold a time."""
    ready(parties.pair(candidate_id, None))


def ready(found: Pair | None) -> Candidate:
    """The candidate of a pair that was just read; refused like `require_ready`."""
    if found is None:
        raise NotYours()
    if not found.confirmed:
        raise Conflict(UNCONFIRMED)
    if found.candidate is None:
        raise Conflict(finding.UNFINISHED)
    return found.candidate


def require_complete(person: Person) -> None:
    """The same of a person who was just read."""
    if person.confirmed_at is None:
        raise Conflict(UNCONFIRMED)
    if person.candidate is None or not person.candidate.tracks:
        raise Conflict(finding.UNFINISHED)


def upcoming(candidate_id: int, *, now: datetime) -> int:
    """How many booked interviews a candidate has ahead."""
    return parties.upcoming(parties.own(candidate_id), now)


def require_free(
    candidate_id: int,
    interviewer_id: int,
    span: Span,
    *,
    now: datetime,
    volunteer: Volunteer | None = None,
    without: int | None = None,
) -> bool:
    """Ask the domain again, on rows read after both people were locked.

    True: holds that ran out are still in the way. `volunteer` saves reading the interviewer again.
    """
    if volunteer is None:
        found = parties.pair(candidate_id, interviewer_id)
        volunteer = found.volunteer if found is not None else None
    around = parties.around(candidate_id, interviewer_id, window=span, without=without)
    taken = around.taken
    offer = _NOBODY
    if volunteer is not None:
        written = parties.written(volunteer)
        offer = replace(written, taken=tuple(taken[interviewer_id]), away=around.away).offer(now)
    availability.require_free(
        offer,
        span.start,
        duration_min=int(span.duration.total_seconds()) // 60,
        now=now,
        terms=offers.terms(community_query.current()),
        candidate_busy=[one.span for one in taken[candidate_id] if one.live(now)],
    )
    over = (one for each in taken.values() for one in each if not one.live(now))
    return any(one.span.overlaps(span) for one in over)


_NOBODY = Offer(availability.hours_from("UTC", ()))
"""The offer of somebody who is no interviewer (any more)."""


def extend(booking_id: int, *, candidate_id: int, now: datetime) -> Booking:
    """Hold it ten more minutes from now, also just after it ran out if nobody took it."""
    with transaction():
        held = locked(booking_id, candidate_id=candidate_id)
        if held.state != booking.State.HELD:
            return held
        if booking.hold_over(held.held_until, now):
            span = Span(held.start_at, held.end_at)
            require_free(candidate_id, held.interviewer_id, span, now=now, without=held.id)
            stamps.touch((candidate_id, held.interviewer_id))
        held.held_until = booking.extend_hold(
            held.created_at, now=now, hold_min=community_query.current().hold_min
        )
        held.updated_at = now
    return held


def release(booking_id: int, *, candidate_id: int, now: datetime) -> None:
    """Give a hold up; what is booked is cancelled, not released."""
    with transaction():
        if db.session.get(Booking, booking_id, populate_existing=True) is None:
            return  # released before, or taken after it ran out
        held = locked(booking_id, candidate_id=candidate_id)
        if held.state != booking.State.HELD:
            raise Conflict(N_("This interview is already booked."))
        db.session.delete(held)


_PEOPLE = select(Booking.candidate_id, Booking.interviewer_id).where(
    Booking.id == bindparam("booking_id")
)
_BEHIND_LOCKS = (
    select(Booking)
    .where(Booking.id == bindparam("booking_id"))
    .options(lazyload(Booking.candidate), lazyload(Booking.interviewer))
    .with_for_update(of=Booking)
    .execution_options(populate_existing=True)
)


class Overtaken(Conflict):
    """Somebody took a place in the booking while its people were being locked."""


def locked(
    booking_id: int, *, candidate_id: int | None = None, also: Iterable[int] = ()
) -> Booking:
    """A booking with both people locked, and those of `also`, read again behind the locks."""
    asked = {"booking_id": booking_id}
    people = db.session.execute(_PEOPLE, asked).one_or_none()
    if people is None or (candidate_id is not None and people.candidate_id != candidate_id):
        raise NotYours()
    occupancy.lock_people((*people, *also))
    found = db.session.scalar(_BEHIND_LOCKS, asked)
    if found is None:
        raise NotYours()
    if (found.candidate_id, found.interviewer_id) != tuple(people):
        raise Overtaken(N_("This interview was changed a moment ago. Look at it again."))
    return found


def drop_expired(*, now: datetime) -> int:
    """Delete the holds that ran out long ago; returns how many."""
    with transaction():
        old = db.session.scalars(
            select(Booking.id)
            .where(Booking.state == "held", Booking.held_until <= now - KEPT_AFTER)
            .with_for_update(skip_locked=True)
        ).all()
        return occupancy.drop_holds(Booking.id.in_(old))
