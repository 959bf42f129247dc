"""Reads what arrives in a mailbox, by imap-tools; it marks and deletes nothing.

A server that hangs or sends a byte now and then is left in time, and a message is fetched only
after its size was asked for.
"""

from __future__ import annotations

import imaplib
import io
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from imap_tools import AND, BaseMailBox, ImapToolsError, U
from imap_tools.errors import MailboxLoginError

from mockint.adapters.deadline import Deadline, Reader, connect, is_here, send
from mockint.adapters.inbound import MOST_OCTETS

CONNECT_SECONDS = 10.0
TALK_SECONDS = 30.0
"""For one thing that is asked, with connecting and logging in where that is needed."""
QUIT_SECONDS = 3.0
LONGEST_LINE = 8 * 1024 * 1024
"""Numbers of a million messages."""
ASIDE = "mockint quarantine"
MOST_WORDS, LONGEST_NAME = 300, 500
SIZE = re.compile(rb"RFC822\.SIZE (\d+)", re.IGNORECASE)


class Unreadable(Exception):
    """The mailbox cannot be read at the moment; the words are for the operator."""


class LoginRefused(Unreadable):
    """The server does not know this user and password."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder of a mailbox as MOCKINT_IMAP_URL names it."""

    secure: bool
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str

    @classmethod
    def of(cls, url: str) -> Self:
        parts = urlsplit(url)
        secure = parts.scheme == "imaps"
        return cls(
            secure=secure,
            host=parts.hostname or "",
            port=parts.port or (993 if secure else 143),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )

    @property
    def name(self) -> str:
        """What tells it from others, without the password."""
        return f"{self.user} at {self.host}:{self.port}, {self.folder}"[:LONGEST_NAME]


class _Client(imaplib.IMAP4):
    """imaplib on a link with a deadline, by the methods it names for that."""

    def __init__(self, box: Mailbox) -> None:
        self.deadline = Deadline(TALK_SECONDS)
        self._context = ssl.create_default_context()
        self._secure = box.secure
        self._source: tuple[socket.socket, io.BufferedReader] | None = None
        super().__init__(box.host, box.port)
        try:
            self._encrypt(box)
        except BaseException:
            self.shutdown()
            raise

    def _encrypt(self, box: Mailbox) -> None:
        if not box.secure and "STARTTLS" in self.capabilities:
            self.starttls(self._context)
        elif not box.secure and not is_here(box.host):
            raise self.error("it offers no encryption, so the password was not sent")

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = connect(host, port, within_s=CONNECT_SECONDS)
        if self._secure:
            self.sock.settimeout(self.deadline.left())
            self.sock = self._context.wrap_socket(self.sock, server_hostname=host)

    @property
    def _incoming(self) -> io.BufferedReader:
        """Begun anew with encryption: what came before it in clear is not believed."""
        if self._source is None or self._source[0] is not self.sock:
            self._source = (self.sock, io.BufferedReader(Reader(self)))
        return self._source[1]

    def read(self, size: int) -> bytes:
        if size > MOST_OCTETS:
            raise self.abort(f"it sends {size} octets at once")
        return self._incoming.read(size)

    def readline(self) -> bytes:
        line = self._incoming.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise self.abort("it sends a line without end")
        return line

    def send(self, data: Any) -> None:
        send(self, bytes(data))

    def shutdown(self) -> None:
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        for name in ("file", "_file"):  # imaplib's STARTTLS opens one beside ours; since 3.14 _file
            if (opened := vars(self).get(name)) is not None:
                opened.close()


class _Box(BaseMailBox):
    """imap-tools on our link."""

    client: _Client

    def __init__(self, box: Mailbox) -> None:
        self._named = box
        super().__init__()

    def _get_mailbox_client(self) -> _Client:
        return _Client(self._named)


