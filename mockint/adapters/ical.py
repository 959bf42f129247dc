"""Calendar objects by the icalendar library: one VCALENDAR, one VEVENT, UTC only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import (
    CLASS,
    STATUS,
    TRANSP,
    Calendar,
    Conference,
    Event,
    vCalAddress,
    vDuration,
    vText,
)

from mockint.domain.invitation import (
    Attendee,
    CalendarEntry,
    Method,
    Organizer,
    plain,
    plain_line,
    plain_name,
)

FOLDED = 75
"""Octets of a line, at most (RFC 5545 3.1)."""
PRODID = "-//mockint//mockint 0.1//EN"


def _organizer(organizer: Organizer) -> vCalAddress:
    return vCalAddress.new(organizer.address, cn=plain_name(organizer.name))


def _attendee(attendee: Attendee, method: Method, wants_reply: bool) -> vCalAddress:
    """RSVP has no place in a CANCEL; the other parameters make Gmail take the entry."""
    return vCalAddress.new(
        attendee.address,
        cn=plain_name(attendee.name),
        cutype="INDIVIDUAL",
        role="REQ-PARTICIPANT",
        partstat=attendee.partstat,
        rsvp=None if method is Method.CANCEL else wants_reply,
    )


def _event(entry: CalendarEntry) -> Event:
    """Times are UTC without VTIMEZONE, since a wrong or ignored zone definition moves an interview
    by an hour. No VALARM: clients strip it, or it overwrites the reader's own.
    """
    event = Event.new(
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=entry.stamp.replace(microsecond=0),
        created=entry.created.replace(microsecond=0),
        last_modified=entry.changed.replace(microsecond=0),
        start=entry.span.start,
        end=entry.span.end,
        summary=plain_line(entry.summary),
        description=plain(entry.description).strip(),
        location=plain_line(entry.link) or None,
        url=entry.url,
        status=STATUS.CANCELLED if entry.cancelled else STATUS.CONFIRMED,
        transparency=TRANSP.OPAQUE,
        classification=CLASS.PRIVATE,
        conferences=[Conference(entry.link, feature="VIDEO")] if entry.link else None,
    )
    if entry.organizer is not None:
        event.organizer = _organizer(entry.organizer)
    if entry.attendee is not None:
        event.attendees = [_attendee(entry.attendee, entry.method, entry.wants_reply)]
    event.add("x-microsoft-cdo-busystatus", "FREE" if entry.cancelled else "BUSY")
    event.add("x-microsoft-disallow-counter", "TRUE")
    return event


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def write(entry: CalendarEntry) -> bytes:
    """The calendar object as octets (RFC 5545), ready for mail or download.

    A copy to keep is no message and says no METHOD: PUBLISH would have to name an organizer (RFC
    5546 3.2.1), whom clients offer an answer to.
    """
    calendar = _calendar()
    if entry.method is not Method.PUBLISH:
        calendar.add("method", entry.method.value)
    calendar.add_component(_event(entry))
    octets: bytes = calendar.to_ical()
    return octets


def entry(entry: CalendarEntry) -> bytes:
    """One VEVENT, to be kept until it is part of a feed.

    The library folds letter by letter also the lines that are short enough, which most are.
    """
    lines = _event(entry).content_lines()
    return b"".join(
        (line.encode() if len(line) < FOLDED and line.isascii() else line.to_ical()) + b"\r\n"
        for line in lines
        if line
    )


def feed(name: str, entries: Iterable[bytes], *, every: timedelta) -> bytes:
    """A calendar to subscribe to, of what `entry` wrote; an empty one is a calendar too.

    No METHOD: nobody is asked for anything. RFC 7986 has NAME and REFRESH-INTERVAL, and most
    programs know only the two that came before.
    """
    calendar = _calendar()
    for property in ("name", "x-wr-calname"):
        calendar.add(property, vText(plain_line(name)))  # the library would escape neither
    calendar.add("refresh-interval", every, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(every))
    head, end, _ = calendar.to_ical().partition(b"END:VCALENDAR\r\n")
    return b"".join((head, *entries, end))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a calendar makes of an object of ours."""

    method: str
    uid: str
    sequence: int
    status: str
    start: datetime
    end: datetime
    summary: str
    description: str
    location: str
    organizer: str
    attendees: tuple[str, ...]


def read(octets: bytes) -> Seen:
    """Decode an object of ours for the mailbox page; never for mail from outside."""
    calendar = Calendar.from_ical(octets)
    event = calendar.events[0]
    start, end = event.start, event.end
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    return Seen(
        method=str(calendar.get("METHOD", "")),
        uid=str(event["UID"]),
        sequence=int(event.get("SEQUENCE", 0)),
        status=str(event.get("STATUS", "")),
        start=start,
        end=end,
        summary=str(event.get("SUMMARY", "")),
        description=str(event.get("DESCRIPTION", "")),
        location=str(event.get("LOCATION", "")),
        organizer=str(event.get("ORGANIZER", "")).removeprefix("mailto:"),
        attendees=tuple(str(address).removeprefix("mailto:") for address in event.attendees),
    )
