"""What the outbox owes leaves once in effect, whatever the mail server and the workers do."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from mockint.adapters.smtp import SmtpTransport
from mockint.db import db
from mockint.domain.errors import Conflict, NotYours
from mockint.models import AuditEntry, Booking, Person
from mockint.services import booking as booking_service
from mockint.services import outbox, relay
from tests import factories
from tests.support.owed import HOUR, MINUTE, NOW, START, Sweep, event_of, owe, rows, states
from tests.support.smtp import DROP, DROP_AFTER_TAKING, MailServer

pytestmark = pytest.mark.usefixtures("db_session")


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
    assert sweep(NOW + outbox.LEASE / 2).sent == 1
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
