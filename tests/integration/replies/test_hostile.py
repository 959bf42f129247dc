"""Octets that nobody meant well, or that a bad line changed: nothing raises, nothing takes long."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mockint.adapters import inbound
from mockint.db import db
from mockint.domain.reply import Outcome, Partstat, Verdict
from mockint.models import Reply
from mockint.services import replies
from tests.support.replies import (
    AUTHSERV_ID,
    STYLES,
    Said,
    bounce,
    exchange,
    fastmail,
    gmail,
    passes,
    vacation,
)
from tests.support.reply_cases import MINUTE, Scene

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
SAID = Said(
    uid="0b7e4f6a@mock.harbour.example",
    organizer="mockint+aqx5tq7jz2k4w6bn@mock.harbour.example",
    attendee="sanjana@people.example",
    start=START,
    end=START + timedelta(hours=1),
    stamp=START - timedelta(days=3),
    message_id="<1@people.example>",
)
SEEDS = [
    *(style(SAID) for style in STYLES.values()),
    vacation(SAID),
    bounce(SAID.organizer, "Subject: x\r\n\r\nx\r\n", attendee=SAID.attendee),
]
PIECES = (
    b"", b"\x00", b"\r", b"\n", b"\r\n", b"\r\n ", b"\xff\xfe", b"--alt1", b"--mix1--", b'"',
    b"BEGIN:VEVENT\r\n", b"END:VEVENT\r\n", b"BEGIN:VCALENDAR\r\n", b"METHOD:CANCEL\r\n",
    b"DTSTAMP:99999999T999999Z\r\n", b"DTSTAMP;TZID=No/Where:20261123T090000\r\n",
    b"DTSTART;VALUE=DATE:20261126\r\n", b"SEQUENCE:99999999999999999999\r\n", b"SEQUENCE:-1\r\n",
    b"ATTENDEE:mailto:\r\n", b"ATTENDEE;EMAIL=:urn:x\r\n", b"RECURRENCE-ID:x\r\n",
    b"From: =?utf-8?q?=0D=0A?= <a@b.c>\r\n", b"From: (((((\r\n", b"To: ,,,;:<>\r\n",
    b"Content-Type: multipart/mixed; boundary=\r\n", b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/calendar; charset=no-such; method*=x''%00\r\n",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x\r\n",
    b"Authentication-Results: mx.harbour.example; dmarc=pass ((((\r\n",
    b"Authentication-Results: ;;;\r\n", b"\xf0\x9f\x98\x80", b"%s%n{0}", b"A" * 3000,
)  # fmt: skip


def read(raw: bytes) -> inbound.Inbound:
    return inbound.read(raw, authserv_id=AUTHSERV_ID)


@given(st.binary(max_size=2000))
def test_random_octets_are_read_as_something(raw: bytes) -> None:
    assert len(read(raw).key) == 64


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A message of a mail program with pieces cut out, put in or repeated."""
    raw = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        gone = draw(st.integers(0, 60))
        raw = raw[:at] + draw(st.sampled_from(PIECES)) + raw[at + gone :]
    return raw


@settings(max_examples=400)
@given(mutated())
def test_changed_messages_are_read_as_something(raw: bytes) -> None:
    found = read(raw)
    assert found.report is None or found.answer is None
    if found.answer is not None:
        assert not set("\x00\r") & set(found.answer.uid + found.answer.comment)
        assert found.answer.stamp is None or found.answer.stamp.utcoffset() == timedelta()


def test_no_changed_message_does_what_only_an_honest_one_may(scene: Scene) -> None:
    """A few hundred of them against the database: no error, and nobody else's answer changes."""
    chance = random.Random(20261123)
    said = scene.said()
    seeds = [style(said) for style in (gmail, exchange, fastmail)]
    for number in range(150):
        raw = seeds[number % 3]
        for _ in range(chance.randint(1, 5)):
            at = chance.randrange(len(raw))
            raw = raw[:at] + chance.choice(PIECES) + raw[at + chance.randint(0, 40) :]
        done = replies.ingest(raw, now=scene.now + number * MINUTE)
        assert done.outcome in tuple(Outcome)
        assert done.partstat in (None, *Partstat)
    assert scene.told("interviewer").partstat == "NEEDS-ACTION"
    assert scene.told().partstat in ("NEEDS-ACTION", "ACCEPTED")
    assert scene.booking.state == "confirmed"
    assert all(row.outcome in tuple(Outcome) for row in db.session.scalars(select(Reply)))


