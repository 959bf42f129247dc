"""`mockint mail poll` and the mailbox in `mockint doctor`: what an operator sees of answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from click.testing import Result

from mockint import clock
from mockint.adapters.imap import ASIDE
from mockint.settings import Settings
from tests.support.commands import run
from tests.support.imap import PASSWORD, ImapServer, running

pytestmark = [
    pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("app"),
]
WORDS = b"From: robin@people.example\r\nTo: mockint@people.example\r\n\r\nI am ill.\r\n"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[ImapServer]:
    with running() as server:
        yield server


def poll(settings: Settings, url: str) -> Result:
    return run("mail", "poll", settings=replace(settings, imap_url=url))


def answers(settings: Settings, url: str) -> dict[str, str]:
    done = run("doctor", "--json", settings=replace(settings, imap_url=url))
    (found,) = (one for one in json.loads(done.output) if one["name"] == "answers")
    assert PASSWORD not in done.output
    return dict(found)


def test_one_look_says_what_it_found(settings: Settings, mailbox: ImapServer) -> None:
    mailbox.deliver(WORDS, at=clock.now())
    done = poll(settings, mailbox.url())
    assert (done.exit_code, done.stdout) == (0, "ignored: 1\nMessages read: 1.\n")
    again = poll(settings, mailbox.url())
    assert (again.exit_code, again.output) == (0, "Messages read: 0.\n")
    assert ASIDE not in done.output


def test_a_mailbox_that_cannot_be_read(settings: Settings, mailbox: ImapServer) -> None:
    done = poll(settings, mailbox.url(password="hush"))
    assert done.exit_code == 1
    assert "The mailbox cannot be read: the login was refused" in done.output
    assert "Check MOCKINT_IMAP_URL" in done.output
    assert "hush" not in done.output


def test_without_a_mailbox_it_says_what_to_set(settings: Settings) -> None:
    done = run("mail", "poll", settings=settings)
    assert done.exit_code == 2
    assert "MOCKINT_IMAP_URL is not set" in done.output


def test_doctor_tries_the_mailbox(settings: Settings, mailbox: ImapServer) -> None:
    assert answers(settings, mailbox.url())["level"] == "ok"
    found = answers(settings, mailbox.url("elsewhere"))
    assert found["level"] == "failed"
    assert "Correct MOCKINT_IMAP_URL." in found["words"]
    assert answers(settings, "")["level"] == "ok"
