"""`mockint mail test` says whether mail leaves, and what to do if not; it never says a password."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from mockint.adapters import smtp
from tests.support.certificates import Authority
from tests.support.commands import run
from tests.support.faulty_smtp import STALL, FaultyServer, faulty
from tests.support.servers import free_port

USER, PASSWORD = "mockint", "p@ss word"
LOGIN = "//mockint:p%40ss%20word@"
TO = "amina@people.example"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def tried(url: str, address: str = TO) -> tuple[int, str]:
    """Exit code and everything that was said, in which no form of the password may be."""
    done = run(
        "mail", "test", address, MOCKINT_SMTP_URL=url, MOCKINT_BASE_URL="https://mock.example"
    )
    both = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
    for secret in (PASSWORD, "p%40ss", both, base64.b64encode(PASSWORD.encode()).decode()):
        assert secret not in done.output
    return done.exit_code, done.output


@pytest.mark.parametrize("how", ["tls", "smtps"])
def test_a_mail_that_leaves(authority: Authority, how: str) -> None:
    plan = FaultyServer(login=True)
    setattr(plan, how, authority.context("127.0.0.1"))
    with faulty(plan):
        code, said = tried(plan.url.replace("//", LOGIN))
    assert code == 0
    assert "The mail server took the mail for amina@people.example." in said
    assert "> AUTH " in said
    assert "****" in said
    assert "< 235 " in said
    assert ("> STARTTLS" in said) == (how == "tls")
    assert b"Subject: A test mail from mockint" in plan.taken[0]


def test_a_login_that_is_refused(authority: Authority) -> None:
    with faulty(FaultyServer(login=True, tls=authority.context("127.0.0.1"))) as server:
        code, said = tried(server.url.replace("//", "//mockint:wrong@"))
    assert code == 1
    assert "535" in said
    assert "Check user and password in MOCKINT_SMTP_URL." in said


@pytest.mark.parametrize("how", ["tls", "smtps"])
def test_a_certificate_that_is_not_trusted(tmp_path: Path, how: str) -> None:
    plan = FaultyServer()
    setattr(plan, how, Authority(tmp_path).context("127.0.0.1"))
    with faulty(plan):
        code, said = tried(plan.url)
    assert code == 1
    assert "its certificate is not trusted" in said
    assert "SSL_CERT_FILE" in said
    assert plan.taken == []


def test_nothing_listens() -> None:
    code, said = tried(f"smtp://127.0.0.1:{free_port()}")
    assert code == 1
    assert "Nothing listens at 127.0.0.1 port" in said


def test_no_encryption_where_some_was_asked_for() -> None:
    with faulty(FaultyServer()) as server:
        code, said = tried(server.url.replace("smtp:", "smtps:"))
    assert code == 1
    assert "Write smtp:// instead of smtps://." in said


def test_a_server_that_takes_no_login() -> None:
    with faulty(FaultyServer()) as server:
        code, said = tried(server.url.replace("//", LOGIN))
    assert code == 1
    assert "Take user and password out" in said


def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TALK_SECONDS", 0.5)
    with faulty(FaultyServer("banner", STALL)) as server:
        code, said = tried(server.url)
    assert code == 1
    assert "does not answer as it should" in said


@pytest.mark.parametrize(
    ("stage", "answer", "words"),
    [
        ("RCPT", "550 No such person", "not this recipient"),
        ("RCPT", "554 Relay access denied", "it wants a login or our address"),
        ("MAIL", "550 Who are you", "it wants a login or our address"),
    ],
)
def test_a_refusal_is_shown(stage: str, answer: str, words: str) -> None:
    with faulty(FaultyServer(stage, answer)) as server:
        code, said = tried(server.url)
    assert code == 1
    assert f"< {answer}" in said
    assert words in said


def test_what_cannot_be_tried() -> None:
    code, said = tried("smtp://127.0.0.1:25", address="amina at home")
    assert (code, "is not an e-mail address" in said) == (2, True)
    code, said = tried("")
    assert code != 0
    assert "MOCKINT_SMTP_URL is not set" in said
