"""Answers come in through a real mailbox, once each, whatever else lies there or goes wrong."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from mockint.adapters import imap
from mockint.adapters.imap import ASIDE
from mockint.adapters.inbound import MOST_OCTETS
from mockint.db import db, transaction
from mockint.models import Heartbeat, Inbox, Reply
from mockint.queries import health
from mockint.services import inbox
from mockint.services.inbox import LEASE, LONGEST_PAUSE, MOST_TRIES, Looked, look
from mockint.settings import Settings, activate
from tests.support.faulty_imap import STALL, FaultyImap, faulty
from tests.support.imap import ImapServer, running
from tests.support.letters import NOW
from tests.support.replies import gmail, words_only
from tests.support.reply_cases import MINUTE, Scene
from tests.support.web import ROOT, environment

POISON = "poisonpoisonpoison"
"""A token; a database that is asked for it fails as the test wants."""
one_engine = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def kept() -> Iterator[ImapServer]:
    with running() as server:
        yield server


@pytest.fixture
def mailbox(kept: ImapServer) -> ImapServer:
    kept.empty()
    return kept


@pytest.fixture
def settings(settings: Settings, mailbox: ImapServer) -> Settings:
    return replace(settings, imap_url=mailbox.url())


def after(minutes: int) -> Looked:
    return look(now=NOW + minutes * MINUTE)


def row() -> Inbox:
    db.session.rollback()
    return db.session.scalars(select(Inbox), execution_options={"populate_existing": True}).one()


def poison(scene: Scene) -> bytes:
    """A message that is harmless, except that it makes the database fail."""
    return words_only(scene.said().but(to=f"mockint+{POISON}@mock.harbour.example"))


@contextmanager
def failing(error: BaseException) -> Iterator[None]:
    """Whoever asks for the poisonous token gets this error."""

    def fail(connection: object, cursor: object, statement: str, given: Any, *_: object) -> None:
        if POISON in repr(given):
            raise error

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", fail)


# What arrives


def test_an_answer_counts_within_one_look(scene: Scene, mailbox: ImapServer) -> None:
    mailbox.deliver(words_only(scene.said()), gmail(scene.said()), at=NOW)
    assert after(1).outcomes == {"ignored": 1, "applied": 1}
    assert scene.told().partstat == "ACCEPTED"
    assert after(2).total == 0
    mailbox.deliver(gmail(scene.said().but(partstat="DECLINED", stamp=NOW + MINUTE)), at=NOW)
    assert after(3).outcomes == {"applied": 1}
    assert scene.told().partstat == "DECLINED"


def test_the_last_of_two_answers_counts_also_from_a_clock_that_is_ahead(
    scene: Scene, mailbox: ImapServer
) -> None:
    fast = [
        scene.said().but(partstat=partstat, stamp=NOW + minutes * MINUTE)
        for partstat, minutes in (("ACCEPTED", 9), ("DECLINED", 10))
    ]
    mailbox.deliver(*map(gmail, fast), at=NOW)
    assert look(now=NOW).outcomes == {"applied": 2}
    assert scene.told().partstat == "DECLINED"


def test_nothing_is_marked_moved_or_deleted(scene: Scene, mailbox: ImapServer) -> None:
    mailbox.deliver(words_only(scene.said()), gmail(scene.said()), at=NOW)
    after(1)
    assert len(mailbox.subjects()) == 2
    assert mailbox.unread() == 2


def test_what_is_too_large_is_not_fetched(scene: Scene, mailbox: ImapServer) -> None:
    large = words_only(scene.said(), text="x" * 70 * 80 * (MOST_OCTETS // 5600 + 1))
    mailbox.deliver(large, gmail(scene.said()), at=NOW)
    done = after(1)
    assert (done.too_large, done.outcomes) == (1, {"applied": 1})
    assert mailbox.unread() == 2


@one_engine
def test_years_of_old_mail_are_not_read(scene: Scene, mailbox: ImapServer) -> None:
    mailbox.deliver(gmail(scene.said()), at=NOW - timedelta(days=62))
    mailbox.deliver(words_only(scene.said()), at=NOW - timedelta(days=58))
    assert after(1).outcomes == {"ignored": 1}


def test_a_folder_numbered_anew_is_read_again_to_no_effect(
    scene: Scene, mailbox: ImapServer, settings: Settings
) -> None:
    activate(replace(settings, imap_url=mailbox.url("answers")))
    for minute, expected in ((1, "applied"), (3, "ignored")):
        with mailbox.as_person() as box:
            if box.folder.exists("answers"):
                box.folder.delete("answers")
            box.folder.create("answers")
        mailbox.deliver(gmail(scene.said().but(message_id="<1@x>")), folder="answers", at=NOW)
        before = row().validity if minute > 1 else 0
        assert after(minute).outcomes == {expected: 1}
        assert row().validity != before
    assert len(db.session.scalars(select(Reply)).all()) == 1


# What goes wrong


def test_a_message_that_breaks_us_is_set_aside_and_the_next_is_read(
    scene: Scene, mailbox: ImapServer
) -> None:
    mailbox.deliver(poison(scene), gmail(scene.said()), at=NOW)
    with failing(RecursionError("too deep")):
        done = after(1)
    assert (done.aside, done.outcomes) == (1, {"applied": 1})
    assert len(mailbox.subjects()) == 1
    assert len(mailbox.subjects(ASIDE)) == 1
    assert after(2).total == 0


def test_a_database_that_is_away_sets_nothing_aside(scene: Scene, mailbox: ImapServer) -> None:
    mailbox.deliver(gmail(scene.said()), poison(scene), at=NOW)
    gone = OperationalError("select", {}, Exception("the server closed the connection"))
    with failing(gone), pytest.raises(OperationalError):
        after(1)
    assert scene.told().partstat == "ACCEPTED"
    assert not after(2).claimed, "the claim stands until it runs out"
    assert look(now=NOW + MINUTE + LEASE).outcomes == {"ignored": 1}
    assert mailbox.subjects(ASIDE) == []


def test_a_message_that_ends_workers_is_given_up_unread(scene: Scene, mailbox: ImapServer) -> None:
    mailbox.deliver(poison(scene), gmail(scene.said()), at=NOW)
    at = NOW
    for _ in range(MOST_TRIES):
        with failing(KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):
            look(now=at)
        at += LEASE
    done = look(now=at)
    assert (done.aside, done.outcomes) == (1, {"applied": 1})


KILLED_AFTER_READING = """
import os, signal, sys
from datetime import datetime
from sqlalchemy import event
from sqlalchemy.engine import Engine
from mockint.app import create_app
from mockint.cli import settings_or_exit
from mockint.services import inbox