class Folder:
    """An opened folder; every call ends in time, with an answer or as `Unreadable`."""

    def __init__(self, box: Mailbox) -> None:
        with _in_words():
            self._box = _Box(box)
        try:
            with self._step():
                self._log_in(box)
            with self._step():
                self._box.folder.set(box.folder)
                _, said = self._box.client.response("UIDVALIDITY")
                if not said or not said[0]:
                    raise Unreadable("it does not number its messages")
                self.validity = int(said[0])
                """Numbers of messages mean something only as long as this one stays."""
        except BaseException:
            self.close()
            raise
        self._aside = ""

    def _log_in(self, box: Mailbox) -> None:
        client = self._box.client
        log_in = self._box.login
        if "AUTH=PLAIN" in client.capabilities:
            log_in = self._box.login_utf8
        elif not (box.user + box.password).isascii():
            raise LoginRefused("it takes a user and a password in ASCII only")
        try:
            log_in(box.user, box.password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except (MailboxLoginError, imaplib.IMAP4.error) as refused:
            raise LoginRefused(f"the login was refused: {_words(refused)}") from refused
        _, said = client.capability()  # it may offer more than before the login
        client.capabilities = tuple(said[-1].decode("ascii", "replace").upper().split())

    @contextmanager
    def _step(self) -> Iterator[None]:
        self._box.client.deadline = Deadline(TALK_SECONDS)
        with _in_words():
            yield

    def after(self, uid: int, *, since: date) -> list[int]:
        """The numbers above `uid` of what arrived on that day or later, in order."""
        with self._step():
            found = self._box.uids(AND(uid=U(str(uid + 1), "*"), date_gte=since), charset=None)
        return sorted(one for one in map(int, found) if one > uid)  # * always finds the last one

    def size(self, uid: int) -> int | None:
        """How many octets it has; None when it is gone meanwhile."""
        with self._step():
            found = SIZE.search(b" ".join(_flat(self._fetch(uid, "(RFC822.SIZE)"))))
        return int(found[1]) if found else None

    def read(self, uid: int) -> bytes | None:
        """The message as it arrived, left unread; None when it is gone meanwhile."""
        with self._step():
            parts = [part for part in self._fetch(uid, "(BODY.PEEK[])") if isinstance(part, tuple)]
        return bytes(parts[0][1]) if parts else None

    def _fetch(self, uid: int, what: str) -> list[Any]:
        status, said = self._box.client.uid("FETCH", str(uid), what)
        if status != "OK":
            raise Unreadable(f"it does not give message {uid}: {_line(said)}")
        return said

    def set_aside(self, uid: int) -> str:
        """Put it into the quarantine folder, made when it is missing; returns the folder's name.

        Moved where the server can do that in one step, else copied: deleting by hand needs an
        EXPUNGE, which also ends what people have marked as deleted.
        """
        with self._step():
            self._aside = self._aside or self._quarantine()
            if "MOVE" in self._box.client.capabilities:
                self._box.move(str(uid), self._aside)
            else:
                self._box.copy(str(uid), self._aside)
        return self._aside

    def _quarantine(self) -> str:
        """Beside the inbox, or below it where that is the only place for folders."""
        folders = self._box.folder.list()
        below = next((one.delim for one in folders if one.name.upper() == "INBOX"), "/")
        names = (ASIDE, f"INBOX{below}{ASIDE}")
        for name in names:
            if any(one.name == name for one in folders):
                return name
        try:
            self._box.folder.create(names[0])
        except ImapToolsError:
            self._box.folder.create(names[1])
            return names[1]
        return names[0]

    def close(self) -> None:
        self._box.client.deadline = Deadline(QUIT_SECONDS)
        with suppress(Unreadable), _in_words():
            self._box.client.logout()
        self._box.client.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _in_words() -> Iterator[None]:
    """Whatever a server does that nobody expects becomes `Unreadable`."""
    try:
        yield
    except Unreadable:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Unreadable(f"its certificate is not trusted: {error.verify_message}") from error
    except socket.gaierror as error:
        raise Unreadable("nobody knows its name") from error
    except (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError, LookupError) as error:
        raise Unreadable(_words(error)) from error


def _words(error: Exception) -> str:
    """What went wrong, on one line."""
    result = getattr(error, "command_result", None)
    return _line(result[1]) if result else _line([str(error)]) or type(error).__name__


def _line(said: list[Any]) -> str:
    texts = (one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in said)
    return " ".join(" ".join(str(text) for text in texts).split())[:MOST_WORDS].rstrip(".")


def _flat(said: list[Any]) -> Iterator[bytes]:
    for part in said:
        yield from part if isinstance(part, tuple) else (part or b"",)


def probe(url: str) -> str | None:
    """Why this mailbox cannot be read, or None when it takes the login and opens the folder."""
    try:
        Folder(Mailbox.of(url)).close()
    except Unreadable as trouble:
        return f"It does not work: {trouble}."
    return None
