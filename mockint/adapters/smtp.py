"""Hands messages to a mail server, and tells what may be tried again from what may not."""

from __future__ import annotations

import io
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import unquote, urlsplit

from mockint.adapters.deadline import Deadline, is_here
from mockint.adapters.smtplink import Listener, Patient, SecurePatient

CONNECT_SECONDS = 10.0
TALK_SECONDS = 30.0
"""For a message, with connecting and logging in where that is needed."""
QUIT_SECONDS = 3.0
MOST_WORDS = 300
MOST_BREAKS = 3
"""After so many lines broken in a row the server counts as taking nothing."""

SHUT_DOWN = 421
TOO_LARGE = 552
OUR_FAULT = frozenset({503, 530, 534, 535, 538})
"""Login wanted or refused, encryption wanted: it is us whom the server refuses."""
OUR_SETTINGS = re.compile(r"\brelay|^5\d\d 5\.7\.(8|9|10|11|12)\b", re.IGNORECASE)
"""So are these: the server takes mail for strangers only from those it knows (RFC 3463, 4954)."""


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
class Server:
    """A mail server as MOCKINT_SMTP_URL names it."""

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
        return is_here(self.host)


def _unheard(speaker: str, line: str) -> None:
    """Nobody listens."""


def _trust() -> ssl.SSLContext:
    """The authorities of the moment; reading them takes as long as ten mails."""
    return ssl.create_default_context()


def _connect(server: Server, deadline: Deadline, listener: Listener = _unheard) -> Patient:
    """Connect, encrypt where offered, log in; a password never travels in clear.

    The server's certificate must fit its name and come from an authority the machine trusts, or
    one of the file that SSL_CERT_FILE names. Nothing is sent in clear once encryption failed.
    """
    limits: dict[str, Any] = {
        "connect_s": CONNECT_SECONDS,
        "deadline": deadline,
        "listener": listener,
    }
    link: Patient
    if server.secure:
        link = SecurePatient(server.host, server.port, context=_trust(), **limits)
    else:
        link = Patient(server.host, server.port, **limits)
    try:
        link.ehlo_or_helo_if_needed()
        if not server.secure and link.has_extn("starttls"):
            link.starttls(context=_trust())
            link.ehlo_or_helo_if_needed()
        elif not server.secure and server.user and not server.is_here:
            raise Unreachable(
                "the mail server cannot be used: it offers no encryption, "
                "so the password was not sent"
            )
        if server.user:
            link.login(server.user, server.password)
    except BaseException:
        link.close()
        raise
    return link


def _words(error: Exception) -> str:
    """What the server said, on one line, without what we sent."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"[:MOST_WORDS]
    return " ".join(f"{error}".split())[:MOST_WORDS] or type(error).__name__


def _reply(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(f"{code} {text}".split())[:MOST_WORDS]


def _judge(code: int, said: bytes | str, *, sender_named: bool = False) -> SendError:
    """What a refusal means; `sender_named` while the server knows no more than who we are."""
    words = _reply(code, said)
    if code == SHUT_DOWN or code in OUR_FAULT or (code >= 500 and OUR_SETTINGS.search(words)):
        return Unreachable(f"the mail server takes nothing from us: {words}")
    if sender_named and code != TOO_LARGE:
        return Unreachable(f"the mail server refuses our address: {words}")
    return Permanent(words) if code >= 500 else Temporary(words)


def _octets(message: EmailMessage, *, international: bool) -> bytes:
    """The message as it travels."""
    kept = io.BytesIO()
    policy: Any = message.policy
    if international:
        policy = policy.clone(utf8=True)
    BytesGenerator(kept, policy=policy).flatten(message, linesep="\r\n")
    return kept.getvalue()


class _Ended(Exception):
    """The server ended the link between two messages; that says nothing about the next one."""


def _talk(link: Patient, message: EmailMessage, sender: str, recipient: str) -> None:
    """One message over an open link; the link stays usable after a refusal."""
    international = not (sender.isascii() and recipient.isascii())
    if international and not link.has_extn("smtputf8"):
        raise Permanent("the mail server cannot carry this address")
    octets = _octets(message, international=international)
    options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
    if link.has_extn("size"):
        options.append(f"size={len(octets)}")
    try:
        code, said = link.mail(sender, options)
    except OSError as gone:
        if link.carried:
            raise _Ended from gone
        raise
    if code == SHUT_DOWN and link.carried:
        raise _Ended
    if code != 250:
        raise _judge(code, said, sender_named=True)
    code, said = link.rcpt(recipient)
    if code not in (250, 251):
        raise _judge(code, said)
    try:
        code, said = link.data(octets)
    except smtplib.SMTPDataError as refused:
        raise _judge(refused.smtp_code, refused.smtp_error) from refused
    if code != 250:
        raise _judge(code, said)
    link.carried += 1


@dataclass
class SmtpTransport:
    """One connection, opened when the first message goes out and closed at the block's end."""

    url: str
    listener: Listener = _unheard
    _link: Patient | None = field(default=None, init=False)
    _breaks: int = field(default=0, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        link, self._link = self._link, None
        if link is None:
            return
        link.deadline = Deadline(QUIT_SECONDS)
        try:
            link.quit()
        except (smtplib.SMTPException, OSError):
            link.close()

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _open(self, deadline: Deadline) -> Patient:
        if self._link is None:
            try:
                self._link = _connect(Server.of(self.url), deadline, self.listener)
            except (smtplib.SMTPException, OSError, ValueError) as error:
                raise Unreachable(f"the mail server cannot be used: {_words(error)}") from error
        self._link.deadline = deadline
        return self._link

    def send(self, message: EmailMessage, *, sender: str, recipient: str, row_id: int) -> None:
        """Hand over one message, or say whether trying again makes sense."""
        try:
            self._send(message, sender, recipient)
        except _Ended:
            self._drop()
            self._send(message, sender, recipient)

    def _send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        link = self._open(Deadline(TALK_SECONDS))
        try:
            _talk(link, message, sender, recipient)
        except SendError as refused:
            self._breaks = 0
            if isinstance(refused, Unreachable):
                self._drop()
            else:
                self._start_over(link)
            raise
        except OSError as broken:  # also what smtplib raises
            self._drop()
            self._breaks += 1
            words = f"the line to the mail server broke: {_words(broken)}"
            if self._breaks >= MOST_BREAKS:
                raise Unreachable(f"the mail server breaks off every time; {words}") from broken
            raise Temporary(words) from broken
        self._breaks = 0

    def _start_over(self, link: Patient) -> None:
        """Forget the refused message, so that the next one finds the link as new."""
        try:
            link.rset()
        except OSError:
            self._drop()


def probe(url: str) -> str | None:
    """Why this server cannot be used, or None when it answers and takes the login."""
    try:
        link = _connect(Server.of(url), Deadline(TALK_SECONDS))
    except (smtplib.SMTPException, OSError, ValueError, SendError) as error:
        return f"It does not work: {_words(error)}."
    try:
        link.quit()
    except (smtplib.SMTPException, OSError):
        link.close()
    return None
