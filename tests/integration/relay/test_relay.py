"""What the outbox owes arrives as it should, or no longer leaves."""

from __future__ import annotations

import pytest

from mockint.db import db, transaction
from mockint.models import Booking, Feedback, Heartbeat, Person
from mockint.services import booking as booking_service
from mockint.services import holds
from mockint.services.matching import Wanted
from tests import factories, people
from tests.support.owed import (
    CALENDAR,
    HOUR,
    MINUTE,
    NOW,
    START,
    Sweep,
    event_of,
    ics_of,
    rows,
    states,
)
from tests.support.smtp import MailServer

pytestmark = pytest.mark.usefixtures("db_session")


# What arrives


def test_both_sides_are_invited_each_by_their_own_mail(
    booking: Booking, sanjana: Person, jonas: Person, smtp: MailServer, sweep: Sweep
) -> None:
    done = sweep(NOW)
    assert (done.sent, done.failed, done.dead, done.trouble) == (2, 0, 0, "")
    assert [post.recipients for post in smtp.posts] == [[sanjana.email], [jonas.email]]
    organizers = set()
    for post, other in zip(smtp.posts, (jonas, sanjana), strict=True):
        message = post.message
        assert event_of(message) == ("REQUEST", booking.uid, 0)
        assert other.email.encode() not in post.raw
        event = ics_of(message).events[0]
        assert [str(a) for a in event.attendees] == [f"mailto:{post.recipients[0]}"]
        assert event.attendees[0].params["RSVP"] == "FALSE"
        organizers.add(str(event["ORGANIZER"]))
        host = str(message["From"]).rpartition("@")[2].rstrip(">")
        assert str(event["ORGANIZER"]).endswith(f"@{host}")
        assert post.sender.startswith("mockint+bounce-")
    assert len(organizers) == 2
    assert {row.state for row in rows("reminder", "feedback-nudge")} == {"pending"}
    beat = db.session.get(Heartbeat, "sweep")
    assert beat is not None
    assert beat.at == NOW


def test_the_message_has_the_shape_calendars_expect(
    booking: Booking, smtp: MailServer, sweep: Sweep
) -> None:
    sweep(NOW)
    message = smtp.messages[0]
    shape = [part.get_content_type() for part in message.walk()]
    assert shape == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    inline, attached = list(message.walk())[4:]
    assert inline["Content-Disposition"] is None
    assert inline["Content-Transfer-Encoding"] == "base64"
    assert inline["Content-Type"].params["method"] == "REQUEST"
    assert inline["Content-Type"].params["charset"] == "utf-8"
    assert attached.get_content_disposition() == "attachment"
    assert attached.get_filename() == "invite.ics"
    assert attached.get_content().decode() == inline.get_content()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    assert message["In-Reply-To"] is None
    row = rows("invitation")[0]
    assert row.message_id == message["Message-ID"]
    assert booking.uid.partition("@")[0] in row.message_id
    assert (row.state, row.sent_at, row.attempts) == ("sent", NOW, 1)
    assert row.subject == message["Subject"]


