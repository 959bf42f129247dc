"""What follows from answers to invitations: the other side is told, an address is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from mockint.db import db
from mockint.domain.account import LINK_LIFE
from mockint.domain.reminder import still_useful
from mockint.domain.reply import Outcome, Partstat
from mockint.models import Booking, Invitation, OutboxMessage, Person, Reply
from mockint.services import decline, invitation
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress

GONE = Suppress("the booking or the account is gone")


OTHERWISE = Suppress("they have answered otherwise meanwhile")


@dataclass(frozen=True, slots=True)
class _Ahead:
    """An interview ahead, who reads of it, and what the other side's calendar was told."""

    booking: Booking
    person: Person
    side: str
    told: Invitation


def _ahead(row: OutboxMessage, now: datetime) -> _Ahead | Suppress:
    booking, person = db.session.get(Booking, row.booking_id), parts.recipient(row)
    if booking is None or person is None or booking.side_of(person.id) != row.side:
        return GONE
    if booking.state != "confirmed":
        return Suppress("cancelled")
    if not still_useful(booking.start_at, now):
        return Suppress("the interview has begun", late=True)
    side = str(row.side)
    told = invitation.find(booking, "interviewer" if side == "candidate" else "candidate")
    return OTHERWISE if told is None else _Ahead(booking, person, side, told)


def _heard(row: OutboxMessage) -> bool:
    """Whether this reader was told that the other side cannot come, and nothing else since."""
    before = select(OutboxMessage).where(
        OutboxMessage.booking_id == row.booking_id,
        OutboxMessage.person_id == row.person_id,
        OutboxMessage.kind.in_(("declined", "comes-again", "update")),
        OutboxMessage.id < row.id,
    )
    heard = False
    for one in db.session.scalars(before.order_by(OutboxMessage.id)):
        if one.kind == "update":
            heard = heard and not {"old_start", "instead_of"} & one.payload.keys()
        elif one.state == "sent":
            heard = one.kind == "declined"
    return heard


def declined(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """The other side cannot come, as long as they say so and this reader does not know it."""
    found = _ahead(row, now)
    if isinstance(found, Suppress):
        return found
    if found.told.partstat != Partstat.DECLINED:
        return OTHERWISE
    if _heard(row):
        return Suppress("this was told already")
    until = decline.waits_until(found.booking)
    if until is None or until <= now:
        return Suppress("it ends now, and the cancellation says why")
    return _mail(
        row,
        found,
        now=now,
        comment=found.told.comment,
        until=until,
        instead_page=parts.url("interviews", found.booking.id, "instead"),
    )


def comes_again(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """They come after all; of use to who was told that they do not."""
    found = _ahead(row, now)
    if isinstance(found, Suppress):
        return found
    if found.told.partstat == Partstat.DECLINED:
        return OTHERWISE
    if not _heard(row):
        return Suppress("nobody was told that they cannot come")
    return _mail(row, found, now=now, said=found.told.partstat)


def proposed(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """The other side would rather meet at another time, as long as that stands."""
    found = _ahead(row, now)
    if isinstance(found, Suppress):
        return found
    start = found.told.proposed_start
    if start is None or start.isoformat() != row.payload.get("start"):
        return OTHERWISE
    return _mail(
        row,
        found,
        now=now,
        proposed=start,
        comment=found.told.comment,
        answer_page=parts.url("interviews", found.booking.id, anchor="coming"),
    )


def _mail(row: OutboxMessage, found: _Ahead, *, now: datetime, **context: Any) -> Mail:
    return parts.mail(
        row,
        found.person,
        now=now,
        interview=parts.interview_of(found.booking, found.side),
        booked_at=found.booking.confirmed_at or found.booking.created_at,
        **context,
    )


def confirm(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Ask the address on file whether an answer was theirs."""
    path, person = row.payload.get("link"), parts.recipient(row)
    held = db.session.get(Reply, int(row.payload.get("reply_id") or 0))
    booking = db.session.get(Booking, held.booking_id) if held else None
    if not path or held is None or booking is None or person is None:
        return Suppress("the answer, its link or the account is gone")
    life = LINK_LIFE["answer"]
    if held.outcome != Outcome.HELD:
        return Suppress("it is confirmed")
    if booking.state != "confirmed" or not still_useful(
        min(booking.start_at, row.created_at + life), now
    ):
        return Suppress("the interview is cancelled or has begun", late=True)
    return parts.mail(
        row,
        person,
        now=now,
        link=parts.url_of(str(path)),
        life=life,
        said="COUNTER" if held.method == "COUNTER" else held.partstat,
        interview=parts.interview_of(booking, str(held.side)),
    )


KINDS = {
    "declined": declined,
    "comes-again": comes_again,
    "proposed": proposed,
    "confirm-answer": confirm,
}
