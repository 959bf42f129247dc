"""Every mail and calendar object, word for word, against files that people read in review.

UPDATE_GOLDEN=1 writes them anew.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mockint.adapters.mailer import TEMPLATES
from mockint.db import db, transaction
from mockint.models import CommunitySetting, KeptMail, OutboxMessage
from mockint.services import mail, relay
from mockint.services.kept import KeepTransport
from mockint.settings import Settings, activate
from tests import people
from tests.support import decline_letters, letters, round_letters
from tests.support.ics import as_seen_by_ical_js
from tests.support.letters import NOW, TOKENS, booked, owe_both

sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)

GOLDEN = Path(__file__).parents[1] / "golden"
SCENES = letters.SCENES | decline_letters.SCENES | round_letters.SCENES
UPDATE = "UPDATE_GOLDEN" in os.environ


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, base_url="https://mock.harbour.example", mail_from="")


@pytest.fixture
def harbour(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A community with a name, a contact, and two people about to meet; no second passes while
    their mails are sent, so each says the moment it was owed."""
    activate(settings)
    monkeypatch.setattr(relay, "time", SimpleNamespace(monotonic=float))
    with app.app_context():
        with transaction():
            for name, value in (("name", "Harbour Circle"), ("contact", "team@harbour.example")):
                db.session.add(CommunitySetting(name=name, value=value, updated_at=NOW))
        yield
        db.session.rollback()


def compare(name: str, found: str) -> None:
    """With the golden file, line ends aside."""
    path, found = GOLDEN / name, found.replace("\r\n", "\n")
    if UPDATE:
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8"), f"{name} reads differently"


