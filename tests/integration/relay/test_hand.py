"""What a living worker has in hand stays its own, and is marked soon, however slow a server is."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select

from mockint.adapters.smtp import SmtpTransport
from mockint.db import db, transaction
from mockint.domain.community import Community
from mockint.models import Booking, Invitation, Person
from mockint.services import hand, outbox, owed, relay
from tests import factories
from tests.support.counting import statements
from tests.support.owed import HOUR, NOW, START, Sweep, owe, rows, states
from tests.support.smtp import MailServer

pytestmark = pytest.mark.usefixtures("db_session")

LEASE_S = 2.0
PATIENCE_S = 20.0


class SlowServer:
    """The mail server takes the message to `address` only when `go` is set."""

    def __init__(self, smtp: MailServer, address: str) -> None:
        self.came, self.go = threading.Event(), threading.Event()
        take = smtp.handle_DATA

        async def slowly(server: SMTP, session: Session, envelope: Envelope) -> str:
            if address in envelope.rcpt_tos:
                self.came.set()
                while not self.go.is_set():
                    await asyncio.sleep(0.05)
            return await take(server, session, envelope)

        smtp.handle_DATA = slowly  # type: ignore[method-assign]  # a slow server


@pytest.fixture
def slow(
    app: Flask, booking: Booking, jonas: Person, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SlowServer]:
    """A sweep of another thread that has sent the candidate's mail and talks about the other."""
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=LEASE_S))
    monkeypatch.setattr(hand, "RENEW_S", LEASE_S / 8)
    server = SlowServer(smtp, jonas.email)

    def work() -> None:
        with app.app_context():
            relay.sweep(now=NOW, transport=SmtpTransport(smtp.url))

    thread = threading.Thread(target=work)
    thread.start()
    assert server.came.wait(PATIENCE_S)
    yield server
    server.go.set()
    thread.join()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_left_is_marked_while_the_next_conversation_drags_on(slow: SlowServer) -> None:
    until(lambda: states("invitation") == ["sent", "sending"])
    told = {one.side: one.sent_sequence for one in db.session.scalars(select(Invitation))}
    assert told == {"candidate": 0, "interviewer": None}


def test_no_slow_server_makes_a_mail_go_twice(
    slow: SlowServer, smtp: MailServer, sweep: Sweep
) -> None:
    began = time.monotonic()
    while (passed := time.monotonic() - began) < 2 * LEASE_S:
        assert sweep(NOW + timedelta(seconds=passed)).sent == 0
        time.sleep(0.1)
    slow.go.set()
    until(lambda: states("invitation") == ["sent", "sent"])
    assert len(smtp.posts) == 2


def test_what_is_renewed_no_more_is_free_when_its_lease_ends(
    slow: SlowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand, "RENEW_S", 1e9)
    until(lambda: states("invitation") == ["sent", "sending"])
    taken = outbox.claim([rows("invitation")[1].id], now=NOW + timedelta(seconds=3 * LEASE_S))
    assert [row.attempts for row in taken] == [2]
    slow.go.set()


def test_a_worker_that_lost_its_rows_marks_none_of_them(booking: Booking, sweep: Sweep) -> None:
    first, second = rows("invitation")
    outbox.claim([first.id, second.id], now=NOW)
    outbox.claim([first.id], now=NOW + outbox.LEASE)
    with hand.Hand(lambda: NOW) as late:
        for row in (first, second):
            late.sent(outbox.Left(row.id, 1, NOW, "Booked", {}))
        late.settle()
    assert states("invitation") == ["sending", "sent"]


def test_ten_invitations_take_no_more_statements_than_two(
    jonas: Person, smtp: MailServer, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand, "MARK_S", 60)  # a busy machine would have some marked early
    counts: list[int] = []
    for bookings in (1, 5):
        for number in range(bookings):
            candidate = factories.candidate(email=f"{bookings}-{number}@people.example", now=NOW)
            start = START + HOUR * (len(counts) * 10 + number)
            made = factories.booking(candidate, jonas, start=start, now=NOW)
            with transaction():
                owed.invitation(made, community=Community(), now=NOW)
        with statements() as sent:
            assert sweep(NOW).sent == 2 * bookings
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_only_what_a_dead_worker_had_goes_alone(
    sanjana: Person, smtp: MailServer, sweep: Sweep
) -> None:
    for number in range(5):
        owe("confirm-address", sanjana, f"test:{number}")
    smtp.fail("451 Try later", times=5)
    assert sweep(NOW).failed == 5
    later = max(row.next_try_at for row in rows())
    with statements() as together:
        assert sweep(later).sent == 5
    for number in range(5, 10):
        owe("confirm-address", sanjana, f"test:{number}", due_at=later)
    outbox.claim([row.id for row in rows()], now=later)
    with statements() as alone:
        assert sweep(later + outbox.LEASE).sent == 5
    assert len(together) < len(alone) / 2
