"""Made-up calendars of volunteers, as large as those of busy people after five years."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

NOW = datetime(2027, 3, 22, 8, 0, tzinfo=UTC)
HEAD = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:volunteer{number}@example.org
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
ENTRY = """BEGIN:VEVENT
DTSTART;TZID=Europe/Berlin:{start}
DTEND;TZID=Europe/Berlin:{end}
{more}DTSTAMP:20270322T080000Z
ORGANIZER;CN=Somebody Else:mailto:somebody.else@example.com
UID:{uid}@google.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};CN=Volunt
 eer {number};X-NUM-GUESTS=0:mailto:volunteer{number}@example.org
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Somebody
  Else;X-NUM-GUESTS=0:mailto:somebody.else@example.com
CREATED:20260101T080000Z
DESCRIPTION:What is to be spoken about\\n\\nFirst this\\, then that\\, and at the
  end whatever is left.\\nJoin: https://meet.example.com/{uid}
LAST-MODIFIED:20270101T080000Z
LOCATION:Room {room}
SEQUENCE:1
STATUS:CONFIRMED
SUMMARY:Talk about number {uid}
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:This is an event reminder
TRIGGER:-P0DT0H10M0S
END:VALARM
END:VEVENT
"""
WEEKS_BACK, WEEKS_AHEAD = 5 * 52, 26
REPEATING, ENDED, MOVED = 5, 3, 2
"""Entries that repeat, of a hundred; of five of them how many have ended; moved times of each."""


def volunteer(number: int, entries: int) -> bytes:
    """The calendar of one volunteer; the same for the same number."""
    chance = random.Random(number)
    parts = [HEAD.format(number=number)]
    written = 0
    while written < entries:
        start = NOW + timedelta(
            weeks=chance.randrange(-WEEKS_BACK, WEEKS_AHEAD),
            days=chance.randrange(5),
            minutes=30 * chance.randrange(20),
        )
        values = {
            "uid": f"{number:06d}{written:06d}",
            "number": number,
            "room": chance.randrange(40),
            "answer": "DECLINED" if chance.randrange(20) == 0 else "ACCEPTED",
        }
        if chance.randrange(100) >= REPEATING or entries - written <= MOVED:
            parts.append(_entry(start, "", values))
            written += 1
            continue
        until = ""
        if chance.randrange(5) < ENDED:
            until = f";UNTIL={start + timedelta(weeks=chance.randrange(4, 30)):%Y%m%dT%H%M%SZ}"
        parts.append(_entry(start, f"RRULE:FREQ=WEEKLY{until}\n", values))
        for week in range(1, MOVED + 1):
            place = start + timedelta(weeks=week)
            line = f"RECURRENCE-ID;TZID=Europe/Berlin:{place:%Y%m%dT%H%M%S}\n"
            parts.append(_entry(place + timedelta(hours=1), line, values))
        written += 1 + MOVED
    return "".join([*parts, "END:VCALENDAR\n"]).replace("\n", "\r\n").encode()


def _entry(start: datetime, more: str, values: dict[str, object]) -> str:
    end = start + timedelta(minutes=45)
    return ENTRY.format(
        start=f"{start:%Y%m%dT%H%M%S}", end=f"{end:%Y%m%dT%H%M%S}", more=more, **values
    )
