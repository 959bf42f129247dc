"""What each side's calendar is told about a booking, and under which address."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, func, update
from sqlalchemy.engine import Connection

from mockint.adapters import ical, links, mailer
from mockint.db import db
from mockint.domain.errors import NotYours
from mockint.domain.invitation import (
    Attendee,
    CalendarEntry,
    Method,
    Organizer,
    method_of,
    organizer_address,
)
from mockint.domain.reply import Partstat, repeated
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.domain.timespan import Span
from mockint.models import Booking, Invitation, Person
from mockint.queries import community
from mockint.settings import active

TOKEN_BYTES = 15
_TABLE = Invitation.__table__


def recipient_of(booking: Booking, side: str) -> Person:
    """The person on this side."""
    return booking.candidate if side == "candidate" else booking.interviewer


def other_of(booking: Booking, side: str) -> Person:
    """The person on the other side."""
    return booking.interviewer if side == "candidate" else booking.candidate


def find(booking: Booking, side: str) -> Invitation | None:
    """What this side's calendar was told so far."""
    return of(booking, side, recipient_of(booking, side).id)


def of(booking: Booking, side: str, person_id: int) -> Invitation | None:
    """The same of somebody who is, or was, on this side."""
    told = (one for one in booking.invitations if (one.side, one.person_id) == (side, person_id))
    return next(told, None)


def ensure(booking: Booking, side: str) -> Invitation:
    """This side's row, made when its first calendar mail is prepared; inside a transaction.

    ORGANIZER stays as it is for the life of the UID: a calendar may refuse an update from another
    organizer. ATTENDEE is the address the mail goes to, also after the person changed it.
    """
    row, person = find(booking, side), recipient_of(booking, side)
    if row is None:
        token = base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode("ascii").lower()
        row = Invitation(
            side=side,
            person_id=person.id,
            attendee=person.email,
            organizer=organizer_address(active().sender, token),
            token=token,
            first_message_id="",
            sent_sequence=None,
            partstat=Partstat.NEEDS_ACTION.value,
            comment="",
        )
        booking.invitations.append(row)
    row.attendee = person.email
    return row


def of_leaver(booking: Booking, person_id: int) -> Invitation | None:
    """What the calendar of an interviewer was told whose place somebody else has taken."""
    if booking.interviewer_id == person_id:
        return None
    return of(booking, "interviewer", person_id)


def page_url(booking: Booking) -> str:
    """The interview's page, the same address for both sides."""
    return links.absolute(active().base_url, "interviews", booking.id)


def _entry(
    booking: Booking,
    side: str,
    *,
    method: Method,
    stamp: datetime,
    row: Invitation | None,
    person: Person | None = None,
) -> CalendarEntry:
    leaves, other = person is not None, other_of(booking, side)
    person = person or recipient_of(booking, side)
    page = page_url(booking)
    context = {
        "side": side,
        "track": TRACKS[booking.track],
        "level": LEVELS[booking.level],
        "minutes": booking.duration_min,
        "other": other.name,
        "link": "" if leaves else booking.meeting_link,
        "page": page,
    }
    organizer = attendee = None
    if row is not None:
        organizer = Organizer(row.organizer, community.current().name)
        attendee = Attendee(row.attendee, person.name, repeated(row.partstat))
    return CalendarEntry(
        method=method,
        uid=booking.uid,
        sequence=booking.sequence,
        span=Span(booking.start_at, booking.end_at),
        stamp=stamp,
        created=booking.created_at,
        changed=booking.updated_at,
        summary=mailer.render_text("calendar/summary.txt", context, person.locale),
        description=mailer.render_text("calendar/description.txt", context, person.locale),
        url=page,
        link=booking.meeting_link,
        cancelled=leaves or booking.state == "cancelled",
        organizer=organizer,
        attendee=attendee,
        wants_reply=active().takes_replies,
    )


def for_mail(booking: Booking, side: str, *, now: datetime) -> CalendarEntry:
    """The REQUEST or CANCEL of the booking as it is now, to this side; inside a transaction."""
    row = ensure(booking, side)
    method = method_of(booking.state == "cancelled")
    return _entry(booking, side, method=method, stamp=now, row=row)


def for_leaver(
    booking: Booking, row: Invitation, *, span: Span, sequence: int, now: datetime
) -> CalendarEntry:
    """The CANCEL to an interviewer who was replaced: what their calendar has, and no new link."""
    person = db.session.get_one(Person, row.person_id)
    entry = _entry(booking, "interviewer", method=Method.CANCEL, stamp=now, row=row, person=person)
    return replace(entry, span=span, sequence=sequence, link="")


def for_keeping(booking: Booking, side: str) -> CalendarEntry:
    """What a file or a feed says: the same UID and SEQUENCE as the mail, no people.

    DTSTAMP is the booking's last change, so that the entry reads the same until that changes.
    """
    return _entry(booking, side, method=Method.PUBLISH, stamp=booking.updated_at, row=None)


def download(booking_id: int, *, person_id: int) -> bytes:
    """The file behind "add to calendar"."""
    booking = db.session.get(Booking, booking_id)
    side = booking.side_of(person_id) if booking else None
    if booking is None or side is None or booking.state == "held":
        raise NotYours()
    return ical.write(for_keeping(booking, side))


_TOLD = (
    update(Invitation)
    .where(
        _TABLE.c.booking_id == bindparam("booking"),
        _TABLE.c.side == bindparam("to"),
        _TABLE.c.person_id == bindparam("person"),
        func.coalesce(_TABLE.c.sent_sequence, -1) < bindparam("number"),
    )
    .values(sent_sequence=bindparam("number"))
)


def note_sent(told: Iterable[tuple[int, str, int, int]], connection: Connection) -> None:
    """Remember the highest SEQUENCE that went out: of which booking, to which side and person."""
    rows = [dict(zip(("booking", "to", "person", "number"), one, strict=True)) for one in told]
    if rows:
        connection.execute(_TOLD, rows)
