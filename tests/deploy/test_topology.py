"""What compose.yaml describes, as plain processes on loopback: two of each, PostgreSQL, Redis."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import select

from mockint import clock
from mockint.db import db, transaction
from mockint.models import OutboxMessage, Person
from mockint.queries import verify
from mockint.services import outbox
from mockint.settings import Settings
from tests.prove.client import Browser
from tests.prove.community import Cast, seed
from tests.support import commands
from tests.support.commands import running
from tests.support.servers import free_port
from tests.support.smtp import MailServer

pytestmark = [
    pytest.mark.parametrize("engine_url", ["postgres"], indirect=True),
    pytest.mark.usefixtures("db_session"),
    pytest.mark.timeout(300),
]
PASSWORD = "a long enough sentence"
PATIENCE_S = 90.0
"""Six processes start at once, on a machine that may be busy."""


def until(true: Callable[[], Any], what: str) -> None:
    commands.until(true, what, patience_s=PATIENCE_S)


class Installation:
    """Two web processes of their own, two workers, two schedulers."""

    def __init__(self, settings: Settings, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.urls = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
        settings = replace(settings, mode="production", base_url=self.urls[0], log_json=True)
        self.processes = {}
        for number, url in enumerate(self.urls, start=1):
            port = url.rpartition(":")[2]
            for name, *options in (
                ("serve", "--port", port, "--workers", "1"),
                ("worker",),
                ("scheduler",),
            ):
                log = folder / f"{name}{number}.log"
                self.processes[log] = stack.enter_context(running(settings, log, name, *options))
        for log in self.processes:
            until(lambda log=log: re.search("listens|_started", log.read_text()), f"{log} is up")

    def stop(self) -> dict[str, int]:
        """SIGTERM to all at once; the exit code of each."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        return {log.stem: process.wait(35) for log, process in self.processes.items()}


@pytest.fixture
def installation(
    app: Flask, settings: Settings, smtp: MailServer, redis_url: str, tmp_path: Path
) -> Iterator[Installation]:
    with ExitStack() as stack:
        yield Installation(settings, tmp_path, stack)


@pytest.fixture
def cast(app: Flask) -> Cast:
    made = seed(app, now=clock.now(), candidates=1, interviewers=1)
    with app.app_context(), transaction():
        person = db.session.get_one(Person, made.candidates[0].id)
        person.password = hash_password(PASSWORD)
    return made


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]


def sign_in(url: str, email: str) -> Browser:
    browser = Browser(url, "", "", renews=True)
    browser.token = token(browser.get("/login").text)
    answer = browser.post("/login/password", {"email": email, "password": PASSWORD})
    assert answer.status == 303, answer.text
    return browser


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.due_at <= clock.now())
    return list(db.session.scalars(query, execution_options={"populate_existing": True}))


def test_one_installation_on_many_processes(
    installation: Installation, cast: Cast, smtp: MailServer
) -> None:
    sanjana, slot = cast.candidates[0], cast.slots[0]
    here = sign_in(installation.urls[0], sanjana.email)
    there = Browser(installation.urls[1], here.cookie, "", renews=True)
    page = there.get("/account")
    assert page.status == 200, "a login made on one process holds on the other"
    there.token = here.token = token(page.text)
    here.cookie = there.cookie  # one browser
    form = {
        "track": "coding", "level": "mid", "length": 60, "who": slot.interviewer,
        "start": slot.field, "key": "0123456789abcdef",
    }  # fmt: skip
    held = here.post("/bookings", form)
    assert (held.status, held.booking is not None) == (303, True), held.text
    booked = there.post(f"/bookings/{held.booking}/confirmation", form)
    assert booked.status == 303, booked.text
    until(lambda: len(smtp.posts) >= 2, "both invitations arrived")

    with transaction():  # an hour that comes by itself, for which two schedulers have workers look
        outbox.record(
            key="test:quiet", kind="password-changed", person_id=sanjana.id,
            due_at=clock.now() + timedelta(seconds=2), now=clock.now(),
        )  # fmt: skip
    until(lambda: len(smtp.posts) >= 3, "the mail that was due later arrived")
    until(lambda: all(row.state == "sent" for row in mails()), "every mail is settled")

    assert installation.stop() == dict.fromkeys((p.stem for p in installation.processes), 0)
    copies = Counter(str(message["Message-ID"]) for message in smtp.messages)
    assert len(copies) == 3
    assert set(copies.values()) == {1}
    invited = {str(m["To"]) for m in smtp.messages if m.get_content_type() == "multipart/mixed"}
    assert len(invited) == 2
    assert list(verify.violations(now=clock.now())) == []
    for log in installation.processes:
        assert "Traceback" not in log.read_text(), log


def test_tries_are_counted_over_all_processes(installation: Installation, cast: Cast) -> None:
    codes = []
    for number in range(12):
        browser = Browser(installation.urls[number % 2], "", "", renews=True)
        browser.token = token(browser.get("/login").text)
        guess = {"email": cast.candidates[0].email, "password": f"guess number {number}"}
        codes.append(browser.post("/login/password", guess).status)
    assert codes == [422] * 10 + [429] * 2