def test_a_move_and_a_cancellation_follow_the_first_mail(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    sweep(NOW)
    later = NOW + MINUTE
    booking_service.reschedule(
        booking.id, by=sanjana.id, side="candidate", new_start=START + HOUR, now=later
    )
    sweep(later)
    booking_service.cancel(
        booking.id, by=sanjana.id, side="candidate", reason="Travel", now=later + MINUTE
    )
    sweep(later + MINUTE)
    mails = smtp.to(sanjana.email)
    assert [event_of(mail) for mail in mails] == [
        ("REQUEST", booking.uid, 0),
        ("REQUEST", booking.uid, 1),
        ("CANCEL", booking.uid, 2),
    ]
    first = mails[0]["Message-ID"]
    assert [mail["In-Reply-To"] for mail in mails] == [None, first, first]
    assert [mail["References"] for mail in mails] == [None, first, first]
    assert len({mail["Message-ID"] for mail in mails}) == 3
    assert len({str(ics_of(mail).events[0]["ORGANIZER"]) for mail in mails}) == 1
    stamps = [ics_of(mail).events[0].stamp for mail in mails]
    assert stamps == sorted(stamps)
    assert len(set(stamps)) == 3
    assert mails[1]["Subject"].startswith("Rescheduled:")
    assert mails[2]["Subject"].startswith("Cancelled:")
    assert set(states("reminder", "feedback-nudge", "rate-interviewer")) == {"suppressed"}


# What became obsolete


def test_a_move_before_the_first_mail_left_is_one_invitation(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    booking_service.reschedule(
        booking.id, by=sanjana.id, side="candidate", new_start=START + HOUR, now=NOW
    )
    sweep(NOW)
    mails = smtp.to(sanjana.email)
    assert [event_of(mail) for mail in mails] == [("REQUEST", booking.uid, 1)]
    assert mails[0]["Subject"].startswith("Booked:")
    assert {row.reason for row in rows("invitation")} == {"superseded by a later change"}


def test_what_was_cancelled_before_it_was_told_is_not_told(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    booking_service.cancel(booking.id, by=sanjana.id, side="candidate", reason="Mistake", now=NOW)
    sweep(NOW)
    assert smtp.posts == []
    assert set(states(*CALENDAR)) == {"suppressed"}


def test_reminders_go_out_once_and_only_before_the_start(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    sweep(NOW)
    sweep(START - 24 * HOUR)
    sweep(START - 24 * HOUR + MINUTE)
    mails = smtp.to(sanjana.email)[1:]
    assert [mail["Subject"].partition(":")[0] for mail in mails] == ["In 24 hours"]
    assert mails[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    sweep(START)
    assert len(smtp.to(sanjana.email)) == 2
    late = [row for row in rows("reminder") if row.payload["offset_min"] == 60]
    assert {row.reason for row in late} == {"the interview has begun"}


def test_after_an_outage_a_person_gets_one_reminder(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    sweep(NOW)
    done = sweep(START - 40 * MINUTE)
    mails = smtp.to(sanjana.email)[1:]
    assert [mail["Subject"].partition(":")[0] for mail in mails] == ["In 40 minutes"]
    assert (done.sent, done.suppressed) == (2, 2)


def test_who_switched_reminders_off_gets_none(
    booking: Booking, sanjana: Person, jonas: Person, smtp: MailServer, sweep: Sweep
) -> None:
    sweep(NOW)
    with transaction():
        sanjana.wants_reminders = False
    sweep(START - 24 * HOUR)
    assert [post.recipients for post in smtp.posts[2:]] == [[jonas.email]]


def test_nudges_for_several_interviews_are_one_mail(
    booking: Booking, jonas: Person, smtp: MailServer, sweep: Sweep
) -> None:
    other = factories.candidate(people.ROBIN, now=NOW)
    wanted = Wanted("coding", "mid", 60, START + HOUR, jonas.id)
    held = holds.hold(other.id, wanted, now=NOW)
    booking_service.confirm(held.id, candidate_id=other.id, now=NOW)
    sweep(NOW)
    before = len(smtp.to(jonas.email))
    sweep(START + 4 * HOUR)
    mails = smtp.to(jonas.email)[before:]
    assert [mail["Subject"] for mail in mails] == ["Write your feedback while it is fresh"]
    body = mails[0].get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Sanjana" in text
    assert "Robin" in text


def test_submitted_feedback_ends_the_nudges(
    booking: Booking, jonas: Person, smtp: MailServer, sweep: Sweep
) -> None:
    from mockint.services import rubric

    end = START + HOUR
    published = rubric.publish_default(now=NOW)
    with transaction():
        db.session.add(
            Feedback(
                booking_id=booking.id, author_id=jonas.id, rubric_set_id=published.id,
                state="submitted", created_at=end, updated_at=end, submitted_at=end,
            )
        )  # fmt: skip
    sweep(NOW)
    sent = len(smtp.to(jonas.email))
    sweep(end + 6 * MINUTE)
    sweep(end + 25 * HOUR)
    assert len(smtp.to(jonas.email)) == sent
    assert "the feedback is submitted" in {row.reason for row in rows("feedback-late")}
