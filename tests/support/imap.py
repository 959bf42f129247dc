"""A real IMAP server on loopback (pymap), with what a person would do in a mailbox there."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from imap_tools import BaseMailBox, MailboxFolderSelectError, MailBoxUnencrypted

from tests.support.servers import Server, free_port

USER, PASSWORD = "mockint@people.example", "p@ss/word"
START = "from pymap.main import main; main()"


@dataclass
class ImapServer:
    """One person's mailboxes; they are gone when the server is."""

    server: Server
    port: int

    def url(self, folder: str = "", password: str = PASSWORD) -> str:
        login = f"{quote(USER, safe='')}:{quote(password, safe='')}"
        return f"imap://{login}@127.0.0.1:{self.port}/{quote(folder)}"

    @contextmanager
    def as_person(self, folder: str = "INBOX") -> Iterator[BaseMailBox]:
        """The mailbox as its owner's mail program has it open."""
        with MailBoxUnencrypted("127.0.0.1", self.port, timeout=10) as box:
            box.login_utf8(USER, PASSWORD, initial_folder=folder)
            yield box

    def deliver(self, *messages: bytes, folder: str = "INBOX", at: datetime | None = None) -> None:
        """Mail arrives, now or at another time."""
        with self.as_person() as box:
            for message in messages:
                box.append(message, folder, dt=at)

    def empty(self) -> None:
        """No mail, and no folder but the inbox."""
        with self.as_person() as box:
            for folder in [one.name for one in box.folder.list() if one.name != "INBOX"]:
                box.folder.delete(folder)
            box.delete(box.uids())

    def subjects(self, folder: str = "INBOX") -> list[str]:
        """What lies in a folder; none where there is no such folder."""
        with suppress(MailboxFolderSelectError), self.as_person(folder) as box:
            return [one.subject for one in box.fetch(mark_seen=False)]
        return []

    def unread(self) -> int:
        with self.as_person() as box:
            return len(box.uids("UNSEEN"))


@contextmanager
def running() -> Iterator[ImapServer]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="mockint-imap-") as folder:
        command = [
            sys.executable, "-c", START, "--host", "127.0.0.1", "--port", str(port), "--no-tls",
            "dict", "--demo-user", USER, "--demo-password", PASSWORD,
        ]  # fmt: skip
        made = ImapServer(Server(command, Path(folder), f"imap://127.0.0.1:{port}", bool), port)
        made.server.is_up = lambda: _answers(made)
        made.server.start()
        try:
            yield made
        finally:
            made.server.stop()


def _answers(server: ImapServer) -> bool:
    try:
        server.subjects()
    except OSError:
        return False
    return True
