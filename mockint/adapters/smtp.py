"""Hands messages to a mail server, and tells what may be tried again from what may not."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

CONNECT_SECONDS = 10.0
TALK_SECONDS = 30.0
MOST_WORDS = 300


class SendError(Exception):
    """The message was not taken; the text is what the organiser reads."""


class Temporary(SendError):
    """This message may be taken later (4xx, or the line broke)."""


class Unreachable(Temporary):
    """The server takes nothing from us at the moment, whoever it is for."""


class Permanent(SendError):
    """This message will never be taken (5xx)."""


class Transport(Protocol):
    """Where messages go: a mail server, or the local mailbox."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def send(self, message: EmailMessage, *, sender: str, recipient: str, row_id: int) -> None:
        """Hand over the message of an outbox row; bounces go to `sender`."""


@dataclass(frozen=True, slots=True)
class _Server:
    secure: bool
    host: str
    port: int
    user: str
    password: str

    @classmethod
    def of(cls, url: str) -> Self:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError(
                "write MOCKINT_SMTP_URL like smtp://user:password@mail.example.org:587"
            )
        secure = parts.scheme == "smtps"
        port = parts.port or (465 if secure else 587 if parts.username else 25)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(secure, parts.hostname, port, user, password)

    @property
    def is_here(self) -> bool:
        """Whether the way there stays on this machine."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _connect(server: _Server) -> smtplib.SMTP:
    """Connect, encrypt where offered, log in; a password never travels in clear."""
    context = ssl.create_default_context()
    link: smtplib.SMTP
    if server.secure:
        link = smtplib.SMTP_SSL(server.host, server.port, timeout=CONNECT_SECONDS, context=context)
    else:
        link = smtplib.SMTP(server.host, server.port, timeout=CONNECT_SECONDS)
    try:
        if link.sock is not None:
            link.sock.settimeout(TALK_SECONDS)
        link.ehlo()
        if not server.secure and link.has_extn("starttls"):
            link.starttls(context=context)
            link.ehlo()
        elif not server.secure and server.user and not server.is_here:
            raise Unreachable("the mail server offers no encryption, so the password was not sent")
        if server.user:
            link.login(server.user, server.password)
    except BaseException:
        link.close()
        raise
    return link


def _words(error: Exception) -> str:
    """What the server said, on one line, without what we sent."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return " ".join(f"{error.smtp_code} {text}".split())[:MOST_WORDS]
    return " ".join(f"{error}".split())[:MOST_WORDS] or type(error).__name__


@dataclass
class SmtpTransport:
    """One connection, opened when the first message goes out and closed at the block's end."""

    url: str
    _link: smtplib.SMTP | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        try:
            link.quit()
        except (smtplib.SMTPException, OSError):
            link.close()

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _open(self) -> smtplib.SMTP:
        if self._link is None:
            try:
                self._link = _connect(_Server.of(self.url))
            except (smtplib.SMTPException, OSError, ValueError) as error:
                raise Unreachable(f"the mail server cannot be used: {_words(error)}") from error
        return self._link

    def send(self, message: EmailMessage, *, sender: str, recipient: str, row_id: int) -> None:
        """Hand over one message, or say whether trying again makes sense."""
        link = self._open()
        try:
            link.send_message(message, from_addr=sender, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = refused.recipients[recipient]
            self._judge(code, _words(smtplib.SMTPResponseException(code, said)))
        except smtplib.SMTPSenderRefused as refused:
            self._drop()
            raise Unreachable(
                f"the mail server refuses our address: {_words(refused)}"
            ) from refused
        except smtplib.SMTPServerDisconnected as gone:
            self._drop()
            raise Temporary(f"the mail server hung up: {_words(gone)}") from gone
        except smtplib.SMTPResponseException as refused:
            self._judge(refused.smtp_code, _words(refused))
        except smtplib.SMTPNotSupportedError as missing:
            raise Permanent(f"the mail server cannot carry this address: {missing}") from missing
        except OSError as broken:
            self._drop()
            raise Temporary(f"the line to the mail server broke: {_words(broken)}") from broken

    def _judge(self, code: int, words: str) -> None:
        if code == 421:
            self._drop()
            raise Unreachable(words)
        if 400 <= code < 500:
            raise Temporary(words)
        raise Permanent(words)


def probe(url: str) -> str | None:
    """Why this server cannot be used, or None when it answers and takes the login."""
    try:
        _connect(_Server.of(url)).quit()
    except (smtplib.SMTPException, OSError, ValueError, SendError) as error:
        return f"It does not work: {_words(error)}."
    return None
