"""Calendar objects against two parsers, with text nobody would write."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from mockint.adapters import ical
from mockint.domain.errors import NotYours
from mockint.domain.invitation import Attendee, CalendarEntry, Method, Organizer, plain, plain_line
from mockint.domain.timespan import Span
from mockint.services import invitation
from tests import factories
from tests.support.ics import as_seen_by_ical_js

AT = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
HOSTILE = 'Zoë "Z" ;,:\\ \r\nATTENDEE:mailto:evil@x.example\x00\x07 日本語 🎉 ' + "long " * 40
ENTRY = CalendarEntry(
    method=Method.REQUEST,
    uid="0b7e@mock.example",
    sequence=3,
    span=Span.lasting(AT, 45),
    stamp=AT - timedelta(days=3, microseconds=-7),
    created=AT - timedelta(days=4),
    changed=AT - timedelta(days=3),
    summary="Mock interview",
    description="",
    url="https://mock.example/interviews/1",
    link="https://meet.example/a;b,c?d=1&e=2",
    organizer=Organizer("mockint+abc@mock.example", "Harbour Circle"),
    attendee=Attendee("zoe@people.example", "Zoë"),
)


def test_times_are_utc_and_nothing_else_defines_a_zone() -> None:
    text = ical.write(ENTRY).decode()
    assert "DTSTART:20261126T130000Z\r\n" in text
    assert "DTEND:20261126T134500Z\r\n" in text
    assert "DTSTAMP:20261123T130000Z\r\n" in text
    for absent in ("VTIMEZONE", "TZID", "VALARM", "DURATION"):
        assert absent not in text


def test_a_place_that_is_not_known_is_left_out() -> None:
    text = ical.write(replace(ENTRY, link="")).decode()
    assert "LOCATION" not in text
    assert "CONFERENCE" not in text


def test_a_cancellation_asks_for_no_answer() -> None:
    text = ical.write(replace(ENTRY, method=Method.CANCEL, cancelled=True)).decode()
    assert "RSVP" not in text
    assert "STATUS:CANCELLED" in text


def test_a_reply_is_wanted_only_with_a_mailbox_that_reads_it() -> None:
    assert "RSVP=FALSE" in unfolded(ical.write(ENTRY))
    assert "RSVP=TRUE" in unfolded(ical.write(replace(ENTRY, wants_reply=True)))


def unfolded(octets: bytes) -> str:
    return octets.decode().replace("\r\n ", "")


def check(entry: CalendarEntry, octets: bytes) -> None:
    """One VEVENT, nothing injected, lines as RFC 5545 has them, text as it went in."""
    for line in octets.split(b"\r\n"):
        assert len(line) <= 75
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
    calendar = Calendar.from_ical(octets)
    assert [component.name for component in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    event = calendar.events[0]
    assert str(event["SUMMARY"]) == plain_line(entry.summary)
    assert str(event.get("DESCRIPTION", "")) == plain(entry.description).strip()
    assert entry.attendee is not None
    assert [str(a) for a in event.attendees] == [f"mailto:{entry.attendee.address}"]


@given(summary=st.text(max_size=200), description=st.text(max_size=400), name=st.text(max_size=80))
def test_no_text_breaks_out(summary: str, description: str, name: str) -> None:
    entry = replace(
        ENTRY,
        summary=summary,
        description=description,
        organizer=Organizer("mockint+abc@mock.example", name),
        attendee=Attendee("zoe@people.example", name),
    )
    check(entry, ical.write(entry))


def test_ical_js_reads_hostile_text_as_text(tmp_path: Path) -> None:
    entry = replace(
        ENTRY,
        summary=HOSTILE,
        description=HOSTILE,
        organizer=Organizer("mockint+abc@mock.example", HOSTILE),
        attendee=Attendee("zoe@people.example", HOSTILE),
    )
    octets = ical.write(entry)
    check(entry, octets)
    file = tmp_path / "hostile.ics"
    file.write_bytes(octets)
    (seen,) = as_seen_by_ical_js([file])
    assert seen["summary"] == plain_line(HOSTILE)
    assert seen["description"] == plain(HOSTILE).strip()
    assert [a["address"] for a in seen["attendees"]] == ["mailto:zoe@people.example"]
    assert seen["location"] == ENTRY.link
    assert (seen["sequence"], seen["utc"]) == (3, True)


@pytest.mark.usefixtures("db_session")
def test_the_download_is_the_mails_entry_without_people() -> None:
    booking = factories.booking(factories.candidate(), factories.interviewer(), sequence=2)
    for person_id in (booking.candidate_id, booking.interviewer_id):
        octets = invitation.download(booking.id, person_id=person_id)
        assert octets == invitation.download(booking.id, person_id=person_id)
        text = unfolded(octets)
        assert f"UID:{booking.uid}" in text
        assert "SEQUENCE:2" in text
        for absent in ("METHOD", "ATTENDEE", "ORGANIZER", "people.example"):
            assert absent not in text


@pytest.mark.usefixtures("db_session")
def test_a_stranger_cannot_download_it() -> None:
    candidate, jonas = factories.candidate(), factories.interviewer()
    booking = factories.booking(candidate, jonas)
    stranger = factories.stranger()
    for booking_id in (booking.id, 9999):
        with pytest.raises(NotYours):
            invitation.download(booking_id, person_id=stranger.id)
