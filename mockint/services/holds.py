"""Holding a time for ten minutes: made, swapped, extended, given up, run out."""

from __future__ import annotations

import uuid
from dataclasses import fields, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select
from sqlalchemy.orm import lazyload

from mockint import settings
from mockint.db import db, transaction
from mockint.domain import availability, booking, matching, zones
from mockint.domain.availability import Offer
from mockint.domain.errors import N_, Conflict, LimitReached, NotYours, SlotTaken
from mockint.domain.matching import Candidate, Interviewer, Ranking
from mockint.domain.timespan import Span, on_grid
from mockint.models import Booking, Person
from mockint.queries import community as community_query
from mockint.queries import offers, parties
from mockint.queries.parties import Meeting, Pair, Sides
from mockint.services import matching as finding
from mockint.services import occupancy, stamps
from mockint.services.matching import Wanted

KEPT_AFTER = timedelta(hours=1)
"""A hold that ran out stays as a row this long: its owner may still book what is free."""
_BOOKING = Booking.__table__
UNCONFIRMED = N_("Confirm your e-mail address first; then you can book.")


def hold(
    candidate_id: int, wanted: Wanted, *, request_key: str | None = None, now: datetime
) -> Meeting:
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


def hold_with(
    candidate_id: int,
    wanted: Wanted,
    interviewer_id: int,
    *,
    reason: str,
    request_key: str,
    now: datetime,
) -> Meeting:
    """Hold a time with this one, where anyone would do for the candidate; `reason` says why."""
    key = _key(candidate_id, request_key, wanted)
    with transaction():
        return _hold(candidate_id, wanted, interviewer_id, reason=reason, key=key, now=now)


def _first(
    candidate_id: int,
    wanted: Wanted,
    choice: Ranking,
    *,
    key: str | None,
    now: datetime,
) -> Meeting:
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
) -> Meeting:
    """Everything is asked behind the locks, and of rows that only they can change."""
    if not occupancy.lock_pair(candidate_id, interviewer_id, wanted.span, now=now):
        raise SlotTaken(N_("This time was just taken."))
    meetings = parties.around(candidate_id, interviewer_id, wanted.span)
    own = [one for one in meetings if one.candidate_id == candidate_id]
    done = _done(own, key, wanted, now=now)
    if done is not None:
        return done
    community = community_query.current()
    finding.check(wanted.request, community)
    pair = parties.pair(candidate_id, interviewer_id, wanted.span)
    candidate = replace(ready(pair), met=parties.met(own))
    booking.require_upcoming(parties.upcoming(own, now), community.max_upcoming)
    held = [one for one in own if one.state == booking.State.HELD]
    if held:
        occupancy.drop_holds(Booking.candidate_id == candidate_id)
        meetings = [one for one in meetings if one not in held]
    volunteer = pair.volunteer if pair is not None else None
    if volunteer is None or matching.eligible(candidate, volunteer.interviewer, wanted.request):
        raise SlotTaken(N_("This time is no longer offered."))
    in_the_way = require_free(
        candidate_id, interviewer_id, wanted.span, now=now, known=(pair, meetings)
    )
    who = volunteer.interviewer
    until = booking.hold_until(now, community.hold_min)
    made = _new(candidate, wanted, who, reason=reason, key=key, until=until, now=now)
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
    until: datetime,
    now: datetime,
) -> Meeting:
    said: dict[str, Any] = {
        "request_key": key,
        "candidate_id": candidate.person_id,
        "interviewer_id": who.person_id,
        "chosen": wanted.interviewer_id is not None,
        "track": wanted.track,
        "level": wanted.level,
        "start_at": wanted.span.start,
        "end_at": wanted.span.end,
        "state": booking.State.HELD,
        "held_until": until,
        "sequence": 0,
        "interviewer_attendance": "unknown",
    }
    kept = {
        "uid": f"{uuid.uuid4()}@{settings.active().host}",
        "language": matching.common_language(candidate, who) or "en",
        "reason": reason,
        "zone": who.zone,
        "wall_start": zones.wall_text(who.zone, wanted.start),
        "created_at": now,
        "updated_at": now,
    }
    return Meeting(id=db.session.execute(_NEW, said | kept).scalar_one(), **said)


_INSERT = insert(_BOOKING)  # type: ignore[arg-type]  # it is a Table
_NEW = _INSERT.values(revision=1).returning(_BOOKING.c.id)
"""Written without the session's bookkeeping, which costs as much as the row."""


def _key(candidate_id: int, request_key: str | None, wanted: Wanted) -> str | None:
    """A form holds many times, so its key counts together with the time chosen."""
    if request_key is None:
        return None
    words = f"{candidate_id}:{request_key}:{wanted.start.isoformat()}"
    return sha256(words.encode()).hexdigest()


