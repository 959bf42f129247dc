"""What the functions of all kinds share: the mail as a value, the interview as a mail shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mockint.adapters import links
from mockint.db import db
from mockint.domain import interview
from mockint.domain.booking import last_moment
from mockint.domain.invitation import CalendarEntry
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models import Booking, OutboxMessage, Person
from mockint.queries import community
from mockint.services.invitation import other_of, page_url
from mockint.settings import active


@dataclass(frozen=True, slots=True)
class Suppress:
    """The mail must not go out any more, and why."""

    reason: str
    late: bool = False
    """True: it was owed and its time ran out, which an organiser should see if it was tried."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as a value: who reads it, which templates, with what."""

    template: str
    address: str
    name: str
    locale: str
    context: Mapping[str, Any]
    calendar: CalendarEntry | None = None
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """The recipient, as far as a template may know."""

    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class Interview:
    """One booking as one side's mail shows it; nothing here is secret from that side."""

    side: str
    track: str
    level: str
    minutes: int
    start: datetime
    end: datetime
    other: str
    """The other side's shown name."""
    other_zone: str
    other_title: str
    other_company: str
    """An interviewer's, as the public profile has them; empty for a candidate."""
    goals: str
    """What the candidate wants to work on; only the interviewer's mail has it."""
    why: str
    """Why this interviewer was suggested; only the candidate's mail has it."""
    link: str
    opens: datetime
    page: str
    move_page: str
    cancel_page: str
    move_until: datetime
    cancel_until: datetime


def url(*parts: object, anchor: str = "") -> str:
    """An absolute address of this installation."""
    return links.absolute(active().base_url, *parts, anchor=anchor)


def url_of(path: str) -> str:
    """The absolute address of a path a service made."""
    if not path.startswith("/"):
        raise ValueError(f"not a path: {path!r}")
    return active().base_url + path


def reminders_url(person: Person) -> str:
    """Where reminders are switched off, without signing in."""
    return url("reminders", links.sign(active(), "reminders", person.id))


def interview_of(booking: Booking, side: str) -> Interview:
    """The booking as this side's mail shows it."""
    other, rules = other_of(booking, side), community.current()
    candidate = booking.candidate.candidate
    for_candidate = side == "candidate"
    work = other.interviewer if for_candidate else None
    return Interview(
        side=side,
        track=TRACKS[booking.track],
        level=LEVELS[booking.level],
        minutes=booking.duration_min,
        start=booking.start_at,
        end=booking.end_at,
        other=other.name,
        other_zone=other.zone,
        other_title=work.title if work else "",
        other_company=work.company if work else "",
        goals="" if for_candidate or candidate is None else candidate.goals.strip(),
        why=booking.reason if for_candidate else "",
        link=booking.meeting_link,
        opens=booking.start_at - interview.JOIN_BEFORE,
        page=page_url(booking),
        move_page=url("bookings", booking.id, "reschedule"),
        cancel_page=url("bookings", booking.id, "cancellation"),
        move_until=last_moment(booking.start_at, rules.cutoff_reschedule_min),
        cancel_until=last_moment(booking.start_at, rules.cutoff_cancel_min),
    )


def recipient(row: OutboxMessage) -> Person | None:
    """The person of the row, if the account still exists."""
    person = db.session.get(Person, row.person_id) if row.person_id else None
    return None if person is None or person.deleted_at else person


def mail(
    row: OutboxMessage,
    person: Person,
    *,
    now: datetime,
    template: str = "",
    calendar: CalendarEntry | None = None,
    switchable: bool = False,
    **context: Any,
) -> Mail:
    """The mail of this row to this person; the context gets what every layout needs."""
    return Mail(
        template=template or row.kind,
        address=row.address or person.email,
        name=person.name,
        locale=person.locale,
        context=_layout(Reader(person.name, person.zone), now)
        | {"reminders_page": reminders_url(person) if switchable else ""}
        | context,
        calendar=calendar,
        unsubscribe_url=reminders_url(person) if switchable else "",
    )


def mail_to_address(row: OutboxMessage, *, now: datetime, **context: Any) -> Mail:
    """A mail to somebody who has no account yet."""
    return Mail(
        template=row.kind,
        address=row.address,
        name="",
        locale="en",
        context=_layout(Reader("", "UTC"), now) | {"reminders_page": ""} | context,
    )


def _layout(reader: Reader, now: datetime) -> dict[str, Any]:
    rules = community.current()
    return {
        "community": rules.name,
        "contact": rules.contact,
        "home": active().base_url + "/",
        "reader": reader,
        "now": now,
    }
