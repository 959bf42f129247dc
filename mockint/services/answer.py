"""Somebody says whether they come: on a page, by their calendar, or by confirming that it was them.

All three end in `note`, so what follows from an answer is said once.
"""

from __future__ import annotations

from datetime import datetime

from mockint.db import transaction
from mockint.domain import reply as rules
from mockint.domain.errors import NotYours
from mockint.domain.reply import Answer, Partstat
from mockint.models import Booking, Invitation
from mockint.services import holds, invitation, owed, participation


def give(booking_id: int, *, by: int, partstat: str, now: datetime) -> Booking:
    """Answer on a page, each for themselves; the same answer twice is one."""
    with transaction():
        booking = holds.locked(booking_id)
        side = booking.side_of(by)
        if side is None or booking.state == "held":
            raise NotYours()
        said = rules.require_answer(partstat, booking.state, booking.start_at, now=now)
        told = invitation.ensure(booking, side)
        note(
            booking, told, said, sequence=booking.sequence, stamp=now, comment=told.comment, now=now
        )
    return booking


def take(booking: Booking, told: Invitation, answer: Answer, *, now: datetime) -> None:
    """Note what a message said that was found to count, inside the caller's transaction."""
    assert answer.stamp is not None
    stamp = rules.made_at(answer.stamp, now)
    if answer.method == "COUNTER":
        assert answer.start is not None
        participation.propose(
            told,
            answer.start,
            answer.end,
            sequence=answer.sequence,
            stamp=stamp,
            comment=answer.comment,
            now=now,
        )
        start = {"start": answer.start.isoformat()}
        owed.news(booking, "proposed", by_side=told.side, now=now, payload=start)
        return
    note(
        booking,
        told,
        Partstat(answer.partstat),
        sequence=answer.sequence,
        stamp=stamp,
        comment=answer.comment,
        now=now,
    )


def note(
    booking: Booking,
    told: Invitation,
    partstat: Partstat,
    *,
    sequence: int,
    stamp: datetime,
    comment: str,
    now: datetime,
) -> None:
    """Note the answer and what follows from it, behind the booking's lock.

    Nobody's calendar is told: SEQUENCE stays, so two programs can never answer each other.
    """
    had_declined = told.declined_at is not None
    changed = participation.keep(
        told, partstat=partstat, sequence=sequence, stamp=stamp, comment=comment, now=now
    )
    if changed and partstat is Partstat.DECLINED:
        owed.news(booking, "declined", by_side=told.side, now=now)
    elif had_declined and partstat is not Partstat.DECLINED:
        owed.news(booking, "comes-again", by_side=told.side, now=now)
