"""A mail server that misbehaves at any stage costs a bounded time and says what to do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mockint.adapters import smtp
from mockint.adapters.smtp import Permanent, SmtpTransport, Temporary, Unreachable
from tests.integration.test_smtp import TO, message
from tests.support.certificates import DAY, Authority
from tests.support.faulty_smtp import DRIP, DROP, STAGES, STALL, FaultyServer, faulty

SHORT = 0.6
"""Seconds that stand for the 30 of a real installation."""


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TALK_SECONDS", SHORT)
    monkeypatch.setattr(smtp, "QUIT_SECONDS", SHORT)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this machine trusts."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def send(url: str, times: int = 1) -> None:
    with SmtpTransport(url) as transport:
        for number in range(times):
            transport.send(message(), sender="us+b1@mock.example", recipient=TO, row_id=number)


def trouble(url: str) -> Exception:
    with pytest.raises(smtp.SendError) as caught:
        send(url)
    return caught.value


# Time


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", [STALL, DRIP])
def test_a_server_that_dawdles_is_left(stage: str, fault: str) -> None:
    with faulty(FaultyServer(stage, fault)) as server:
        began = time.monotonic()
        found = trouble(server.url)
        assert time.monotonic() - began < 8 * SHORT
        expected = Unreachable if stage in ("banner", "EHLO") else Temporary
        assert type(found) is expected
        assert "no answer in time" in str(found)


@pytest.mark.usefixtures("short")
def test_the_time_of_a_message_begins_anew_with_each() -> None:
    with faulty(FaultyServer()) as server, SmtpTransport(server.url) as transport:
        for number in range(3):
            transport.send(message(), sender="us@mock.example", recipient=TO, row_id=number)
            time.sleep(0.7 * SHORT)
        assert server.links == 1
        assert len(server.taken) == 3


# The line


@pytest.mark.parametrize("stage", STAGES)
def test_a_line_that_breaks_is_tried_again(stage: str) -> None:
    with faulty(FaultyServer(stage, DROP, times=1)) as server:
        found = trouble(server.url)
        expected = Unreachable if stage in ("banner", "EHLO") else Temporary
        assert type(found) is expected
        send(server.url)
        assert len(server.taken) == 1


def test_lines_that_break_every_time_are_the_servers_trouble() -> None:
    found = []
    with (
        faulty(FaultyServer("end of data", DROP)) as server,
        SmtpTransport(server.url) as transport,
    ):
        for number in range(3):
            with pytest.raises(Temporary) as caught:
                transport.send(message(), sender="us@mock.example", recipient=TO, row_id=number)
            found.append(type(caught.value))
    assert found == [Temporary, Temporary, Unreachable]


@pytest.mark.parametrize("how", ["421 Enough for one link", DROP])
def test_a_link_that_ends_between_two_messages_is_opened_again(how: str) -> None:
    plan = FaultyServer()
    with faulty(plan), SmtpTransport(plan.url) as transport:
        transport.send(message(), sender="us@mock.example", recipient=TO, row_id=1)
        plan.stage, plan.fault, plan.times = "MAIL", how, 1
        transport.send(message(), sender="us@mock.example", recipient=TO, row_id=2)
        assert (len(plan.taken), plan.links) == (2, 2)


# Refusals


def test_a_server_that_refuses_the_greeting_takes_nothing() -> None:
    with faulty(FaultyServer("EHLO", "550 Go away", times=2)) as server:
        assert type(trouble(server.url)) is Unreachable
        send(server.url)
        assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("stage", "answer", "kind"),
    [
        ("banner", "421 Too busy", Unreachable),
        ("banner", "554 No service for you", Unreachable),
        ("MAIL", "421 Going down", Unreachable),
        ("MAIL", "451 Try later", Unreachable),
        ("MAIL", "530 Authentication required", Unreachable),
        ("MAIL", "550 We do not know you", Unreachable),
        ("MAIL", "552 Message too large", Permanent),
        ("RCPT", "421 Going down", Unreachable),
        ("RCPT", "450 Mailbox busy", Temporary),
        ("RCPT", "451 Try later", Temporary),
        ("RCPT", "452 Mailbox full at the moment", Temporary),
        ("RCPT", "503 Log in first", Unreachable),
        ("RCPT", "530 5.7.0 Must issue a STARTTLS command first", Unreachable),
        ("RCPT", "535 5.7.8 Password expired", Unreachable),
        ("RCPT", "550 5.1.1 No such person", Permanent),
        ("RCPT", "550 5.7.1 Unable to relay", Unreachable),
        ("RCPT", "554 5.7.1 Relay access denied", Unreachable),
        ("RCPT", "550 5.7.1 Not wanted here", Permanent),
        ("RCPT", "552 Mailbox full", Permanent),
        ("DATA", "451 Try later", Temporary),
        ("DATA", "554 No valid recipients", Permanent),
        ("end of data", "421 Going down", Unreachable),
        ("end of data", "450 Mailbox busy", Temporary),
        ("end of data", "451 Try later", Temporary),
        ("end of data", "452 Disk full", Temporary),
        ("end of data", "550 Not wanted", Permanent),
        ("end of data", "552 Message too large", Permanent),
        ("end of data", "554 Looks like spam", Permanent),
    ],
)
def test_who_is_meant_by_a_refusal(stage: str, answer: str, kind: type[Exception]) -> None:
    with faulty(FaultyServer(stage, answer, times=1)) as server:
        with SmtpTransport(server.url) as transport:
            with pytest.raises(smtp.SendError) as caught:
                transport.send(message(), sender="us@mock.example", recipient=TO, row_id=1)
            assert type(caught.value) is kind
            assert answer.split(" ", 1)[1].split()[-1] in str(caught.value)
            assert server.taken == []
            transport.send(message(), sender="us@mock.example", recipient=TO, row_id=2)
        assert len(server.taken) == 1


# Encryption


def test_starttls_is_used_where_it_is_offered(authority: Authority) -> None:
    with faulty(FaultyServer(tls=authority.context("127.0.0.1"), login=True)) as server:
        send(server.url.replace("//", "//mockint:p%40ss%20word@"), times=2)
        assert len(server.taken) == 2
        assert {line.split()[0] for line in server.in_clear} == {"EHLO", "STARTTLS"}


def test_smtps_is_encrypted_from_the_first_word(authority: Authority) -> None:
    with faulty(FaultyServer(smtps=authority.context("127.0.0.1"), login=True)) as server:
        send(server.url.replace("//", "//mockint:p%40ss%20word@"))
        assert len(server.taken) == 1


@pytest.mark.parametrize("how", ["tls", "smtps"])
@pytest.mark.parametrize(
    ("host", "life", "words"),
    [("mail.elsewhere.example", 30 * DAY, "IP address mismatch"), ("127.0.0.1", -DAY, "expired")],
)
def test_nothing_is_sent_to_a_server_whose_certificate_does_not_fit(
    authority: Authority, how: str, host: str, life: object, words: str
) -> None:
    plan = FaultyServer(login=True)
    setattr(plan, how, authority.context(host, life=life))
    _refuses_the_certificate(plan, words)


@pytest.mark.parametrize("how", ["tls", "smtps"])
def test_nothing_is_sent_to_a_server_of_an_unknown_authority(tmp_path: Path, how: str) -> None:
    plan = FaultyServer(login=True)
    setattr(plan, how, Authority(tmp_path).context("127.0.0.1"))
    _refuses_the_certificate(plan, "unable to get local issuer certificate")


def _refuses_the_certificate(plan: FaultyServer, words: str) -> None:
    with faulty(plan):
        found = trouble(plan.url.replace("//", "//mockint:p%40ss%20word@"))
        assert type(found) is Unreachable
        assert "its certificate is not trusted" in str(found)
        assert words in str(found)
        assert plan.taken == []
        assert {line.split()[0] for line in plan.in_clear} <= {"EHLO", "STARTTLS"}


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("fault", ["454 TLS not available", DROP, STALL])
def test_a_failed_encryption_is_not_made_up_for_in_clear(authority: Authority, fault: str) -> None:
    plan = FaultyServer("STARTTLS", fault, tls=authority.context("127.0.0.1"))
    with faulty(plan):
        assert type(trouble(plan.url)) is Unreachable
        assert plan.taken == []
        assert {line.split()[0] for line in plan.in_clear} == {"EHLO", "STARTTLS"}


def test_encryption_that_is_asked_for_of_a_server_without_it() -> None:
    with faulty(FaultyServer()) as server:
        assert type(trouble(server.url.replace("smtp:", "smtps:"))) is Unreachable
        assert server.taken == []
        assert server.in_clear == []


def test_a_password_is_not_sent_in_clear_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp.Server, "is_here", False)
    with faulty(FaultyServer(login=True)) as server:
        found = trouble(server.url.replace("//", "//mockint:p%40ss%20word@"))
        assert "no encryption, so the password was not sent" in str(found)
        assert {line.split()[0] for line in server.in_clear} == {"EHLO"}