def parts_of(raw: bytes) -> dict[str, str]:
    """The mail as it travels, its text, its HTML and its calendar object."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    found = {"eml": raw.decode("ascii")}
    for part in message.walk():
        kind = {"text/plain": "txt", "text/html": "html", "text/calendar": "ics"}
        if part.get_content_type() in kind:
            found[kind[part.get_content_type()]] = part.get_content()
    return found


@sqlite_only
@pytest.mark.parametrize("name", SCENES)
def test_mail_reads_as_its_golden_file(harbour: None, name: str) -> None:
    now = SCENES[name]()
    owed = select(OutboxMessage.id).where(OutboxMessage.state == "pending")
    of_now = select(OutboxMessage).where(OutboxMessage.id.in_(db.session.scalars(owed).all()))
    done = relay.sweep(now=now, transport=KeepTransport())
    rows = db.session.scalars(of_now.order_by(OutboxMessage.id)).all()
    assert [(row.state, row.reason) for row in rows] == [("sent", "")] * len(rows)
    assert done.sent == len(rows) > 0
    for row in rows:
        kept = db.session.scalars(select(KeptMail).where(KeptMail.outbox_id == row.id)).one()
        for ending, text in parts_of(kept.raw).items():
            compare(f"{name}-{row.side or 'account'}.{ending}", text)


def test_every_kind_has_a_golden_file() -> None:
    described = {scene.removesuffix("-known") for scene in SCENES}
    assert set(mail.KINDS) <= described
    names = {path.name.rsplit("-", 1)[0] for path in GOLDEN.glob("*.eml")}
    assert names == set(SCENES)


def test_nobody_reads_the_other_sides_address_or_the_employer() -> None:
    secrets = {
        "candidate": (people.JONAS.email, TOKENS["interviewer"], "Everest Pay"),
        "interviewer": (people.SANJANA.email, TOKENS["candidate"], "Everest Pay"),
    }
    for side, words in secrets.items():
        files = list(GOLDEN.glob(f"*-{side}.*"))
        assert files
        for file in files:
            text = file.read_text(encoding="utf-8")
            assert [word for word in words if word in text] == [], file.name


def test_a_time_is_told_with_its_place_and_the_offset_never_by_letters() -> None:
    """CET or MST: which is meant differs by place and year, and some say the wrong one."""
    letters = re.compile(r"\b(?:UT|GMT|[A-Z]{1,3}[SD]?T|CES?T|[WEM]ES?T)\b")
    ranges = 0
    for file in sorted(GOLDEN.glob("*.txt")):
        text = file.read_text(encoding="utf-8")
        assert letters.findall(text) == [], file.name
        for line in text.splitlines():
            if re.search(r"\d\d:\d\d to \d\d:\d\d", line):
                ranges += 1
                assert re.search(r", \w+ \(UTC[+-]\d\d:\d\d\)", line), f"{file.name}: {line}"
    assert ranges > 20


def test_mails_about_an_interview_ahead_tell_both_clocks() -> None:
    """Also the reminder, the cancellation and every question."""
    for kind in (
        "invitation", "update", "update-link", "cancellation", "reminder", "declined",
        "confirm-answer", "calendar-busy", "clock-rules", "comes-again", "proposed", "replaced",
    ):  # fmt: skip
        files = sorted(GOLDEN.glob(f"{kind}-*.txt"))
        assert files, kind
        for file in files:
            text = file.read_text(encoding="utf-8")
            stands_in = file.name.startswith("update-handover")
            assert ("Lisbon (UTC+00:00)" if stands_in else "Berlin (UTC+01:00)") in text, file.name
            assert "Kathmandu (UTC+05:45)" in text, file.name


@sqlite_only
def test_what_people_write_stays_text(harbour: None) -> None:
    booking = booked(cancel_reason="", reason="<b>why</b>")
    mean = "<img src=x onerror=alert(1)> & {{ 7 * 7 }}\r\nBcc: x"
    with transaction():
        booking.candidate.name = booking.interviewer.name = '<i>N</i> & "Q"'
        assert booking.candidate.candidate is not None
        booking.candidate.candidate.goals = mean
        setting = db.session.get_one(CommunitySetting, "name")
        setting.value = "<u>Circle</u>"
    owe_both("invitation", booking)
    relay.sweep(now=NOW, transport=KeepTransport())
    for kept in db.session.scalars(select(KeptMail)):
        parts = parts_of(kept.raw)
        for tag in ("<img", "<i>N", "<b>why", "<u>Circle"):
            assert tag not in parts["html"]
        assert "49" not in parts["html"]
        assert "&lt;i&gt;N&lt;/i&gt;" in parts["html"]
        message = message_from_bytes(kept.raw, policy=policy.default)
        assert message["Bcc"] is None
        assert str(message["From"].addresses[0].display_name) == "<u>Circle</u>"
    assert len(db.session.scalars(select(KeptMail)).all()) == 2


@sqlite_only
@pytest.mark.parametrize("read", [True, False])
def test_an_invitation_says_whether_calendars_are_heard(
    harbour: None, settings: Settings, read: bool
) -> None:
    activate(replace(settings, pipes_replies=read))
    owe_both("invitation", booked())
    relay.sweep(now=NOW, transport=KeepTransport())
    seen = [parts_of(kept.raw) for kept in db.session.scalars(select(KeptMail))]
    for mail_parts in seen:
        rsvp = "RSVP=TRUE" in mail_parts["ics"].replace("\r\n ", "").replace("\n ", "")
        said = [
            "answer yes, maybe or no in your calendar" in mail_parts[k] for k in ("txt", "html")
        ]
        unheard = ["from your calendar is not read" in mail_parts[kind] for kind in ("txt", "html")]
        assert (rsvp, said, unheard) == (read, [read] * 2, [not read] * 2)
    assert len(seen) == 2


def test_every_word_of_a_mail_is_marked_for_translation() -> None:
    """What is left without tags and placeholders is punctuation and our own name."""
    for path in sorted(TEMPLATES.rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        for pattern in (r"<style>.*?</style>", r"{#.*?#}", r"{%.*?%}", r"{{.*?}}", r"<[^>]*>"):
            text = re.sub(pattern, " ", text, flags=re.S)
        words = set(re.findall(r"[A-Za-z]+", text)) - {"mockint", "nbsp"}
        assert words == set(), path.relative_to(TEMPLATES)


def test_ical_js_reads_every_calendar_object() -> None:
    files = sorted(GOLDEN.glob("*.ics"))
    assert len(files) == 14
    for file, seen in zip(files, as_seen_by_ical_js(files), strict=True):
        side = file.stem.rsplit("-", 1)[1]
        cancelled = file.name.startswith(("cancellation", "replaced"))
        email = (people.SANJANA if side == "candidate" else people.JONAS).email
        assert seen["method"] == ("CANCEL" if cancelled else "REQUEST")
        assert seen["status"] == ("CANCELLED" if cancelled else "CONFIRMED")
        assert seen["uid"] == "0b7e4f6a-9c1d-4a53-8f2e-6d1c5b3a9e70@mock.harbour.example"
        assert seen["sequence"] == (0 if file.name.startswith("invitation") else 1)
        assert (seen["start"], seen["end"], seen["utc"]) == (
            "2026-11-26T13:00:00.000Z",
            "2026-11-26T14:00:00.000Z",
            True,
        )
        assert seen["organizer"] == f"mailto:mockint+{TOKENS[side]}@mock.harbour.example"
        assert seen["attendees"] == [
            {
                "address": f"mailto:{email}",
                "rsvp": None if cancelled else "FALSE",
                "partstat": "NEEDS-ACTION",
                "role": "REQ-PARTICIPANT",
                "cutype": "INDIVIDUAL",
            }
        ]
        assert seen["components"] == 1
        assert seen["alarms"] == 0