def _deep(levels: int, filler: bytes) -> bytes:
    raw = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(levels)
    )
    return raw + filler


def _calendar(inside: str) -> bytes:
    return fastmail(SAID).replace(b"BEGIN:VEVENT\r\n", inside.encode() + b"BEGIN:VEVENT\r\n", 1)


ENDLESS = (
    "BEGIN:VTIMEZONE\r\nTZID:Endless\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    "RRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n"
    "END:VTIMEZONE\r\n"
)


def _endless(spelled: str = "BEGIN:VTIMEZONE") -> bytes:
    """DTSTART in a zone whose only rule changes the clock every second."""
    raw = _calendar(ENDLESS.replace("BEGIN:VTIMEZONE", spelled))
    start = f"DTSTART:{START:%Y%m%dT%H%M%SZ}"
    return raw.replace(start.encode(), f"DTSTART;TZID=Endless:{START:%Y%m%dT%H%M%S}".encode())


BOMBS = {
    "nested parts": _deep(25, b"x\r\n" * 300_000),
    "more nested parts": _deep(5000, b"x"),
    "many recipients": b"To: " + b"a@b.example, " * 60_000 + b"\r\n\r\n",
    "many headers": b"Cc: a@b.example\r\n" * 50_000 + b"\r\n",
    "brackets": b"From: " + b"(" * 900_000 + b"\r\n\r\n",
    "many verdicts": b"Authentication-Results: x; dmarc=pass\r\n" * 20_000 + b"\r\n",
    "brackets in a verdict": b"Authentication-Results: " + b"(" * 500_000 + b"\r\n\r\n",
    "nested components": _calendar("BEGIN:VEVENT\r\n" * 50),
    "many components": _calendar("BEGIN:VTODO\r\nEND:VTODO\r\n" * 4000),
    "many properties": _calendar("X-A:b\r\n" * 15_000),
    "many parameters": _calendar(f"X-A;{';'.join(['B=C'] * 25_000)}:x\r\n"),
    "an endless zone rule": _endless(),
    "too large": b"Subject: x\r\n\r\n" + b"x" * 2**20,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_message_keeps_a_worker_busy(name: str) -> None:
    began = time.process_time()
    read(BOMBS[name])
    assert time.process_time() - began < 5


@pytest.mark.parametrize("spelled", ["BEGIN:VTIMEZONE", "BEGIN:VTIME\r\n ZONE", "begin:vtimezone"])
def test_a_zone_rule_is_never_asked(spelled: str) -> None:
    found = read(_endless(spelled))
    assert found.answer is not None
    assert found.answer.start is None


@pytest.mark.parametrize(
    ("trace", "verdict"),
    [
        (passes(), Verdict.PASS),
        (passes() + ";", Verdict.PASS),
        (
            passes().upper().replace("AUTHENTICATION-RESULTS", "authentication-results"),
            Verdict.PASS,
        ),
        (f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass", Verdict.PASS),
        (f"Authentication-Results: {AUTHSERV_ID}; none", Verdict.NONE),
        (f"Authentication-Results: {AUTHSERV_ID}; spf=pass", Verdict.NONE),
        (f"Authentication-Results: {AUTHSERV_ID}; dmarc=bestguesspass", Verdict.NONE),
        (f"Authentication-Results: {AUTHSERV_ID}; dmarc=temperror", Verdict.NONE),
        (f"{passes()}; dmarc=fail", Verdict.FAIL),
        (f"Authentication-Results: {AUTHSERV_ID}; dmarc=((\r\n{passes()}", Verdict.NONE),
        (f"Authentication-Results: {AUTHSERV_ID}.evil.example; dmarc=pass", Verdict.NONE),
        ("ARC-" + passes(), Verdict.NONE),
    ],
)
def test_only_our_servers_topmost_verdict_counts(trace: str, verdict: Verdict) -> None:
    raw = fastmail(SAID.but(trace=trace))
    assert read(raw).verdict is verdict
    assert inbound.read(raw, authserv_id="").verdict is Verdict.NONE
