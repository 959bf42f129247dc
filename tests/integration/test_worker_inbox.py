"""The worker's process looks for answers, and a mailbox that hangs holds up no mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from mockint import clock
from mockint.app import create_app
from mockint.cli import let_go
from mockint.db import db
from mockint.models import Heartbeat, Inbox
from mockint.services.inbox import DUTY
from mockint.settings import Settings
from mockint.tasks import embedded
from tests.integration.test_worker import owe_invitations
from tests.support import imap
from tests.support.commands import running, until
from tests.support.faulty_imap import STALL, FaultyImap, faulty
from tests.support.smtp import MailServer

pytestmark = [
    pytest.mark.usefixtures("db_session"),
    pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True),
]
WORDS = b"From: robin@people.example\r\nTo: mockint@people.example\r\n\r\nI am ill.\r\n"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[imap.ImapServer]:
    with imap.running() as server:
        server.deliver(WORDS, at=clock.now())
        yield server


def looked() -> bool:
    db.session.rollback()
    return db.session.get(Heartbeat, DUTY, populate_existing=True) is not None


def read_to() -> int:
    db.session.rollback()
    return db.session.scalar(db.select(Inbox.read_to)) or 0


def test_a_worker_looks_as_soon_as_it_starts(
    app: Flask, settings: Settings, smtp: MailServer, mailbox: imap.ImapServer, redis_url: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    with running(replace(settings, imap_url=mailbox.url()), tmp_path / "worker.log", "worker"):
        until(looked, "the mailbox was read")
    assert read_to() > 0


def test_one_process_looks_as_well(
    settings: Settings, mailbox: imap.ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockint.tasks.queue.LOOK_EVERY_S", 0.5)
    app = create_app(replace(settings, imap_url=mailbox.url()))
    embedded.start(app)
    try:
        until(looked, "the mailbox was read")
    finally:
        embedded.stop()
        let_go(app)
    assert read_to() > 0


def test_a_mailbox_that_hangs_holds_up_no_mail_and_no_end(
    app: Flask, settings: Settings, smtp: MailServer, redis_url: str, tmp_path: Path
) -> None:
    with faulty(FaultyImap("SELECT", STALL)) as server:
        with running(
            replace(settings, imap_url=server.url), tmp_path / "worker.log", "worker"
        ) as process:
            until(lambda: b"CAPABILITY" in server.heard, "the worker hangs at the mailbox")
            owe_invitations()
            assert until(lambda: len(smtp.posts) == 2, "both invitations arrived") < 10
            process.terminate()
            process.wait(20)
        assert not looked()
