"""Invitations as they leave by SMTP, answered by what stands in them; bounces by their envelope."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar, Event

from mockint.adapters.smtp import SmtpTransport
from mockint.db import db
from mockint.models import Booking, Person
from mockint.services import booking as booking_service
from mockint.services import holds, invitation, relay, replies
from mockint.services.matching import Wanted
from tests.support.letters import NOW, START
from tests.support.replies import Said, bounce, gmail
from tests.support.smtp import MailServer, Post

MINUTE = timedelta(minutes=1)
SIDES = {"candidate": "sanjana@people.example", "interviewer": "jonas@people.example"}


@pytest.fixture
def booked(smtp: MailServer, sanjana: Person, jonas: Person) -> Booking:
    """Booked through the front door, and both invitations have left."""
    held = holds.hold(sanjana.id, Wanted("coding", "mid", 60, START, jonas.id), now=NOW)
    booking_service.confirm(held.id, candidate_id=sanjana.id, now=NOW)
    sweep(smtp, 0)
    return db.session.get_one(Booking, held.id)


def sweep(smtp: MailServer, minutes: int) -> None:
    relay.sweep(now=NOW + minutes * MINUTE, transport=SmtpTransport(smtp.url))


def posted(smtp: MailServer, side: str) -> Post:
    """The last mail to this side."""
    return [post for post in smtp.posts if SIDES[side] in post.recipients][-1]


def event_of(post: Post) -> Event:
    parts = [one for one in post.message.walk() if one.get_content_type() == "text/calendar"]
    return Calendar.from_ical(parts[0].get_content()).events[0]


def answered(event: Event, partstat: str, minutes: int) -> bytes:
    """What a calendar sends back, made of nothing but the invitation."""
    attendee = event.attendees[0]
    said = Said(
        uid=str(event["UID"]),
        organizer=str(event["ORGANIZER"]).removeprefix("mailto:"),
        attendee=str(attendee).removeprefix("mailto:"),
        start=event.start,
        end=event.end,
        stamp=NOW + minutes * MINUTE,
        sequence=int(event["SEQUENCE"]),
        partstat=partstat,
    )
    return gmail(said)


def known(booking: Booking) -> dict[str, str]:
    found = {side: invitation.find(booking, side) for side in SIDES}
    for told in found.values():
        db.session.refresh(told)
    return {side: told.partstat for side, told in found.items() if told is not None}


def test_both_answer_their_invitations_and_the_next_ones(booked: Booking, smtp: MailServer) -> None:
    for side in SIDES:
        event = event_of(posted(smtp, side))
        assert event.attendees[0].params["RSVP"] == "TRUE"
        raw = answered(event, "ACCEPTED", 1)
        assert replies.ingest(raw, now=NOW + 2 * MINUTE).outcome == "applied"
    assert known(booked) == {"candidate": "ACCEPTED", "interviewer": "ACCEPTED"}
    sweep(smtp, 3)
    assert len(smtp.posts) == 2  # nobody gets a mail for having answered
    booking_service.reschedule(
        booked.id,
        by=booked.candidate_id,
        side="candidate",
        new_start=START + timedelta(days=1),
        now=NOW + 4 * MINUTE,
    )
    sweep(smtp, 5)
    event = event_of(posted(smtp, "interviewer"))
    assert event.attendees[0].params["PARTSTAT"] == "NEEDS-ACTION"
    done = replies.ingest(answered(event, "DECLINED", 6), now=NOW + 7 * MINUTE)
    assert (done.outcome, done.booking) == ("applied", booked.uid)
    assert known(booked) == {"candidate": "NEEDS-ACTION", "interviewer": "DECLINED"}
    sweep(smtp, 8)
    told = posted(smtp, "candidate").message
    assert str(told["Subject"]).strip().startswith("Jonas cannot come:")
    assert "calendar" not in {part.get_content_subtype() for part in told.walk()}


def test_an_answer_before_the_update_has_left(booked: Booking, smtp: MailServer) -> None:
    """The invitation was answered while the move was being made: too old, whoever is faster."""
    raw = answered(event_of(posted(smtp, "candidate")), "ACCEPTED", 1)
    booking_service.reschedule(
        booked.id,
        by=booked.interviewer_id,
        side="interviewer",
        new_start=START + timedelta(days=1),
        now=NOW + MINUTE,
    )
    assert replies.ingest(raw, now=NOW + 2 * MINUTE).outcome == "ignored"
    assert known(booked)["candidate"] == "NEEDS-ACTION"


def test_what_comes_back_names_its_mail_by_the_envelope(booked: Booking, smtp: MailServer) -> None:
    post = posted(smtp, "interviewer")
    raw = bounce(post.sender, post.raw.decode(), attendee=SIDES["interviewer"])
    done = replies.ingest(raw, now=NOW + MINUTE)
    assert (done.outcome, done.attendee) == ("bounce", "interviewer")
    assert known(booked)["interviewer"] == "NEEDS-ACTION"
    person = db.session.get_one(Person, booked.interviewer_id)
    assert person.undeliverable_at == NOW + MINUTE