def _done(own: list[Meeting], key: str | None, wanted: Wanted, *, now: datetime) -> Meeting | None:
    """What an earlier sending of the same wish has made."""
    same = (wanted.track, wanted.level, wanted.start, wanted.duration_min, wanted.interviewer_id)
    for one in own:
        named = one.interviewer_id if one.chosen else None
        held = one.state == booking.State.HELD
        sent = key is not None and one.request_key == key
        alike = (one.track, one.level, one.start_at, one.duration_min, named) == same
        if (sent or (held and alike)) and booking.is_live(one.state, one.held_until, now):
            return one
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
    ready(parties.pair(candidate_id, None, None))


def ready(found: Pair | None) -> Candidate:
    """The candidate of a pair that was just read; refused like `require_ready`."""
    if found is None:
        raise NotYours()
    require(confirmed=found.confirmed, complete=found.candidate is not None)
    assert found.candidate is not None
    return found.candidate


def require(*, confirmed: bool, complete: bool) -> None:
    """The same of a candidate's address and profile."""
    if not confirmed:
        raise Conflict(UNCONFIRMED)
    if not complete:
        raise Conflict(finding.UNFINISHED)


def require_complete(person: Person) -> None:
    """The same of a person who was just read."""
    require(
        confirmed=person.confirmed_at is not None,
        complete=person.candidate is not None and bool(person.candidate.tracks),
    )


def upcoming(candidate_id: int, *, now: datetime) -> int:
    """How many booked interviews a candidate has ahead."""
    return parties.upcoming(parties.own(candidate_id), now)


def require_free(
    candidate_id: int,
    interviewer_id: int,
    span: Span,
    *,
    now: datetime,
    known: tuple[Pair | None, list[Meeting]] | None = None,
    without: int | None = None,
) -> bool:
    """Ask the domain again, on rows read after both people were locked.

    True: holds that ran out are still in the way. `known` saves reading the rows again.
    """
    pair, meetings = known or (
        parties.pair(candidate_id, interviewer_id, span),
        parties.around(candidate_id, interviewer_id, span),
    )
    taken = {
        person_id: parties.taken_by(person_id, meetings, without=without)
        for person_id in (candidate_id, interviewer_id)
    }
    written = pair.written(taken[interviewer_id]) if pair is not None else None
    offer = _NOBODY if written is None else written.offer(now)
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


_BEHIND_LOCKS = (
    select(Booking)
    .where(Booking.id == bindparam("booking_id"))
    .options(lazyload(Booking.candidate), lazyload(Booking.interviewer))
    .with_for_update(of=Booking)
    .execution_options(populate_existing=True)
)


_WITH_SIDES = (
    parties.with_sides(parties.ROWS)
    .where(_BOOKING.c.id == bindparam("booking_id"))
    .with_for_update(of=_BOOKING)
)


class Overtaken(Conflict):
    """Somebody took a place in the booking while its people were being locked."""


def locked(booking_id: int, *, candidate_id: int | None = None, also: int | None = None) -> Booking:
    """A booking with both people locked, and `also` one more, read again behind the locks."""
    row, people = _locked(_BEHIND_LOCKS, {"booking_id": booking_id}, also)
    found: Booking = row[0]
    _require_locked(found, people, candidate_id)
    return found


def locked_with_sides(
    booking_id: int, *, candidate_id: int, now: datetime
) -> tuple[Meeting, Sides]:
    """The same as a plain row, and what decides whether it can be booked."""
    row, people = _locked(_WITH_SIDES, {"booking_id": booking_id, "now": now})
    found = Meeting(*row[:_SAID])
    _require_locked(found, people, candidate_id)
    return found, Sides(*row[_SAID:])


_SAID = len(fields(Meeting))


def _locked(
    query: Select[Any], asked: dict[str, Any], also: int | None = None
) -> tuple[Row[Any], frozenset[int]]:
    people = occupancy.lock_sides(asked["booking_id"], also=also)
    row = db.session.execute(query, asked).one_or_none() if people else None
    if row is None:
        raise NotYours()
    return row, people


def _require_locked(
    found: Booking | Meeting, people: frozenset[int], candidate_id: int | None
) -> None:
    """It is this candidate's, and whoever it is with now is among those who are locked."""
    if candidate_id not in (None, found.candidate_id):
        raise NotYours()
    if not {found.candidate_id, found.interviewer_id} <= people:
        raise Overtaken(N_("This interview was changed a moment ago. Look at it again."))


def drop_expired(*, now: datetime) -> int:
    """Delete the holds that ran out long ago; returns how many."""
    with transaction():
        old = db.session.scalars(
            select(Booking.id)
            .where(Booking.state == "held", Booking.held_until <= now - KEPT_AFTER)
            .with_for_update(skip_locked=True)
        ).all()
        return occupancy.drop_holds(Booking.id.in_(old))