def strike(connection, cursor, statement, *rest):
    if statement.startswith("UPDATE inbox SET validity"):
        os.kill(os.getpid(), signal.SIGKILL)

app = create_app(settings_or_exit())
event.listen(Engine, "before_cursor_execute", strike)
with app.app_context():
    inbox.look(now=datetime.fromisoformat(sys.argv[1]))
"""


def test_a_worker_killed_before_it_noted_a_message_changes_nothing_twice(
    scene: Scene, mailbox: ImapServer, settings: Settings
) -> None:
    mailbox.deliver(gmail(scene.said()), at=NOW)
    db.session.rollback()
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_READING, NOW.isoformat()],
        cwd=ROOT, env=environment(settings), timeout=60,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert scene.told().partstat == "ACCEPTED"
    assert row().read_to == 0
    assert look(now=NOW + LEASE).outcomes == {"ignored": 1}
    assert row().read_to > 0
    assert [one.outcome for one in db.session.scalars(select(Reply))] == ["applied"]


def test_two_workers_at_once_read_a_message_once(
    app: Flask, scene: Scene, mailbox: ImapServer
) -> None:
    mailbox.deliver(*(words_only(scene.said()) for _ in range(5)), at=NOW)
    db.session.rollback()
    looked: list[Looked] = []

    def work() -> None:
        with app.app_context():
            looked.append(look(now=NOW))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(done.claimed for done in looked) == [False, False, False, True]
    assert sum(done.total for done in looked) == 5


@one_engine
def test_a_mailbox_that_cannot_be_read_is_left_alone_longer_each_time(
    scene: Scene, mailbox: ImapServer, settings: Settings
) -> None:
    activate(replace(settings, imap_url=mailbox.url(password="wrong")))
    at, pauses = NOW, []
    for _ in range(9):
        done = look(now=at)
        assert "the login was refused" in done.trouble
        pauses.append(row().next_look_at - at)
        assert not look(now=at).claimed
        at = row().next_look_at
    assert pauses[0] > MINUTE
    assert all(later > earlier for earlier, later in pairwise(pauses[:5]))
    assert LONGEST_PAUSE / 2 < pauses[-1] <= LONGEST_PAUSE
    assert row().failures == 9
    assert db.session.get(Heartbeat, inbox.DUTY) is None


@one_engine
def test_trouble_ends_when_the_mailbox_is_back(
    scene: Scene, mailbox: ImapServer, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(imap, "TALK_SECONDS", 0.5)
    monkeypatch.setattr(imap, "QUIT_SECONDS", 0.5)
    with faulty(FaultyImap("SELECT", STALL)) as server:
        activate(replace(settings, imap_url=server.url))
        assert "no answer in time" in look(now=NOW).trouble
        assert row().trouble
        server.stage = ""
        done = look(now=row().next_look_at)
    assert (done.trouble, done.outcomes) == ("", {"ignored": 1})
    assert (row().trouble, row().failures) == ("", 0)
    beat = db.session.get(Heartbeat, inbox.DUTY)
    assert beat is not None
    assert beat.at >= NOW


@one_engine
def test_the_trouble_of_another_mailbox_is_forgotten(
    scene: Scene, mailbox: ImapServer, settings: Settings
) -> None:
    activate(replace(settings, imap_url=mailbox.url("no such folder")))
    look(now=NOW)
    assert "not exist" in health.inbox_trouble()
    activate(settings)
    look(now=NOW)
    assert health.inbox_trouble() == ""


@one_engine
def test_who_lost_the_claim_stops(scene: Scene, mailbox: ImapServer) -> None:
    mailbox.deliver(*(words_only(scene.said()) for _ in range(3)), at=NOW)

    def stolen() -> bool:
        with transaction():
            db.session.scalars(select(Inbox)).one().claimed_until = NOW + 2 * LEASE
        return False

    done = look(now=NOW, ending=stolen)
    assert done.total == 0
    assert row().read_to == 0
    assert row().claimed_until == NOW + 2 * LEASE


@one_engine
def test_a_worker_that_ends_takes_no_further_message(scene: Scene, mailbox: ImapServer) -> None:
    mailbox.deliver(*(words_only(scene.said()) for _ in range(3)), at=NOW)
    asked: list[datetime] = []

    def ending() -> bool:
        asked.append(NOW)
        return len(asked) > 2

    done = look(now=NOW, ending=ending)
    assert (done.total, done.more) == (2, True)
    assert look(now=NOW + MINUTE).total == 1
