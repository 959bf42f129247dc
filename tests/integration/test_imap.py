"""The mailbox of answers, read from a real server and from servers that misbehave."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mockint.adapters import imap
from mockint.adapters.imap import ASIDE, Folder, LoginRefused, Mailbox, Unreadable
from tests.support.certificates import DAY, Authority
from tests.support.faulty_imap import DRIP, DROP, FLOOD, MESSAGE, STAGES, STALL, FaultyImap, faulty
from tests.support.imap import ImapServer, running

EVER = date(2000, 1, 1)
SHORT = 0.6
"""Seconds that stand for the 30 of a real installation."""


@pytest.fixture(scope="module")
def kept() -> Iterator[ImapServer]:
    with running() as server:
        yield server


@pytest.fixture
def server(kept: ImapServer) -> ImapServer:
    """An empty mailbox."""
    kept.empty()
    return kept


def mail(subject: str, size: int = 0) -> bytes:
    return f"From: robin@people.example\r\nSubject: {subject}\r\n\r\n{'x' * size}\r\n".encode()


def opened(server: ImapServer, folder: str = "") -> Folder:
    return Folder(Mailbox.of(server.url(folder)))


def trouble(url: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        Folder(Mailbox.of(url)).close()
    assert "hush" not in str(caught.value)
    return caught.value


def read_all(url: str) -> list[tuple[int, int | None, bytes | None]]:
    with Folder(Mailbox.of(url)) as folder:
        uids = folder.after(0, since=EVER)
        return [(uid, folder.size(uid), folder.read(uid)) for uid in uids]


# A mailbox as it should be


def test_what_arrived_is_read_and_left_as_it_was(server: ImapServer) -> None:
    server.deliver(mail("one"), mail("two", 3000))
    with opened(server) as folder:
        first, second = folder.after(0, since=EVER)
        assert folder.read(first) == mail("one")
        assert folder.size(second) == len(mail("two", 3000))
    assert server.subjects() == ["one", "two"]
    assert server.unread() == 2


def test_only_what_came_later_is_found(server: ImapServer) -> None:
    server.deliver(mail("one"), mail("two"))
    with opened(server) as folder:
        first, second = folder.after(0, since=EVER)
        assert folder.after(first, since=EVER) == [second]
        assert folder.after(second, since=EVER) == []
        assert folder.after(0, since=(datetime.now(UTC) + timedelta(days=2)).date()) == []


def test_a_number_that_is_no_message_is_none(server: ImapServer) -> None:
    with opened(server) as folder:
        assert folder.size(4711) is None
        assert folder.read(4711) is None


def test_the_numbers_of_a_new_folder_mean_something_else(server: ImapServer) -> None:
    with server.as_person() as box:
        box.folder.create("answers")
        with opened(server, "answers") as folder:
            before = folder.validity
        box.folder.delete("answers")
        box.folder.create("answers")
    with opened(server, "answers") as folder:
        assert folder.validity != before


def test_quarantine_is_a_folder_made_when_it_is_needed(server: ImapServer) -> None:
    server.deliver(mail("one"), mail("two"), mail("three"))
    for _ in range(2):
        with opened(server) as folder:
            assert folder.set_aside(folder.after(0, since=EVER)[0]) == ASIDE
    assert server.subjects() == ["three"]
    assert server.subjects(ASIDE) == ["one", "two"]


def test_without_move_the_original_stays(
    server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An EXPUNGE would also end what a person had marked as deleted."""
    server.deliver(mail("one"), mail("marked"))
    with server.as_person() as box:
        box.client.uid("STORE", box.uids()[1], "+FLAGS", "(\\Deleted)")
    with opened(server) as folder:
        client = folder._box.client
        monkeypatch.setattr(client, "capabilities", ("IMAP4REV1",))
        folder.set_aside(folder.after(0, since=EVER)[0])
    assert server.subjects() == ["one", "marked"]
    assert server.subjects(ASIDE) == ["one"]


# A mailbox that cannot be read


def test_a_wrong_password_is_told_from_other_trouble(server: ImapServer) -> None:
    found = trouble(server.url(password="hush hush"))
    assert type(found) is LoginRefused
    assert "the login was refused" in str(found)


def test_what_is_missing_is_said(server: ImapServer) -> None:
    assert "not exist" in str(trouble(server.url("no such folder")))
    assert "refused" in str(trouble("imap://u:hush@127.0.0.1:1"))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", [STALL, DRIP, DROP])
def test_a_server_that_dawdles_or_breaks_off_is_left(
    stage: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "TALK_SECONDS", SHORT)
    monkeypatch.setattr(imap, "QUIT_SECONDS", SHORT / 2)
    began = time.monotonic()
    with faulty(FaultyImap(stage, fault)) as server, pytest.raises(Unreadable):
        read_all(server.url)
    assert time.monotonic() - began < 6 * SHORT


def test_the_server_of_these_tests_can_be_read() -> None:
    with faulty(FaultyImap()) as server:
        assert read_all(server.url) == [(7, len(MESSAGE), MESSAGE)]


def test_a_server_that_lies_about_a_size_costs_no_memory() -> None:
    with (
        faulty(FaultyImap("BODY", FLOOD)) as server,
        pytest.raises(Unreadable, match="2000000000 octets at once"),
    ):
        read_all(server.url)


# Encryption


def test_imaps_trusts_only_a_certificate_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    with faulty(FaultyImap(tls=authority.context("127.0.0.1"))) as server:
        assert "certificate is not trusted" in str(trouble(server.url))
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        assert imap.probe(server.url) is None
    with faulty(FaultyImap(tls=authority.context("127.0.0.1", life=-DAY))) as server:
        assert "certificate is not trusted" in str(trouble(server.url))
        assert not [line for line in server.heard if b"AUTH" in line]


def test_what_was_said_before_encryption_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setattr(imap, "is_here", lambda host: False)
    plan = FaultyImap(
        offers=b"IMAP4rev1 AUTH=PLAIN STARTTLS", starttls=authority.context("127.0.0.1")
    )
    with faulty(plan) as server:
        assert read_all(server.url) == [(7, len(MESSAGE), MESSAGE)]
        assert server.heard[:3] == [b"CAPABILITY", b"STARTTLS", b"CAPABILITY"]
        (login,) = (line for line in server.heard if b"LOGIN" in line or b"AUTH" in line)
        assert login == b"AUTHENTICATE PLAIN"


def test_a_password_that_a_server_cannot_take_is_not_shown() -> None:
    with faulty(FaultyImap(offers=b"IMAP4rev1")) as server:
        found = trouble(server.url.replace(":hush@", ":h%C3%BCsh@"))
    assert str(found) == "it takes a user and a password in ASCII only"


def test_a_password_does_not_travel_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty(FaultyImap()) as server:
        monkeypatch.setattr(imap, "is_here", lambda host: False)
        assert "offers no encryption" in str(trouble(server.url))
        assert not [line for line in server.heard if b"AUTH" in line or b"LOGIN" in line]
