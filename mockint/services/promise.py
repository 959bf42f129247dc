"""New zone rules: find interviews they move on the wall, ask once, do what the interviewer says."""

from __future__ import annotations

from datetime import datetime

from mockint.db import db, transaction
from mockint.domain.booking import State
from mockint.domain.errors import N_, Conflict, Invalid, NotYours
from mockint.models import Booking
from mockint.queries import promises
from mockint.queries.promises import ASKS, Broken
from mockint.services import audit, booking, holds, outbox

KEEP, MOVE = "keep", "move"


def check(*, now: datetime) -> list[Broken]:
    """Ask the interviewer of each that is not kept, once for each time that it would read.

    Nothing moves and nothing is cancelled here.
    """
    with transaction():
        found = list(promises.broken(db.session.connection(), now))
        outbox.record_all((_question(one, now) for one in found), now=now)
    return found


def _question(one: Broken, now: datetime) -> outbox.Owed:
    return outbox.Owed(
        key=f"booking:{one.booking_id}:interviewer:{ASKS}:{one.sequence}:{one.promise.now_reads}",
        kind=ASKS,
        person_id=one.interviewer_id,
        booking_id=one.booking_id,
        side="interviewer",
        sequence=one.sequence,
        due_at=now,
    )


def settle(booking_id: int, *, by: int, answer: str, now: datetime) -> Booking:
    """Keep the instant, and the promise reads as the wall will; or move to the promised wall time.

    Moving is an ordinary reschedule, so that start must be free and its cut-off not over.
    """
    with transaction():
        found = holds.locked(booking_id)
        if found.interviewer_id != by or found.state == State.HELD:
            raise NotYours()
        if answer not in (KEEP, MOVE):
            raise Invalid("answer", N_("Say whether to keep the moment or to move the interview."))
        if not promises.is_open(found, now=now):
            raise Conflict(N_("There is nothing to decide any more: clock and interview agree."))
        if answer == MOVE:
            return _move(found, by=by, now=now)
        return _keep(found, by=by, now=now)


def _keep(found: Booking, *, by: int, now: datetime) -> Booking:
    """Calendars have the instant, so SEQUENCE stays and nobody is told."""
    before = found.wall_start
    found.wall_start = promises.of(found).now_reads
    audit.record(
        "booking.keep",
        f"booking:{found.id}",
        by=by,
        now=now,
        before={"wall_start": before},
        after={"wall_start": found.wall_start},
    )
    return found


def _move(found: Booking, *, by: int, now: datetime) -> Booking:
    start = promises.of(found).promised_start
    if start is None:
        raise Conflict(N_("The clock skips the promised time now. Choose another one."))
    return booking.reschedule(found.id, by=by, side="interviewer", new_start=start, now=now)
