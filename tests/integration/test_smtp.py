"""The way to the mail server: what it says decides whether trying again makes sense."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from mockint.adapters.smtp import Permanent, SmtpTransport, Temporary, Unreachable, probe
from tests.support.servers import free_port
from tests.support.smtp import DROP, MailServer

TO = "sanjana@people.example"


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "us@mock.example", TO, "Zoë"
    made.set_content("Für Sie")
    return made


def send(url: str, recipient: str = TO) -> None:
    with SmtpTransport(url) as transport:
        transport.send(message(), sender="us+b1@mock.example", recipient=recipient, row_id=1)


def test_one_connection_carries_several_messages(smtp: MailServer) -> None:
    with SmtpTransport(smtp.url) as transport:
        for number in range(3):
            transport.send(message(), sender="us@mock.example", recipient=TO, row_id=number)
    assert len(smtp.posts) == 3
    assert probe(smtp.url) is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("450 Mailbox busy", Temporary),
        ("421 Going down", Unreachable),
        ("550 No such person", Permanent),
        ("554 Not wanted", Permanent),
    ],
)
@pytest.mark.parametrize("at", ["recipient", "data"])
def test_codes_are_told_apart(
    smtp: MailServer, answer: str, kind: type[Exception], at: str
) -> None:
    if at == "recipient":
        smtp.refuse(TO, answer)
    else:
        smtp.fail(answer)
    with pytest.raises(kind, match=answer[:3]) as caught:
        send(smtp.url)
    assert type(caught.value) is kind


def test_after_a_broken_line_the_next_message_goes_out(smtp: MailServer) -> None:
    smtp.fail(DROP)
    with SmtpTransport(smtp.url) as transport:
        with pytest.raises(Temporary, match=r"hung up|broke"):
            transport.send(message(), sender="us@mock.example", recipient=TO, row_id=1)
        transport.send(message(), sender="us@mock.example", recipient=TO, row_id=1)
    assert len(smtp.posts) == 1


def test_a_server_that_is_not_there() -> None:
    url = f"smtp://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable, match="cannot be used"):
        send(url)
    assert "It does not work" in str(probe(url))


@pytest.mark.parametrize("url", ["http://127.0.0.1", "smtp://", "smtp://127.0.0.1:port"])
def test_an_address_that_cannot_be_used(url: str) -> None:
    with pytest.raises(Unreachable):
        send(url)


def test_a_wrong_password_is_our_trouble_and_not_the_recipients() -> None:
    def judge(
        server: object, session: object, envelope: object, how: str, data: object
    ) -> AuthResult:
        good = LoginPassword(login=b"mockint", password=b"p@ss word")
        return AuthResult(success=data == good, handled=False)

    class Keeps:
        taken = 0

        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802 - aiosmtpd's name
            Keeps.taken += 1
            return "250 OK"

    controller = Controller(
        Keeps(), hostname="127.0.0.1", port=free_port(), authenticator=judge,
        auth_require_tls=False,
    )  # fmt: skip
    controller.start()
    try:
        with pytest.raises(Unreachable, match="535"):
            send(f"smtp://mockint:wrong@127.0.0.1:{controller.port}")
        send(f"smtp://mockint:p%40ss%20word@127.0.0.1:{controller.port}")
    finally:
        controller.stop()
    assert Keeps.taken == 1
