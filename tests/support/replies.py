"""Answers to invitations in the shapes that mail programs give them; every word is our own.

A style is a function from `Said` to one raw message. `Said` has what all of them say, with the
values of an honest answer.
"""

from __future__ import annotations

import base64
import itertools
import quopri
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

AUTHSERV_ID = "mx.harbour.example"
_NUMBERS = itertools.count(1)


def passes(domain: str = "people.example", *, by: str = AUTHSERV_ID) -> str:
    """What a mail server writes on top of a message whose sender it could prove."""
    return (
        f"Authentication-Results: {by};\r\n\tdkim=pass header.d={domain};\r\n"
        f"\tdmarc=pass (p=REJECT dis=NONE) header.from={domain}"
    )


FAILS = f"Authentication-Results: {AUTHSERV_ID}; dmarc=fail header.from=people.example"


@dataclass(frozen=True)
class Said:
    """One answer."""

    uid: str
    organizer: str
    attendee: str
    start: datetime
    end: datetime
    stamp: datetime
    partstat: str = "ACCEPTED"
    sequence: int = 0
    method: str = "REPLY"
    comment: str = ""
    sender: str = ""
    """From, when it is not the attendee."""
    to: str = ""
    """The recipient, when it is not the organizer."""
    trace: str = field(default_factory=passes)
    """Header lines the receiving server put on top; empty: none."""
    message_id: str = field(default_factory=lambda: f"<{next(_NUMBERS)}.reply@people.example>")
    more: tuple[str, ...] = ()
    """Further properties of the VEVENT."""

    def but(self, **changes: Any) -> Said:
        return replace(self, **changes)


