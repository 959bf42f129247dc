"""Another interviewer takes a booked interview over, at its time or at another one.

The booking, its UID and the candidate's answer stay; SEQUENCE rises once, so that all three
calendars are told under the same number (RFC 5546 2.1.4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete

from mockint.db import db, transaction
from mockint.domain import booking as rules
from mockint.domain import matching, zones
from mockint.domain.errors import N_, Conflict, SlotTaken, TooLate
from mockint.domain.matching import Candidate, Suggestion
from mockint.domain.timespan import Span
from mockint.models import Booking, BusyQuestion, Invitation
from mockint.queries import community as community_query
from mockint.queries import parties
from mockint.queries.parties import Pair
from mockint.services import audit, holds, occupancy, owed, participation
from mockint.services.booking import link_of
from mockint.services.matching import Wanted

SETTLED = N_("There is nothing to decide any more: this interview has changed.")


def hand_over(
    booking_id: int, *, by: int, suggestion: Suggestion, start: datetime, now: datetime
) -> Booking:
    """Give the interview to the suggested interviewer, or refuse and change nothing.

    Asked again behind the locks of all three people; the same click twice is one change.
    """
    who = suggestion.interviewer.person_id
    with transaction():
        found = holds.locked(booking_id, candidate_id=by, also=who)
        if (found.interviewer_id, found.start_at) == (who, start) and _is_booked(found):
            return found
        _require_open(found, start, now)
        wanted = Wanted(found.track, found.level, found.duration_min, start)
        span = wanted.span
        pair = parties.pair(by, who, span)
        meetings = parties.around(by, who, span)
        own = (one for one in meetings if one.candidate_id == by)
        candidate = replace(holds.ready(pair), met=parties.met(own))
        assert pair is not None
        _require_suits(pair, candidate, wanted)
        holds.require_free(by, who, span, now=now, known=(pair, meetings), without=found.id)
        left, old = found.interviewer_id, Span(found.start_at, found.end_at)
        _give(found, pair, candidate, suggestion, span, now)
        occupancy.claim(found, now=now)
        db.session.execute(delete(BusyQuestion).where(BusyQuestion.booking_id == found.id))
        if span != old:
            participation.ask_again(found)
        owed.hand_over(found, left, old, community=community_query.current(), now=now)
        audit.record(
            "booking.hand_over",
            f"booking:{found.id}",
            by=by,
            now=now,
            before={"interviewer": left, "start": old.start.isoformat()},
            after={"interviewer": who, "start": span.start.isoformat()},
        )
    return found


def _is_booked(found: Booking) -> bool:
    return found.state == rules.State.CONFIRMED


def _require_open(found: Booking, start: datetime, now: datetime) -> None:
    """At its own time until it starts; another time is an ordinary move with its cut-off.

    Nobody loses a place who has not declined, or not any more.
    """
    key = (found.id, "interviewer", found.interviewer_id)
    told = db.session.get(Invitation, key, populate_existing=True)
    if told is None or told.declined_at is None:
        raise Conflict(SETTLED)
    if start != found.start_at:
        rules.require_reschedule(
            found.state,
            found.start_at,
            now=now,
            cutoff_min=community_query.current().cutoff_reschedule_min,
        )
        return
    rules.require_move(found.state, rules.State.CANCELLED)  # what can be cancelled can be kept
    if now >= found.start_at:
        raise TooLate(N_("This interview has started."))


def _require_suits(pair: Pair, candidate: Candidate, wanted: Wanted) -> None:
    volunteer = pair.volunteer
    if volunteer is None or matching.eligible(candidate, volunteer.interviewer, wanted.request):
        raise SlotTaken(N_("This interviewer is no longer offered."))


def _give(
    found: Booking,
    pair: Pair,
    candidate: Candidate,
    suggestion: Suggestion,
    span: Span,
    now: datetime,
) -> None:
    assert pair.volunteer is not None
    who = pair.volunteer.interviewer
    found.interviewer_id = who.person_id
    found.chosen = False
    found.language = matching.common_language(candidate, who) or found.language
    found.reason = matching.sentence(suggestion).text()
    found.start_at, found.end_at = span.start, span.end
    found.zone, found.wall_start = who.zone, zones.wall_text(who.zone, span.start)
    found.meeting_link = link_of(pair.meeting_link, makes_link=pair.makes_link)
    found.sequence += 1
    found.updated_at = now
    db.session.flush()
    db.session.expire(found, ["interviewer"])
