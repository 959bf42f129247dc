"""Every mail and calendar object, word for word, against files that people read in review.

UPDATE_GOLDEN=1 writes them anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mockint.adapters.mailer import TEMPLATES
from mockint.db import db, transaction
from mockint.models import (
    Booking,
    CommunitySetting,
    Feedback,
    Invitation,
    KeptMail,
    OutboxMessage,
    Person,
    RubricSet,
    SlotRequest,
)
from mockint.services import invitation, mail, outbox, relay
from mockint.services.kept import KeepTransport
from mockint.settings import Settings, activate
from tests import factories, people
from tests.support.ics import as_seen_by_ical_js

sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)

GOLDEN = Path(__file__).parents[1] / "golden"
UPDATE = "UPDATE_GOLDEN" in os.environ
NOW = datetime(2026, 11, 23, 9, 36, tzinfo=UTC)
START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TOKENS = {"candidate": "aqx5tq7jz2k4w6bn", "interviewer": "mf3vd6h2yr7pcl5s"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, base_url="https://mock.harbour.example", mail_from="")


@pytest.fixture
def harbour(app: Flask, settings: Settings) -> Any:
    """A community with a name, a contact, and two people about to meet."""
    activate(settings)
    with app.app_context():
        with transaction():
            for name, value in (("name", "Harbour Circle"), ("contact", "team@harbour.example")):
                db.session.add(CommunitySetting(name=name, value=value, updated_at=NOW))
        yield
        db.session.rollback()


def booked(**changes: Any) -> Booking:
    """Sanjana and Jonas, with the identifiers of the golden files."""
    candidate = factories.candidate(now=NOW)
    interviewer = factories.interviewer(now=NOW)
    made = factories.booking(candidate, interviewer, start=START, now=NOW)
    with transaction():
        made.uid = "0b7e4f6a-9c1d-4a53-8f2e-6d1c5b3a9e70@mock.harbour.example"
        made.reason = "Interviews for mid level, and has room this month."
        for name, value in changes.items():
            setattr(made, name, value)
    return made


def told(booking: Booking) -> None:
    """Both sides have their invitation."""
    with transaction():
        for side, token in TOKENS.items():
            person = invitation.recipient_of(booking, side)
            mark = "c" if side == "candidate" else "i"
            db.session.add(
                Invitation(
                    booking_id=booking.id,
                    side=side,
                    person_id=person.id,
                    attendee=person.email,
                    organizer=f"mockint+{token}@mock.harbour.example",
                    token=token,
                    first_message_id=f"<first-{mark}@mock.harbour.example>",
                    sent_sequence=0,
                )
            )


def owe(kind: str, person: Person | None = None, **values: Any) -> None:
    now = values.pop("now", NOW)
    with transaction():
        outbox.record(
            key=values.pop("key", f"test:{kind}:{values.get('side')}"),
            kind=kind,
            person_id=person.id if person else None,
            due_at=now,
            now=now,
            **values,
        )
        row = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert row is not None
        row.message_id = f"<{kind}-{row.side or 'account'}@mock.harbour.example>"


def owe_both(kind: str, booking: Booking, *sides: str, **values: Any) -> None:
    for side in sides or ("candidate", "interviewer"):
        person = invitation.recipient_of(booking, side)
        owe(kind, person, booking_id=booking.id, side=side, sequence=booking.sequence, **values)


def scene_invitation() -> datetime:
    booking = booked()
    told(booking)
    with transaction():
        for row in db.session.scalars(select(Invitation)):
            row.first_message_id, row.sent_sequence = "", None
    owe_both("invitation", booking)
    return NOW


def scene_update() -> datetime:
    booking = booked(sequence=1, updated_at=NOW + HOUR)
    told(booking)
    old = {
        "old_start": (START - 24 * HOUR).isoformat(),
        "old_end": (START - 23 * HOUR).isoformat(),
    }
    owe_both("update", booking, payload=old)
    return NOW + HOUR


def scene_update_link() -> datetime:
    booking = booked(sequence=1, meeting_link="https://meet.example/elsewhere")
    told(booking)
    owe_both("update", booking, payload={"link": True})
    return NOW + HOUR


def scene_cancellation() -> datetime:
    booking = booked(
        state="cancelled",
        sequence=1,
        cancelled_side="candidate",
        cancel_reason="I have to travel that day. Sorry for the short notice.",
        updated_at=NOW + HOUR,
    )
    told(booking)
    owe_both("cancellation", booking)
    return NOW + HOUR


def scene_reminder() -> datetime:
    booking = booked()
    told(booking)
    owe_both("reminder", booking, payload={"offset_min": 60}, now=START - HOUR)
    return START - HOUR


def scene_rate() -> datetime:
    booking = booked()
    told(booking)
    owe_both("rate-interviewer", booking, "candidate", now=START + 65 * MINUTE)
    return START + 65 * MINUTE


def scene_nudge() -> datetime:
    booking = booked()
    told(booking)
    owe_both("feedback-nudge", booking, "interviewer", payload={"nth": 1}, now=START + 65 * MINUTE)
    return START + 65 * MINUTE


def scene_nudge_late() -> datetime:
    booking = booked()
    told(booking)
    other = factories.candidate(people.ROBIN, now=NOW)
    factories.booking(other, booking.interviewer, start=START - 3 * HOUR, now=NOW)
    owe_both("feedback-nudge", booking, "interviewer", payload={"nth": 5}, now=START + 25 * HOUR)
    return START + 25 * HOUR


def scene_late() -> datetime:
    booking = booked()
    told(booking)
    owe_both("feedback-late", booking, "candidate", now=START + 25 * HOUR)
    return START + 25 * HOUR


def scene_ready() -> datetime:
    booking = booked()
    told(booking)
    at = START + 5 * HOUR
    with transaction():
        rubric = RubricSet(
            key="test", version="1.0.0", content={}, content_hash="", published_at=NOW
        )
        db.session.add(rubric)
        db.session.flush()
        db.session.add(
            Feedback(
                booking_id=booking.id,
                author_id=booking.interviewer_id,
                rubric_set_id=rubric.id,
                state="released",
                created_at=at,
                updated_at=at,
                released_at=at,
            )
        )
    owe_both("feedback-ready", booking, "candidate", now=at)
    return at


def scene_time_opened() -> datetime:
    candidate = factories.candidate(now=NOW)
    with transaction():
        request = SlotRequest(
            candidate_id=candidate.id,
            track="ml_system_design",
            level="mid",
            duration_min=60,
            created_at=NOW,
        )
        db.session.add(request)
        db.session.flush()
    path = "/book?track=ml_system_design&level=mid&length=60"
    owe("time-opened", candidate, payload={"request_id": request.id, "path": path})
    return NOW


LINKS = {
    "confirm-address": "/confirm/",
    "login-link": "/login/",
    "reset-password": "/reset/",
    "change-address": "/account/email/",
}


def scene_account(kind: str) -> Callable[[], datetime]:
    def scene() -> datetime:
        person = factories.candidate(now=NOW)
        address = {"change-address": "new@people.example", "address-changed": "old@people.example"}
        payload = {"link": f"{LINKS[kind]}k3Vq9sT0mZ"} if kind in LINKS else {}
        owe(kind, person, payload=payload, address=address.get(kind, ""))
        return NOW

    return scene


def scene_login_known() -> datetime:
    person = factories.candidate(now=NOW)
    owe("login-link", person, payload={"link": "/login/k3Vq9sT0mZ", "known": True})
    return NOW


def scene_volunteer(state: str) -> Callable[[], datetime]:
    def scene() -> datetime:
        person = factories.interviewer(state=state, now=NOW)
        assert person.interviewer is not None
        with transaction():
            if state in ("returned", "declined"):
                person.interviewer.note = "Which tracks have you interviewed for before?"
        owe("volunteer-received" if state == "applied" else f"volunteer-{state}", person)
        return NOW

    return scene


def scene_volunteer_invited() -> datetime:
    owe("volunteer-invited", address="wren@people.example", payload={"link": "/invited/k3Vq9sT0mZ"})
    return NOW


SCENES: dict[str, Callable[[], datetime]] = {
    "invitation": scene_invitation,
    "update": scene_update,
    "update-link": scene_update_link,
    "cancellation": scene_cancellation,
    "reminder": scene_reminder,
    "rate-interviewer": scene_rate,
    "feedback-nudge": scene_nudge,
    "feedback-nudge-late": scene_nudge_late,
    "feedback-late": scene_late,
    "feedback-ready": scene_ready,
    "time-opened": scene_time_opened,
    **{kind: scene_account(kind) for kind in (*LINKS, "address-changed", "password-changed")},
    "login-link-known": scene_login_known,
    "volunteer-received": scene_volunteer("applied"),
    "volunteer-approved": scene_volunteer("approved"),
    "volunteer-returned": scene_volunteer("returned"),
    "volunteer-declined": scene_volunteer("declined"),
    "volunteer-invited": scene_volunteer_invited,
}


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
    done = relay.sweep(now=now, transport=KeepTransport())
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
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
    assert len(files) == 8
    for file, seen in zip(files, as_seen_by_ical_js(files), strict=True):
        side = file.stem.rsplit("-", 1)[1]
        cancelled = file.name.startswith("cancellation")
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
