"""What fails keeps nothing else from leaving, is tried for as long as it is of use, and is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from mockint import settings as settings_module
from mockint.adapters import smtp as smtp_adapter
from mockint.adapters.smtp import SmtpTransport
from mockint.db import db, transaction
from mockint.models import Heartbeat, OutboxMessage, Person
from mockint.services import outbox, relay
from tests import factories
from tests.support.faulty_smtp import STALL, FaultyServer, faulty
from tests.support.smtp import MailServer

pytestmark = pytest.mark.usefixtures("db_session")

NOW = datetime(2026, 11, 23, 9, 36, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sanjana() -> Person:
    return factories.candidate(now=NOW)


def owe(
    person: Person, key: str, *, kind: str = "address-changed", address: str = "", **payload: object
) -> None:
    with transaction():
        outbox.record(
            key=key, kind=kind, person_id=person.id, address=address, due_at=NOW, now=NOW,
            payload=payload,
        )  # fmt: skip


def row(key: str) -> OutboxMessage:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.key == key)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def sweep(url: str, now: datetime = NOW) -> relay.Swept:
    return relay.sweep(now=now, transport=SmtpTransport(url))


def test_an_expired_password_kills_no_mail(sanjana: Person) -> None:
    for number in range(5):
        owe(sanjana, f"mail-{number}")
    plan = FaultyServer("MAIL", "530 5.7.0 Authentication required")
    with faulty(plan):
        done = sweep(plan.url)
        assert (done.failed, done.dead) == (1, 0)
        assert "takes nothing from us: 530" in done.trouble
        beat = db.session.get_one(Heartbeat, "sweep", populate_existing=True)
        assert (beat.trouble, beat.failures) == (done.trouble, 1)
        assert [row(f"mail-{n}").attempts for n in range(5)] == [1, 0, 0, 0, 0]
        plan.times = 0
        assert sweep(plan.url, NOW + 2 * MINUTE).sent == 5
    beat = db.session.get_one(Heartbeat, "sweep", populate_existing=True)
    assert (beat.trouble, beat.failures, beat.runs) == ("", 1, 2)


def test_nothing_to_send_says_nothing_about_the_server(smtp: MailServer) -> None:
    relay.beat("sweep", now=NOW, trouble="the mail server cannot be used")
    sweep(smtp.url)
    beat = db.session.get_one(Heartbeat, "sweep", populate_existing=True)
    assert beat.trouble == "the mail server cannot be used"


def test_poison_dies_after_eight_tries_and_delays_nobody(sanjana: Person, smtp: MailServer) -> None:
    owe(sanjana, "unknown", kind="no-such-kind")
    owe(sanjana, "unrenderable", kind="time-opened", request_id="no number")
    owe(sanjana, "header", address="two\r\nBcc: all@people.example")
    owe(sanjana, "large", note="x" * 10_000_000)
    for number in range(30):
        owe(sanjana, f"good-{number}")
    done = sweep(smtp.url)
    assert done.sent == 31
    assert [row(f"good-{n}").attempts for n in range(30)] == [1] * 30
    bad = ("unknown", "unrenderable", "header")
    now = NOW
    for number in range(2, 9):
        assert [row(key).state for key in bad] == ["pending"] * 3
        now = max(row(key).next_try_at for key in bad)
        sweep(smtp.url, now)
        assert [row(key).attempts for key in bad] == [number] * 3
    assert [row(key).state for key in bad] == ["dead"] * 3
    assert all(row(key).reason.startswith("it cannot be made") for key in bad)
    assert all(row(key).next_try_at == now for key in bad)


def test_a_row_whose_worker_ends_every_time_is_given_up(sanjana: Person, smtp: MailServer) -> None:
    owe(sanjana, "deadly")
    now = NOW
    for _ in range(24):
        assert len(outbox.claim([row("deadly").id], now=now)) == 1
        now += outbox.LEASE
    assert sweep(smtp.url, now).dead == 1
    assert "its worker ended every time" in row("deadly").reason


def test_a_slow_recipient_costs_one_conversation(
    sanjana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_adapter, "TALK_SECONDS", 1.0)
    for number in range(4):
        owe(sanjana, f"mail-{number}")
    with faulty(FaultyServer("RCPT", STALL, times=1)) as server:
        done = sweep(server.url)
    assert (done.sent, done.failed, done.trouble) == (3, 1, "")
    assert "no answer in time" in row("mail-0").reason


def test_what_failed_goes_after_what_was_never_tried(sanjana: Person, smtp: MailServer) -> None:
    owe(sanjana, "first")
    smtp.fail("451 Try later")
    sweep(smtp.url)
    owe(sanjana, "second")
    found = outbox.due(now=row("first").next_try_at, most=10)
    assert [(one.id, one.tried) for one in found] == [
        (row("second").id, False), (row("first").id, True),
    ]  # fmt: skip


@pytest.mark.parametrize(("scale", "longest"), [(0.0, 0), (0.01, 48)])
def test_pauses_are_scaled(
    app: Flask, sanjana: Person, smtp: MailServer, scale: float, longest: float
) -> None:
    settings_module.activate(replace(app.extensions["mockint"], retry_scale=scale))
    owe(sanjana, "mail")
    smtp.fail("451 Try later", times=8)
    now = NOW
    for _ in range(8):
        done = sweep(smtp.url, now)
        pause = row("mail").next_try_at - now
        assert pause.total_seconds() <= longest + done.seconds
        now = row("mail").next_try_at
    assert row("mail").attempts == 8


def test_a_mail_without_an_end_is_given_up_after_three_days(
    sanjana: Person, smtp: MailServer
) -> None:
    owe(sanjana, "mail")
    smtp.fail("451 Try later", times=3)
    sweep(smtp.url)
    sweep(smtp.url, NOW + timedelta(hours=71))
    assert row("mail").state == "pending"
    sweep(smtp.url, NOW + timedelta(hours=73))
    assert (row("mail").state, row("mail").reason) == ("dead", "451 Try later")


def test_one_sweep_takes_more_than_it_looks_up_at_once(
    sanjana: Person, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MOST", 3)
    monkeypatch.setattr(relay, "BATCH", 2)
    for number in range(8):
        owe(sanjana, f"mail-{number}")
    done = sweep(smtp.url)
    assert (done.sent, done.more) == (8, False)
    for number in range(8, 12):
        owe(sanjana, f"mail-{number}")
    monkeypatch.setattr(relay, "SWEEP_SECONDS", -1.0)
    done = sweep(smtp.url)
    assert (done.sent, done.more) == (0, True)
    assert [row(f"mail-{n}").attempts for n in range(8, 12)] == [0] * 4
