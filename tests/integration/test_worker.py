"""Background work for real: a worker's process over Redis, threads in one process, sudden death."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from mockint import clock
from mockint.db import db, transaction
from mockint.domain.community import Community
from mockint.models import ClockOffset, Heartbeat, KeptMail, OutboxMessage
from mockint.services import outbox, owed
from mockint.settings import Settings
from mockint.tasks import embedded, queue
from tests import factories
from tests.support.commands import running, until
from tests.support.servers import free_port
from tests.support.smtp import MailServer

pytestmark = pytest.mark.usefixtures("db_session")

PATIENCE_S = 40.0
SLOW_S = 3.0
"""How long a slow mail server takes."""
over_postgres = pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
over_sqlite = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


def owe_invitations() -> None:
    made = factories.booking(factories.candidate(), factories.interviewer())
    with transaction():
        owed.invitation(made, community=Community(), now=clock.now())


def owe_notice(key: str, *, in_s: float = 0) -> None:
    """Owe a mail that is due in so many seconds; only one that is due at once is announced."""
    person = factories.person(email=f"{key}@people.example")
    now = clock.now()
    with transaction():
        outbox.record(
            key=f"test:{key}", kind="password-changed", person_id=person.id,
            due_at=now + timedelta(seconds=in_s), now=now,
        )  # fmt: skip


def rows() -> list[OutboxMessage]:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.due_at <= clock.now())
    return list(
        db.session.scalars(
            query.order_by(OutboxMessage.id), execution_options={"populate_existing": True}
        )
    )


def states() -> list[str]:
    return [row.state for row in rows()]


def swept() -> bool:
    db.session.rollback()
    return db.session.get(Heartbeat, "sweep", populate_existing=True) is not None


def skip_the_lease() -> None:
    with transaction():
        seconds = int(outbox.LEASE.total_seconds()) + 60
        db.session.add(ClockOffset(id=1, seconds=seconds))


def identity(message: Any) -> tuple[str, str, int]:
    """Message-ID, UID, SEQUENCE."""
    part = next(p for p in message.walk() if p.get_content_type() == "text/calendar")
    event = Calendar.from_ical(part.get_content()).events[0]
    return str(message["Message-ID"]), str(event["UID"]), int(event["SEQUENCE"])


# Over Redis


@over_postgres
def test_a_commit_wakes_the_worker_through_redis(
    app: Flask, settings: Settings, smtp: MailServer, redis_url: str, tmp_path: Path
) -> None:
    with running(settings, tmp_path / "worker.log", "worker"):
        until(swept, "the worker has swept")
        started = time.monotonic()
        owe_invitations()
        until(lambda: len(smtp.posts) == 2, "both invitations arrived")
        assert time.monotonic() - started < queue.SWEEP_EVERY_S / 2
        until(lambda: states() == ["sent", "sent"], "both rows are settled")


@over_sqlite
def test_a_scheduler_wakes_the_worker_for_what_nobody_announced(
    app: Flask, settings: Settings, smtp: MailServer, redis_url: str, tmp_path: Path
) -> None:
    with (
        running(settings, tmp_path / "worker.log", "worker"),
        running(settings, tmp_path / "scheduler.log", "scheduler"),
    ):
        until(swept, "the worker has looked by itself, and will again in half a minute")
        started = time.monotonic()
        owe_notice("quiet", in_s=0.5)
        until(lambda: states() == ["sent"], "it left because the scheduler had somebody look")
        assert time.monotonic() - started < queue.SWEEP_EVERY_S / 2


@over_sqlite
def test_the_scheduler_ends_on_sigterm_while_redis_is_away(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    lonely = replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    log = tmp_path / "scheduler.log"
    with running(lonely, log, "scheduler") as process:
        until(lambda: "Connection refused" in log.read_text(), "it says that Redis is away")
        process.terminate()
        assert process.wait(10) == 0
    assert "Traceback" not in log.read_text()


@over_postgres
def test_sigterm_lets_the_mail_under_way_leave_and_takes_no_other(
    app: Flask, settings: Settings, smtp: MailServer, redis_url: str, tmp_path: Path
) -> None:
    taking = threading.Event()
    take = smtp.handle_DATA

    async def take_slowly(server: SMTP, session: Session, envelope: Envelope) -> str:
        taking.set()
        await asyncio.sleep(SLOW_S)
        return await take(server, session, envelope)

    smtp.handle_DATA = take_slowly  # type: ignore[method-assign]  # a slow server
    owe_invitations()
    with running(settings, tmp_path / "worker.log", "worker") as process:
        assert taking.wait(PATIENCE_S)
        process.terminate()
        assert process.wait(30) == 0
    assert states() == ["sent", "pending"]
    assert len(smtp.posts) == 1


@over_sqlite
def test_the_worker_works_on_while_redis_is_away(
    app: Flask, settings: Settings, smtp: MailServer, tmp_path: Path
) -> None:
    owe_invitations()
    lonely = replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0")
    with running(lonely, tmp_path / "worker.log", "worker"):
        until(lambda: states() == ["sent", "sent"], "both invitations left")


@over_postgres
def test_killed_between_claim_and_send_nothing_is_lost(
    app: Flask, settings: Settings, smtp: MailServer, redis_url: str, tmp_path: Path
) -> None:
    owe_invitations()
    smtp.stop()
    with socket.create_server(("127.0.0.1", smtp.port)) as silent:
        with running(settings, tmp_path / "worker.log", "worker") as process:
            connection, _ = silent.accept()  # it waits for a greeting that never comes
            assert states() == ["sending", "sending"]
            os.kill(process.pid, signal.SIGKILL)
            process.wait(10)
        connection.close()
    promised = rows()[0].message_id
    assert promised
    smtp.start()
    skip_the_lease()
    with running(settings, tmp_path / "worker.log", "worker"):
        until(lambda: states() == ["sent", "sent"], "both invitations left")
    assert sorted(m["Message-ID"] for m in smtp.messages) == sorted(
        row.message_id for row in rows()
    )
    assert rows()[0].message_id == promised
    assert rows()[0].attempts == 2


@over_sqlite
def test_killed_between_send_and_mark_the_same_mail_goes_again(
    app: Flask, settings: Settings, smtp: MailServer, redis_url: str, tmp_path: Path
) -> None:
    owe_invitations()
    victim: list[int] = []
    taken = threading.Event()
    take = smtp.handle_DATA

    async def take_and_kill(server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await take(server, session, envelope)
        if victim:
            os.kill(victim.pop(), signal.SIGKILL)
            taken.set()
        return answer

    smtp.handle_DATA = take_and_kill  # type: ignore[method-assign]  # the moment of death
    with running(settings, tmp_path / "worker.log", "worker") as process:
        victim.append(process.pid)
        assert taken.wait(PATIENCE_S)
        process.wait(10)
    assert states()[0] == "sending"
    skip_the_lease()
    with running(settings, tmp_path / "worker.log", "worker"):
        until(lambda: states() == ["sent", "sent"], "both invitations left")
    first, *others = smtp.messages
    again = [m for m in others if m["To"] == first["To"]]
    assert len(again) == 1
    assert identity(again[0]) == identity(first)


# In one process


@pytest.fixture
def background(app: Flask) -> Iterator[None]:
    embedded.start(app)
    yield
    embedded.stop()


@over_sqlite
def test_one_process_sends_within_a_moment_of_the_commit(app: Flask, background: None) -> None:
    until(swept, "the first sweep ran")
    owe_invitations()
    took = until(lambda: states() == ["sent", "sent"], "both are sent")
    assert took < queue.EMBEDDED_SWEEP_EVERY_S - 1
    assert len(db.session.scalars(select(KeptMail)).all()) == 2


@over_sqlite
def test_beat_finds_what_nobody_announced(app: Flask, background: None) -> None:
    until(swept, "the first sweep ran")
    owe_notice("quiet")
    until(lambda: states() == ["sent"], "the notice is sent")
    with transaction():  # as another process would, which has no way to wake this one
        row = db.session.scalars(select(OutboxMessage)).one()
        row.state, row.next_try_at = "pending", clock.now() - timedelta(seconds=1)
    db.session().info.pop(outbox.OWES, None)
    until(lambda: states() == ["sent"] and rows()[0].attempts == 2, "beat has looked")


@over_sqlite
def test_it_can_be_stopped_and_started_again(app: Flask) -> None:
    for number in range(2):
        embedded.start(app)
        owe_notice(f"round{number}")
        until(lambda n=number: states() == ["sent"] * (n + 1), "it is sent")
        embedded.stop()
    names = {thread.name for thread in threading.enumerate()}
    assert not names & {"mockint-worker", "mockint-beat"}
