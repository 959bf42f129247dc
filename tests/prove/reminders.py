"""Reminders that fall due while a proof runs, and how late they came."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import update

from mockint import clock
from mockint.db import db, transaction
from mockint.models import OutboxMessage
from mockint.services import booking, holds
from mockint.services.matching import Wanted
from tests.prove.community import Cast, Member, Slot
from tests.prove.installation import Installation

SETTLED = "SELECT count(*) FROM outbox_message WHERE kind = 'reminder' AND sent_at IS NOT NULL"


def book(site: Installation, cast: Cast, count: int, *, span_s: float) -> dict[int, float]:
    """Book `count` interviews with the last interviewer for the last candidates, each of whom has
    one reminder due within the next `span_s` seconds; row to Unix time.
    """
    now, last = clock.now(), cast.interviewers[-1].id
    apart = [one for one in cast.slots if one.interviewer == last and not one.start.minute]
    for member, slot in zip(cast.candidates[-count:], apart, strict=False):
        wanted = Wanted("coding", "mid", 60, slot.start, interviewer_id=slot.interviewer)
        with site.context():
            held = holds.hold(member.id, wanted, now=now)
            booking.confirm(held.id, candidate_id=member.id, now=now)
    first = "SELECT min(id) FROM outbox_message WHERE kind = 'reminder' GROUP BY booking_id, side"
    ids = sorted(row[0] for row in site.rows(first))
    began = time.time()
    due = {row_id: began + span_s * number / len(ids) for number, row_id in enumerate(ids)}
    with site.context(), transaction():
        for row_id, moment in due.items():
            at = datetime.fromtimestamp(moment, UTC)
            new = {"due_at": at, "next_try_at": at}
            query = update(OutboxMessage).where(OutboxMessage.id == row_id)
            db.session.execute(query.values(**new))
    return due


def late(site: Installation, due: dict[int, float], *, patience_s: float) -> list[float]:
    """Seconds after its time at which each reminder came; who never came is not in it."""
    deadline = time.monotonic() + patience_s
    while site.rows(SETTLED)[0][0] < len(due) and time.monotonic() < deadline:
        time.sleep(0.5)
    ids = dict(site.rows("SELECT id, message_id FROM outbox_message WHERE kind = 'reminder'"))
    came = _came(site)
    return [came[ids[row_id]] - at for row_id, at in due.items() if ids[row_id] in came]


def mail_s(site: Installation, who: Member, slot: Slot) -> float:
    """Book once; the seconds until both were told, at most a minute."""
    now, began = clock.now(), time.time()
    wanted = Wanted("coding", "mid", 60, slot.start, interviewer_id=slot.interviewer)
    with site.context():
        held = holds.hold(who.id, wanted, now=now)
        booking.confirm(held.id, candidate_id=who.id, now=now)
    told = "SELECT message_id FROM outbox_message WHERE kind = 'invitation' AND booking_id = :id"
    while time.time() < began + 60:
        came = _came(site)
        ids = {row[0] for row in site.rows(told, id=held.id)}
        if ids <= came.keys():
            return max(came[each] for each in ids) - began
        time.sleep(0.1)
    return 60.0


def _came(site: Installation) -> dict[str, float]:
    """Message-ID to the moment at which it first came."""
    found: dict[str, float] = {}
    for one in site.sink.deliveries():
        if one.taken:
            found.setdefault(one.message_id, one.at)
    return found
