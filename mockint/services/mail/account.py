"""Mails about the account itself; a link in them opens a page and is worthless after its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mockint.domain.account import LINK_LIFE
from mockint.domain.reminder import still_useful
from mockint.models import OutboxMessage
from mockint.queries import safety
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress

GONE = Suppress("the account is gone")
EXPIRED = Suppress("its link has expired", late=True)
USED = Suppress("its link was removed once sent")

LINKS = {
    "confirm-address": "confirm",
    "login-link": "login",
    "reset-password": "reset",
    "change-address": "email",
    "volunteer-invited": "invite",
}
"""Kind of mail to kind of one-time link."""


def with_link(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """A one-time link; it counts from the moment it was asked for."""
    path = row.payload.get("link")
    if not path:
        return USED
    life = LINK_LIFE[LINKS[row.kind]]
    if not still_useful(row.created_at + life, now):
        return EXPIRED
    link = parts.url_of(str(path))
    person = parts.recipient(row)
    if person is None:
        return parts.mail_to_address(row, now=now, link=link, life=life) if row.address else GONE
    known = bool(row.payload.get("known"))
    return parts.mail(row, person, now=now, link=link, life=life, known=known)


def notice(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Something about the account changed."""
    person = parts.recipient(row)
    if person is None:
        return GONE
    return parts.mail(
        row,
        person,
        now=now,
        at=row.created_at,
        address=person.email,
        account_page=parts.url("account"),
        forgot_page=parts.url("forgot"),
    )


def volunteer(state: str) -> Callable[..., Mail | Suppress]:
    """What became of an application, while that is still so."""

    def of(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
        person = parts.recipient(row)
        if person is None or person.interviewer is None:
            return GONE
        if person.interviewer.state != state:
            return Suppress("the application has moved on")
        return parts.mail(
            row,
            person,
            now=now,
            note=person.interviewer.note.strip(),
            volunteer_page=parts.url("volunteer"),
            hours_page=parts.url("hours"),
        )

    return of


def report_opened(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """A private report waits; what it says stands on its page alone."""
    person = parts.recipient(row)
    if person is None or not safety.reads(person.id):
        return Suppress("somebody else reads reports by now")
    page = parts.url("desk", "bookings", int(row.payload["booking"]))
    return parts.mail(row, person, now=now, report_page=page)


KINDS: dict[str, Callable[..., Mail | Suppress]] = {
    **dict.fromkeys(LINKS, with_link),
    "address-changed": notice,
    "password-changed": notice,
    "report-opened": report_opened,
    "volunteer-received": volunteer("applied"),
    "volunteer-approved": volunteer("approved"),
    "volunteer-returned": volunteer("returned"),
    "volunteer-declined": volunteer("declined"),
}
