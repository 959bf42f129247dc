"""What the outbox owes leaves once in effect, whatever the mail server and the workers do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from mockint.adapters.smtp import SmtpTransport
from mockint.db import db, transaction
from mockint.domain.errors import Conflict, NotYours
from mockint.models import AuditEntry, Booking, Feedback, Heartbeat, OutboxMessage, Person
from mockint.services import booking as booking_service
from mockint.services import holds, outbox, relay
from mockint.services.matching import Wanted
from tests import factories, people
from tests.support.smtp import DROP, DROP_AFTER_TAKING, MailServer

pytestmark = pytest.mark.usefixtures("db_session")

NOW = datetime(2026, 11, 23, 9, 36, tzinfo=UTC)
START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CALENDAR = ("invitation", "update", "cancellation")


@pytest.fixture
def sanjana() -> Person:
    return factories.candidate(now=NOW)


@pytest.fixture
def jonas() -> Person:
    return factories.interviewer(now=NOW)


@pytest.fixture
def booking(sanjana: Person, jonas: Person) -> Booking:
    """Booked through the front door: hold and confirm."""
    wanted = Wanted("coding", "mid", 60, START, jonas.id)
    held = holds.hold(sanjana.id, wanted, now=NOW)
    return booking_service.confirm(held.id, candidate_id=sanjana.id, now=NOW)


@pytest.fixture
def sweep(smtp: MailServer) -> Callable[[datetime], relay.Swept]:
    def do(now: datetime) -> relay.Swept:
        return relay.sweep(now=now, transport=SmtpTransport(smtp.url))

    return do


Sweep = Callable[[datetime], relay.Swept]


def rows(*kinds: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    if kinds:
        query = query.where(OutboxMessage.kind.in_(kinds))
    db.session.rollback()
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def states(*kinds: str) -> list[str]:
    return [row.state for row in rows(*kinds)]


def owe(kind: str, person: Person, key: str, *, due_at: datetime = NOW, link: str = "/x") -> None:
    with transaction():
        outbox.record(
            key=key, kind=kind, person_id=person.id, due_at=due_at, now=due_at,
            payload={"link": link},
        )  # fmt: skip


def ics_of(message: EmailMessage) -> Calendar:
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return Calendar.from_ical(part.get_content())
    raise AssertionError("no calendar object")


def event_of(message: EmailMessage) -> tuple[str, str, int]:
    """Method, UID and SEQUENCE of a calendar mail."""
    calendar = ics_of(message)
    event = calendar.events[0]
    return str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"])


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


# What the mail server does


def test_a_mail_server_that_is_down_loses_nothing(
    booking: Booking, smtp: MailServer, sweep: Sweep
) -> None:
    smtp.stop()
    done = sweep(NOW)
    assert done.sent == 0
    assert "cannot be used" in done.trouble
    first = rows("invitation")[0]
    assert (first.state, first.attempts) == ("pending", 1)
    assert "mail server cannot be used" in first.reason
    assert NOW < first.next_try_at <= NOW + 2 * MINUTE
    smtp.start()
    assert sweep(NOW + 3 * MINUTE).sent == 2
    assert states("invitation") == ["sent", "sent"]
    assert len(smtp.posts) == 2


def test_a_server_that_says_later_is_asked_again_with_growing_pauses(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    smtp.refuse(sanjana.email, "451 Try later")
    now, pauses = NOW, []
    for _ in range(8):
        sweep(now)
        row = rows("invitation")[0]
        pauses.append(row.next_try_at - now)
        assert row.state == "pending"
        assert "451" in row.reason
        now = row.next_try_at
    assert pauses[0] < 2 * MINUTE
    assert pauses[-1] >= 48 * MINUTE
    assert max(pauses) <= HOUR
    assert states("invitation") == ["pending", "sent"]


def test_what_was_tried_in_vain_until_the_start_stays_visible(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    smtp.refuse(sanjana.email, "451 Try later")
    sweep(NOW)
    sweep(START)
    row = rows("invitation")[0]
    assert row.state == "dead"
    assert "the interview has begun" in row.reason
    assert "451" in row.reason


def test_a_refused_recipient_is_dead_at_once_and_blocks_nobody(
    booking: Booking, sanjana: Person, jonas: Person, smtp: MailServer, sweep: Sweep
) -> None:
    smtp.refuse(sanjana.email, "550 No such person")
    done = sweep(NOW)
    assert (done.sent, done.dead) == (1, 1)
    row = rows("invitation")[0]
    assert (row.state, row.reason) == ("dead", "550 No such person")
    assert len(smtp.to(jonas.email)) == 1


@pytest.mark.parametrize("accident", [DROP, DROP_AFTER_TAKING])
def test_a_broken_line_sends_the_same_again(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep, accident: str
) -> None:
    smtp.fail(accident)
    sweep(NOW)
    assert states("invitation") == ["pending", "sent"]
    sweep(NOW + 2 * MINUTE)
    mails = smtp.to(sanjana.email)
    assert len(mails) == (2 if accident == DROP_AFTER_TAKING else 1)
    assert len({mail["Message-ID"] for mail in mails}) == 1
    assert {event_of(mail) for mail in mails} == {("REQUEST", booking.uid, 0)}


def test_a_mail_that_cannot_be_made_is_given_up_after_eight_tries(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    owe("no-such-kind", sanjana, "test:poison", due_at=NOW - HOUR)
    now = NOW
    for number in range(1, 9):
        sweep(now)
        row = rows("no-such-kind")[0]
        assert row.attempts == number
        now = max(row.next_try_at, now)
    assert (row.state, row.reason) == ("dead", "it cannot be made: KeyError")
    assert states("invitation") == ["sent", "sent"]


# Workers


def test_a_dead_worker_leaves_a_lease_and_the_same_row_goes_out(
    booking: Booking, smtp: MailServer, sweep: Sweep
) -> None:
    row_id = rows("invitation")[0].id
    assert outbox.claim([row_id], now=NOW)
    assert not outbox.claim([row_id], now=NOW)
    assert sweep(NOW + MINUTE).sent == 1
    assert sweep(NOW + outbox.LEASE).sent == 1
    assert (rows("invitation")[0].state, rows("invitation")[0].attempts) == ("sent", 2)


def test_a_worker_that_lost_its_lease_cannot_settle_the_row(booking: Booking) -> None:
    (row,) = outbox.claim([rows("invitation")[0].id], now=NOW)
    (again,) = outbox.claim([row.id], now=NOW + outbox.LEASE)
    assert again.attempts == 2
    assert not outbox.mark(row.id, attempt=1, state="dead", reason="too slow")
    assert rows("invitation")[0].state == "sending"


def test_a_later_mail_waits_while_an_earlier_one_is_under_way(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    first = rows("invitation")[0]
    assert outbox.claim([first.id], now=NOW)
    booking_service.reschedule(
        booking.id, by=sanjana.id, side="candidate", new_start=START + HOUR, now=NOW
    )
    sweep(NOW)
    assert smtp.to(sanjana.email) == []
    sweep(NOW + outbox.LEASE)
    assert [event_of(mail)[2] for mail in smtp.to(sanjana.email)] == [1]


def test_sweeps_at_once_send_each_mail_once(app: Flask, smtp: MailServer, sanjana: Person) -> None:
    for number in range(12):
        owe("confirm-address", sanjana, f"test:{number}", link=f"/confirm/{number}")
    gate, errors = threading.Barrier(4), []

    def work() -> None:
        try:
            with app.app_context():
                gate.wait()
                relay.sweep(now=NOW, transport=SmtpTransport(smtp.url))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    sent = [message["Message-ID"] for message in smtp.messages]
    assert len(sent) == len(set(sent)) == 12
    assert set(states()) == {"sent"}


# Afterwards


def test_a_one_time_link_does_not_stay_behind(
    sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    owe("login-link", sanjana, "test:login", link="/login/secret")
    sweep(NOW)
    row = rows("login-link")[0]
    assert "/login/secret" in str(smtp.messages[0].get_body(("plain",)))
    assert row.payload == {"link_removed": True}
    with pytest.raises(Conflict):
        outbox.send_again(row.id, by=sanjana.id, now=NOW)


def test_a_link_that_ran_out_is_not_sent(sanjana: Person, smtp: MailServer, sweep: Sweep) -> None:
    owe("login-link", sanjana, "test:login")
    sweep(NOW + 11 * MINUTE)
    assert smtp.posts == []
    assert states("login-link") == ["suppressed"]


def test_send_again_is_the_same_row_with_the_same_message_id(
    booking: Booking, sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    amina = factories.organiser(now=NOW)
    sweep(NOW)
    row_id = rows("invitation")[0].id
    outbox.send_again(row_id, by=amina.id, now=NOW + MINUTE)
    sweep(NOW + MINUTE)
    first, again = smtp.to(sanjana.email)
    assert first["Message-ID"] == again["Message-ID"]
    assert event_of(first) == event_of(again)
    assert again["In-Reply-To"] is None
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.action == "mail.send_again"
    with pytest.raises(NotYours):
        outbox.send_again(10_000, by=amina.id, now=NOW)