def utc(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"


def folded(lines: Iterable[str]) -> str:
    """Content lines folded at 75 octets (RFC 5545 3.1); ASCII only."""
    return "".join(
        "\r\n ".join(textwrap.wrap(line, 74, drop_whitespace=False, break_on_hyphens=False))
        + "\r\n"
        for line in lines
    )


def ics(said: Said, *, attendee: str = "", organizer: str | None = None, **parts: Any) -> str:
    """The calendar object; `attendee` and `organizer` are whole property lines of a style."""
    organizer = f"ORGANIZER:mailto:{said.organizer}" if organizer is None else organizer
    times = parts.get("times") or [f"DTSTART:{utc(said.start)}", f"DTEND:{utc(said.end)}"]
    return folded(
        line
        for line in (
            "BEGIN:VCALENDAR",
            f"PRODID:{parts.get('prodid', '-//Some Program//EN')}",
            "VERSION:2.0",
            f"METHOD:{said.method}" if said.method else "",
            *parts.get("zone", ()),
            "BEGIN:VEVENT",
            *times,
            f"DTSTAMP:{utc(said.stamp)}",
            organizer,
            f"UID:{said.uid}",
            attendee or f"ATTENDEE;PARTSTAT={said.partstat}:mailto:{said.attendee}",
            f"SEQUENCE:{said.sequence}",
            f"COMMENT:{said.comment}" if said.comment else "",
            *said.more,
            "SUMMARY:Mock interview",
            "STATUS:CONFIRMED",
            "END:VEVENT",
            "END:VCALENDAR",
        )
        if line
    )


def head(said: Said, *more: str, words: str = "Accepted: Mock interview") -> str:
    lines = [
        said.trace,
        f"From: {said.sender or f'Sanjana <{said.attendee}>'}",
        f"To: Mock interviews <{said.to or said.organizer}>",
        f"Subject: {words}",
        f"Date: {said.stamp:%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: {said.message_id}" if said.message_id else "",
        "MIME-Version: 1.0",
        *more,
    ]
    return "".join(f"{line}\r\n" for line in lines if line)


def encoded(text: str) -> str:
    return base64.encodebytes(text.encode()).decode().replace("\n", "\r\n")


def part(headers: Iterable[str], body: str) -> str:
    return "".join(f"{line}\r\n" for line in headers) + "\r\n" + body


def multipart(kind: str, mark: str, *parts: str) -> str:
    inside = "".join(f"--{mark}\r\n{one}\r\n" for one in parts)
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n{inside}--{mark}--\r\n'


PLAIN = part(['Content-Type: text/plain; charset="UTF-8"'], "Sanjana has accepted.\r\n")
HTML = part(['Content-Type: text/html; charset="UTF-8"'], "<p>Sanjana has <b>accepted</b>.</p>\r\n")


# The styles


def gmail(said: Said) -> bytes:
    """mixed > alternative(plain, html, calendar 7bit) + application/ics; Google's own Sender."""
    text = ics(
        said,
        prodid="-//Google Inc//Google Calendar 70.9054//EN",
        organizer=f"ORGANIZER;CN=Mock interviews:mailto:{said.organizer}",
        attendee=f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={said.partstat}"
        f";CN=Sanjana;X-NUM-GUESTS=0:mailto:{said.attendee}",
    )
    calendar = part(
        [f'Content-Type: text/calendar; charset="UTF-8"; method={said.method}',
         "Content-Transfer-Encoding: 7bit"],
        text,
    )  # fmt: skip
    file = part(
        ['Content-Type: application/ics; name="invite.ics"',
         'Content-Disposition: attachment; filename="invite.ics"',
         "Content-Transfer-Encoding: base64"],
        encoded(text),
    )  # fmt: skip
    both = multipart("alternative", "alt1", PLAIN, HTML, calendar)
    top = head(
        said,
        "Return-Path: <3abc@calendar-server.bounces.google.example>",
        "Sender: Google Calendar <calendar-notification@google.example>",
        "Auto-Submitted: auto-generated",
    )
    return (top + multipart("mixed", "mix1", both, file)).encode()


BERLIN = (
    "BEGIN:VTIMEZONE", "TZID:W. Europe Standard Time",
    "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
    "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT",
    "END:VTIMEZONE",
)  # fmt: skip


def exchange(said: Said, *, organizer: str = "", times: list[str] | None = None) -> bytes:
    """alternative, base64, MAILTO in capitals, Windows zone names; usually without ORGANIZER."""
    hour = timedelta(hours=1)  # Berlin in winter
    text = ics(
        said,
        prodid="Microsoft Exchange Server 2010",
        organizer=organizer,
        attendee=f"ATTENDEE;PARTSTAT={said.partstat};CN=Sanjana:MAILTO:{said.attendee}",
        zone=BERLIN,
        times=times
        or [
            f"DTSTART;TZID=W. Europe Standard Time:{said.start + hour:%Y%m%dT%H%M%S}",
            f"DTEND;TZID=W. Europe Standard Time:{said.end + hour:%Y%m%dT%H%M%S}",
        ],
    )
    text = text.replace("STATUS:CONFIRMED\r\n", "X-MICROSOFT-CDO-APPT-SEQUENCE:0\r\n")
    calendar = part(
        [f'Content-Type: text/calendar; charset="utf-8"; method={said.method}',
         "Content-Transfer-Encoding: base64"],
        encoded(text),
    )  # fmt: skip
    top = head(
        said,
        "X-MS-Exchange-Organization-SCL: -1",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        words="Accepted: Mock interview",
    )
    return (top + multipart("alternative", "_000_AB12", PLAIN, calendar)).encode()


def apple(said: Said, *, attendee: str = "") -> bytes:
    """mixed, quoted-printable, the address once more in EMAIL=."""
    text = ics(
        said,
        prodid="-//Apple Inc.//macOS 16.1//EN",
        attendee=attendee
        or f"ATTENDEE;CN=Sanjana;CUTYPE=INDIVIDUAL;EMAIL={said.attendee}"
        f";PARTSTAT={said.partstat};ROLE=REQ-PARTICIPANT:mailto:{said.attendee}",
    )
    calendar = part(
        [f"Content-Type: text/calendar; charset=utf-8; method={said.method}; name=iCal-1.ics",
         "Content-Disposition: attachment; filename=iCal-1.ics",
         "Content-Transfer-Encoding: quoted-printable"],
        quopri.encodestring(text.encode()).decode(),
    )  # fmt: skip
    return (head(said) + multipart("mixed", "Apple-Mail-1", PLAIN, calendar)).encode()


def thunderbird(said: Said) -> bytes:
    """mixed > alternative(plain, calendar base64, quoted method) + application/ics as 8BIT."""
    text = ics(
        said,
        prodid="-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
        attendee=f"ATTENDEE;CN=Sanjana;PARTSTAT={said.partstat};ROLE=REQ-PARTICIPANT"
        f":mailto:{said.attendee}",
    )
    calendar = part(
        [f'Content-Type: text/calendar; charset=UTF-8; method="{said.method}"',
         "Content-Transfer-Encoding: BASE64"],
        encoded(text),
    )  # fmt: skip
    file = part(
        ['Content-Type: application/ics; name="invite.ics"',
         'Content-Disposition: attachment; filename="invite.ics"',
         "Content-Transfer-Encoding: 8BIT"],
        text,
    )  # fmt: skip
    both = multipart("alternative", "tb2", PLAIN, calendar)
    return (head(said) + multipart("mixed", "tb1", both, file)).encode()


def fastmail(said: Said) -> bytes:
    """One bare text/calendar part."""
    kind = f"Content-Type: text/calendar; charset=utf-8; method={said.method.lower()}"
    return (head(said, kind) + "\r\n" + ics(said, prodid="-//CyrusIMAP.org//Cyrus//EN")).encode()


def nextcloud(said: Said) -> bytes:
    """From the server's own address, the attendee in Reply-To."""
    text = ics(
        said,
        prodid="-//Sabre//Sabre VObject 4.5//EN",
        attendee=f"ATTENDEE;CN=Sanjana;PARTSTAT={said.partstat};SCHEDULE-STATUS=1.1"
        f":mailto:{said.attendee}",
    )
    server = said.but(
        sender=said.sender or "Sanjana via Nextcloud <cloud@cloud.example>",
        trace=said.trace and passes("cloud.example"),
    )
    calendar = part(
        [f'Content-Type: text/calendar; method={said.method}; charset="UTF-8"; name=event.ics',
         "Content-Transfer-Encoding: 8bit"],
        text,
    )  # fmt: skip
    top = head(server, f"Reply-To: Sanjana <{said.attendee}>")
    return (top + multipart("mixed", "nc1", PLAIN, calendar)).encode()


def file_only(said: Said) -> bytes:
    """No text/calendar, only the attached file."""
    file = part(
        ["Content-Type: application/ics; name=reply.ics", "Content-Transfer-Encoding: base64"],
        encoded(ics(said)),
    )
    return (head(said) + multipart("mixed", "file1", PLAIN, file)).encode()


STYLES = {
    "Gmail": gmail,
    "Exchange": exchange,
    "Apple": apple,
    "Thunderbird": thunderbird,
    "Fastmail": fastmail,
    "an attached file": file_only,
}
"""Those that come from the attendee's own address; Nextcloud's does not."""


# No answers


def words_only(said: Said, *more: str, text: str = "I am ill, can we move it?") -> bytes:
    """A person writes."""
    return (head(said, *more, words="Re: Mock interview") + f"\r\n{text}\r\n").encode()


def vacation(said: Said) -> bytes:
    """An automatic reply to our envelope sender."""
    return words_only(
        said,
        "Auto-Submitted: auto-replied (vacation)",
        "Precedence: bulk",
        "Return-Path: <>",
        text="I am away until January.",
    )


def bounce(to: str, original: str, *, action: str = "failed", attendee: str = "") -> bytes:
    """A delivery report as Postfix writes it, with our own invitation inside."""
    told = part(
        ["Content-Description: Notification", "Content-Type: text/plain; charset=us-ascii"],
        "This is the mail system at host mx.people.example.\r\n\r\n"
        "I'm sorry to have to inform you that your message could not be delivered.\r\n",
    )
    status = part(
        ["Content-Description: Delivery report", "Content-Type: message/delivery-status"],
        "Reporting-MTA: dns; mx.people.example\r\nX-Postfix-Queue-ID: 4AbC1\r\n"
        "Arrival-Date: Mon, 23 Nov 2026 09:36:02 +0000 (UTC)\r\n\r\n"
        f"Final-Recipient: rfc822; {attendee}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        f"Remote-MTA: dns; mx.people.example\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user here\r\n",
    )
    inside = part(
        ["Content-Description: Undelivered Message", "Content-Type: message/rfc822"], original
    )
    top = "".join(
        f"{line}\r\n"
        for line in (
            "Return-Path: <>",
            f"Delivered-To: {to}",
            "Date: Mon, 23 Nov 2026 09:36:03 +0000 (UTC)",
            "From: MAILER-DAEMON@mx.people.example (Mail Delivery System)",
            "Subject: Undelivered Mail Returned to Sender",
            f"To: {to}",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            f"Message-Id: <20261123093603.{next(_NUMBERS)}@mx.people.example>",
        )
    )
    kind = "report; report-type=delivery-status"
    return (top + multipart(kind, "4AbC1.1/mx", told, status, inside)).encode()
