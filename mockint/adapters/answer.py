"""Reads the calendar part of an answer, by the icalendar library and inside limits.

Zone definitions are thrown away unread: a rule in one can keep a program busy for hours, and a
zone that only its own file knows is not needed to tell what somebody answered.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from icalendar import Calendar

from mockint.domain.errors import N_
from mockint.domain.invitation import MAX_SEQUENCE, plain, plain_line
from mockint.domain.reply import Answer, clean_comment

MOST_OCTETS = 128 * 1024
MOST_COMPONENTS = 60
LONGEST_VALUE = 400
FOLD = re.compile(r"\r?\n[ \t]")
SCHEME = "mailto:"


class UnreadableError(ValueError):
    """The part is no answer that can be read; the message says why in a sentence."""


def read(octets: bytes, *, charset: str, declared: str) -> Answer:
    """What the part says; `declared` is METHOD as its header names it."""
    if len(octets) > MOST_OCTETS:
        raise UnreadableError(N_("Its calendar part is too large to be an answer."))
    calendar = _calendar(_without_zones(_decoded(octets, charset)))
    events = calendar.walk("VEVENT")
    if len(events) != 1:
        raise UnreadableError(N_("Its calendar part does not hold exactly one interview."))
    event = events[0]
    start = _instant(event, "DTSTART")
    attendees = _all(event, "ATTENDEE")
    return Answer(
        method=_line(calendar, "METHOD").upper(),
        declared=declared,
        uid=_line(event, "UID"),
        sequence=_sequence(event),
        stamp=_instant(event, "DTSTAMP"),
        organizer=_address(_one(event, "ORGANIZER")),
        attendees=tuple(_address(one) for one in attendees),
        partstat=_parameter(attendees[0], "PARTSTAT").upper() if attendees else "",
        comment=clean_comment("\n".join(plain(str(one)) for one in _all(event, "COMMENT"))),
        start=start,
        end=_instant(event, "DTEND"),
        one_of_many=_one_of_many(event),
    )


def _decoded(octets: bytes, charset: str) -> str:
    """Its text: UTF-8 if it is, since many declare none or another."""
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return octets.decode(charset, errors="replace")
    except LookupError:
        return octets.decode("utf-8", errors="replace")


def _without_zones(text: str) -> str:
    kept: list[str] = []
    inside = False
    for line in plain(FOLD.sub("", text)).split("\n"):
        word = line.strip().upper()
        if word == "BEGIN:VTIMEZONE":
            inside = True
        if not inside and word:
            kept.append(line)
        if word == "END:VTIMEZONE":
            inside = False
    return "\r\n".join(kept) + "\r\n"


def _calendar(text: str) -> Any:
    if text.upper().count("BEGIN:") > MOST_COMPONENTS:
        raise UnreadableError(N_("Its calendar part is too large to be an answer."))
    try:
        found = Calendar.from_ical(text)
    except Exception as error:  # the library raises what its parts raise
        raise UnreadableError(N_("Its calendar part cannot be read.")) from error
    if found.name != "VCALENDAR":
        raise UnreadableError(N_("Its calendar part cannot be read."))
    return found


def _all(component: Any, name: str) -> list[Any]:
    found = component.get(name, [])
    return found if isinstance(found, list) else [found]


def _one(component: Any, name: str) -> Any:
    """The only property of this name; None when it is missing."""
    found = _all(component, name)
    if len(found) > 1:
        raise UnreadableError(N_("Its calendar part says the same thing twice."))
    return found[0] if found else None


def _line(component: Any, name: str) -> str:
    found = _one(component, name)
    return "" if found is None else plain_line(str(found))[:LONGEST_VALUE]


def _sequence(event: Any) -> int:
    """SEQUENCE; one that is missing is the first (RFC 5545 3.8.7.4)."""
    text = _line(event, "SEQUENCE") or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= MAX_SEQUENCE):
        raise UnreadableError(N_("Its SEQUENCE is no number."))
    return int(text)


def _instant(event: Any, name: str) -> datetime | None:
    """The moment in UTC; None when it is missing, a date, or in a zone nobody else knows."""
    try:
        found = _one(event, name).dt
        return found.astimezone(UTC) if isinstance(found, datetime) and found.tzinfo else None
    except UnreadableError:
        raise
    except Exception:  # a property that the library kept although it could not read it
        return None


def _one_of_many(event: Any) -> bool:
    """Whether RECURRENCE-ID names anything but the one time there is."""
    named = _one(event, "RECURRENCE-ID")
    if named is None:
        return False
    try:
        return bool(named.dt != _one(event, "DTSTART").dt)
    except Exception:  # unreadable, or a date beside a date with a time
        return True


def _parameter(value: Any, name: str) -> str:
    return plain_line(str(getattr(value, "params", {}).get(name, "")))[:LONGEST_VALUE]


def _address(value: Any) -> str:
    """The mail address of a calendar user; Apple and others keep it beside a urn: in EMAIL."""
    text = "" if value is None else plain_line(str(value))[:LONGEST_VALUE]
    if text.lower().startswith(SCHEME):
        return unquote(text[len(SCHEME) :].partition("?")[0]).strip()
    beside = _parameter(value, "EMAIL")
    if beside:
        return beside[len(SCHEME) :] if beside.lower().startswith(SCHEME) else beside
    return text
