"""What a calendar must be told: method, UID, SEQUENCE, people, span (RFC 5545, RFC 5546)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mockint.domain.timespan import Span

MAX_SEQUENCE = 2**31 - 1
"""SEQUENCE is a signed 32-bit integer (RFC 5545 3.3.8); timestamps do not fit."""

_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Method(StrEnum):
    """The iTIP verb: asked to come, told that it is off, or a copy to keep (no reply wanted)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True, slots=True)
class Organizer:
    """The programme's address for one booking and one attendee; never a person's own."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Attendee:
    """The one recipient of a calendar mail."""

    address: str
    name: str
    partstat: str = "NEEDS-ACTION"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One interview as one side's calendar shows it; it never names the other side's address."""

    method: Method
    uid: str
    sequence: int
    span: Span
    stamp: datetime
    """When this message was made (DTSTAMP)."""
    created: datetime
    changed: datetime
    summary: str
    description: str
    url: str
    """The interview's page."""
    link: str = ""
    """The meeting room; empty while there is none."""
    cancelled: bool = False
    organizer: Organizer | None = None
    attendee: Attendee | None = None
    wants_reply: bool = False
    """RSVP; only with a mailbox that reads replies."""

    def __post_init__(self) -> None:
        if not 0 <= self.sequence <= MAX_SEQUENCE:
            raise ValueError(f"SEQUENCE {self.sequence} is out of range")
        if self.method is Method.PUBLISH:
            if self.attendee is not None:
                raise ValueError("PUBLISH names no attendee (RFC 5546 3.2.1)")
            return
        if self.organizer is None or self.attendee is None:
            raise ValueError(f"{self.method} needs an organizer and one attendee (RFC 5546 3.2)")
        if self.organizer.address.casefold() == self.attendee.address.casefold():
            raise ValueError("the organizer is never an attendee")
        if (self.method is Method.CANCEL) != self.cancelled:
            raise ValueError("CANCEL and only CANCEL says that an interview is cancelled")


def method_of(cancelled: bool) -> Method:
    """A live interview is asked for again, a dead one is called off."""
    return Method.CANCEL if cancelled else Method.REQUEST


def organizer_address(sender: str, token: str) -> str:
    """The sender's mailbox with the token behind a plus, lower case as clients change case."""
    local, _, host = sender.rpartition("@")
    return f"{local}+{token}@{host}".lower()


def plain(text: str) -> str:
    """Text without control characters but newlines: icalendar lets NUL and bare CR through."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain_line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def plain_name(name: str) -> str:
    """A name for CN: quotes would show as ^' (RFC 6868), so they go."""
    return plain_line(name.replace('"', ""))
