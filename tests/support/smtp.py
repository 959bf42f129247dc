"""A real SMTP server on loopback that keeps what it takes and can be told to fail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.servers import free_port

TAKEN = "250 OK"
DROP = "drop"
"""The connection breaks after the message was sent and before it was taken."""
DROP_AFTER_TAKING = "drop after taking"
"""The connection breaks after the message was taken: the sender cannot know."""


@dataclass
class Post:
    """One message as it arrived."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message


@dataclass
class MailServer:
    """What arrived, and what the next messages meet."""

    port: int = field(default_factory=free_port)
    posts: list[Post] = field(default_factory=list)
    attempts: int = 0
    _answers: list[str] = field(default_factory=list)
    _refused: dict[str, str] = field(default_factory=dict)
    _controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[EmailMessage]:
        return [post.message for post in self.posts]

    def to(self, address: str) -> list[EmailMessage]:
        """The messages taken for `address`, oldest first."""
        return [post.message for post in self.posts if address in post.recipients]

    def fail(self, answer: str, times: int = 1) -> None:
        """Let the next `times` messages meet `answer` ("451 Try later", DROP, ...)."""
        self._answers += [answer] * times

    def refuse(self, address: str, answer: str = "550 No such person") -> None:
        """Refuse every message to `address`."""
        self._refused[address] = answer

    def start(self) -> None:
        """Listen; also after `stop`, at the same port."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Be down: connections are refused."""
        if self._controller:
            self._controller.stop(no_assert=True)
            self._controller = None

    def answer(self, post: Post) -> str:
        """What the next message meets."""
        return self._answers.pop(0) if self._answers else TAKEN

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address in self._refused:
            return self._refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.attempts += 1
        assert isinstance(envelope.content, bytes)
        post = Post(str(envelope.mail_from), list(envelope.rcpt_tos), envelope.content)
        answer = self.answer(post)
        if answer in (TAKEN, DROP_AFTER_TAKING):
            self.posts.append(post)
        if answer in (DROP, DROP_AFTER_TAKING):
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "421 Gone"
        return answer
