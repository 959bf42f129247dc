"""Holding a time for ten minutes: made, swapped, extended, given up, run out."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, select

from mockint import settings
from mockint.db import db, transaction
from mockint.domain import availability, booking, matching, zones
from mockint.domain.availability import Offer
from mockint.domain.errors import N_, Conflict, LimitReached, NotYours, SlotTaken
from mockint.domain.matching import Suggestion
from mockint.domain.timespan import Span, on_grid
from mockint.models import Booking, Person
from mockint.queries import community as community_query
from mockint.queries import offers
from mockint.services import matching as finding
from mockint.services import occupancy, stamps
from mockint.services.matching import Wanted

KEPT_AFTER = timedelta(hours=1)
"""A hold that ran out stays as a row this long: its owner may still book what is free."""


def hold(
    candidate_id: int, wanted: Wanted, *, request_key: str | None = None, now: datetime
) -> Booking:
    """Hold a time; it replaces the candidate's other hold in the same transaction.

    "Anyone" is the best-ranked free interviewer, or the next one if that one is taken meanwhile.
    Sending the same form twice (`request_key`), or asking for what is held already, returns it.
    """
    if not on_grid(wanted.start):
        raise SlotTaken(availability.REASON_WORDS[availability.Reason.OFF_GRID])
    require_ready(candidate_id)
    key = _key(candidate_id, request_key, wanted)
    try:
        own = own_hold(candidate_id)
        choice = finding.ranked(
            candidate_id, wanted, now=now, without=own.id if own is not None else None
        )
    except Conflict:
        done = _done(candidate_id, key, wanted, now=now)
        if done is None:
            raise
        return done
    with transaction():
        return _first(candidate_id, wanted, choice, key=key, now=now)


def _first(
    candidate_id: int,
    wanted: Wanted,
    choice: list[Suggestion],
    *,
    key: str | None,
    now: datetime,
) -> Booking:
    """Hold the time with the best of `choice` who can still be had; each try is a savepoint."""
    last: Conflict | None = None
    for suggestion in choice:
        try:
            with db.session.begin_nested():
                return _hold(candidate_id, wanted, suggestion, key=key, now=now)
        except LimitReached:
            raise
        except Conflict as refusal:
            last = refusal
    raise last or SlotTaken(N_("This time was just taken."))


def _hold(
    candidate_id: int, wanted: Wanted, suggestion: Suggestion, *, key: str | None, now: datetime
) -> Booking:
    interviewer_id = suggestion.interviewer.person_id
    occupancy.lock_people((candidate_id, interviewer_id))
    done = _done(candidate_id, key, wanted, now=now)
    if done is not None:
        return done
    community = community_query.current()
    booking.require_upcoming(upcoming(candidate_id, now=now), community.max_upcoming)
    occupancy.drop_holds(Booking.candidate_id == candidate_id)
    require_free(candidate_id, interviewer_id, wanted.span, now=now)
    made = _new(candidate_id, wanted, suggestion, key=key, now=now)
    made.held_until = booking.hold_until(now, community.hold_min)
    db.session.add(made)
    db.session.flush()
    occupancy.claim(made, now=now)
    return made


def _new(
    candidate_id: int, wanted: Wanted, suggestion: Suggestion, *, key: str | None, now: datetime
) -> Booking:
    who = suggestion.interviewer
    chosen = wanted.interviewer_id is not None
    candidate = finding.require_candidate(candidate_id)
    return Booking(
        uid=f"{uuid.uuid4()}@{settings.active().host}",
        request_key=key,
        candidate_id=candidate_id,
        interviewer_id=who.person_id,
        chosen=chosen,
        track=wanted.track,
        level=wanted.level,
        language=matching.common_language(candidate, who) or "en",
        reason="" if chosen else matching.sentence(suggestion).text(),
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


def _done(candidate_id: int, key: str | None, wanted: Wanted, *, now: datetime) -> Booking | None:
    """What an earlier sending of the same wish has made."""
    if key is not None:
        made = db.session.scalar(select(Booking).where(Booking.request_key == key))
        if made is not None and booking.is_live(made.state, made.held_until, now):
            return made
    own = own_hold(candidate_id)
    if own is None or booking.hold_over(own.held_until, now):
        return None
    same = (own.track, own.level, own.start_at, own.duration_min) == (
        wanted.track,
        wanted.level,
        wanted.start,
        wanted.duration_min,
    )
    named = own.interviewer_id if own.chosen else None
    return own if same and named == wanted.interviewer_id else None


def own_hold(candidate_id: int) -> Booking | None:
    """The one time a candidate holds, also when it has run out; read anew."""
    return db.session.scalar(
        select(Booking)
        .where(Booking.candidate_id == candidate_id, Booking.state == "held")
        .execution_options(populate_existing=True)
    )


def require_ready(candidate_id: int) -> None:
    """Only somebody with a confirmed address and a complete profile can hold a time."""
    person = db.session.get(Person, candidate_id, populate_existing=True)
    if person is None:
        raise NotYours()
    require_complete(person)


def require_complete(person: Person) -> None:
    """The same of a person who was just read."""
    if person.confirmed_at is None:
        raise Conflict(N_("Confirm your e-mail address first; then you can book."))
    if person.candidate is None or not person.candidate.tracks:
        raise Conflict(finding.UNFINISHED)


def upcoming(candidate_id: int, *, now: datetime) -> int:
    """How many booked interviews a candidate has ahead."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Booking)
            .where(
                Booking.candidate_id == candidate_id,
                Booking.state == "confirmed",
                Booking.start_at > now,
            )
        )
        or 0
    )


def require_free(
    candidate_id: int,
    interviewer_id: int,
    span: Span,
    *,
    now: datetime,
    without: int | None = None,
) -> None:
    """Ask the domain again, on rows read after both people were locked."""
    community = community_query.current()
    people = offers.volunteers(now=now, community=community, ids=[interviewer_id])
    offered = offers.offers_of(people, now=now, window=span, without=without)
    availability.require_free(
        offered.get(interviewer_id, _NOBODY),
        span.start,
        duration_min=int(span.duration.total_seconds()) // 60,
        now=now,
        terms=offers.terms(community),
        candidate_busy=offers.busy(candidate_id, now=now, window=span, without=without),
    )


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


def locked(booking_id: int, *, candidate_id: int | None = None) -> Booking:
    """A booking with both people locked, read again behind the locks."""
    people = db.session.execute(
        select(Booking.candidate_id, Booking.interviewer_id).where(Booking.id == booking_id)
    ).one_or_none()
    if people is None or (candidate_id is not None and people.candidate_id != candidate_id):
        raise NotYours()
    occupancy.lock_people(people)
    found = db.session.get(
        Booking, booking_id, with_for_update={"of": Booking}, populate_existing=True
    )
    if found is None:
        raise NotYours()
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
