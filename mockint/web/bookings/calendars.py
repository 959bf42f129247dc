"""Links that open somebody's own calendar with the interview filled in.

Plain addresses with times in UTC; nothing is sent until the person saves it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar entry says."""

    title: str
    start: datetime
    end: datetime
    details: str
    place: str


def google(entry: Entry) -> str:
    """Google Calendar's page for a new event."""
    times = "/".join(f"{at:%Y%m%dT%H%M%SZ}" for at in (entry.start, entry.end))
    return "https://calendar.google.com/calendar/render?" + _query(
        action="TEMPLATE",
        text=entry.title,
        dates=times,
        details=entry.details,
        location=entry.place,
    )


def outlook(entry: Entry, host: str = "outlook.live.com") -> str:
    """Outlook's page for a new event: of outlook.com, or of Microsoft 365."""
    return f"https://{host}/calendar/0/deeplink/compose?" + _query(
        path="/calendar/action/compose",
        rru="addevent",
        subject=entry.title,
        startdt=f"{entry.start:%Y-%m-%dT%H:%M:%SZ}",
        enddt=f"{entry.end:%Y-%m-%dT%H:%M:%SZ}",
        body=entry.details,
        location=entry.place,
    )


def links(entry: Entry) -> list[tuple[str, str]]:
    """The names people know these calendars by, with their addresses."""
    return [
        ("Google", google(entry)),
        ("Outlook.com", outlook(entry)),
        ("Microsoft 365", outlook(entry, "outlook.office.com")),
    ]


def _query(**words: str) -> str:
    """Outlook reads a plus as a plus, so blanks are spelled %20."""
    return urlencode(words, quote_via=quote)
