"""A server that speaks IMAP up to a command and then hangs, drips, lies or breaks off."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

STALL, DRIP, DROP, FLOOD = "stall", "drip", "drop", "flood"
STAGES = ("GREETING", "CAPABILITY", "LOGIN", "SELECT", "SEARCH", "SIZE", "BODY")
MESSAGE = b"From: robin@people.example\r\nSubject: Hello\r\n\r\nHello.\r\n"
CLAIMED = 2_000_000_000
"""Octets that a lying server announces."""


@dataclass
class FaultyImap:
    """What goes wrong at which command; it has one message, number 7, to anybody who logs in."""

    stage: str = ""
    fault: str = ""
    port: int = 0
    offers: bytes = b"IMAP4rev1 AUTH=PLAIN"
    tls: ssl.SSLContext | None = None
    """Encrypts from the start."""
    starttls: ssl.SSLContext | None = None
    """Encrypts when asked; in clear it has said more by then than a client may believe."""
    heard: list[bytes] = field(default_factory=list)
    """Commands, without their tags."""
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        scheme = "imaps" if self.tls else "imap"
        return f"{scheme}://mockint:hush@127.0.0.1:{self.port}"

    def serve(self, link: socket.socket) -> None:
        with suppress(OSError), link:
            if self.tls:
                link = self.tls.wrap_socket(link, server_side=True)
            with link:
                self._say(link, "GREETING", b"* OK ready\r\n")
                tag = self._talk(link)
                if tag is not None and self.starttls:
                    following = b"%s%d" % (tag[:4], int(tag[4:]) + 1)  # as imaplib makes tags
                    more = b"* CAPABILITY IMAP4rev1\r\n" + following + b" OK in between\r\n"
                    link.sendall(tag + b" OK go\r\n" + more)
                    with self.starttls.wrap_socket(link, server_side=True) as hidden:
                        self._talk(hidden)

    def _talk(self, link: socket.socket) -> bytes | None:
        """Until the link ends, or the client wants to encrypt: the tag of that."""
        lines = link.makefile("rb", buffering=0)
        for line in lines:
            tag, _, command = line.strip().partition(b" ")
            self.heard.append(command)
            if command == b"STARTTLS":
                return bytes(tag)
            self._answer(link, tag, command, lines.readline)
        return None

    def _answer(self, link: socket.socket, tag: bytes, command: bytes, more: object) -> None:
        verb = command.split()[0].upper()
        if verb == b"UID":
            verb = command.split()[1].upper()
        stage, said = "", b""
        if verb == b"CAPABILITY":
            stage, said = "CAPABILITY", b"* CAPABILITY " + self.offers + b"\r\n"
        elif verb == b"AUTHENTICATE":
            link.sendall(b"+ \r\n")
            assert callable(more)
            more()
            stage = "LOGIN"
        elif verb == b"SELECT":
            stage, said = "SELECT", b"* 1 EXISTS\r\n* OK [UIDVALIDITY 5] now\r\n"
        elif verb == b"SEARCH":
            stage, said = "SEARCH", b"* SEARCH 7\r\n"
        elif verb == b"FETCH" and b"SIZE" in command:
            stage, said = "SIZE", b"* 1 FETCH (UID 7 RFC822.SIZE %d)\r\n" % len(MESSAGE)
        elif verb == b"FETCH":
            size = CLAIMED if self.fault == FLOOD else len(MESSAGE)
            stage = "BODY"
            said = b"* 1 FETCH (UID 7 BODY[] {%d}\r\n" % size + MESSAGE + b")\r\n"
        self._say(link, stage, said + tag + b" OK done\r\n")

    def _say(self, link: socket.socket, stage: str, words: bytes) -> None:
        if stage != self.stage:
            link.sendall(words)
        elif self.fault == DROP:
            link.sendall(words[: len(words) // 2])
            raise ConnectionAbortedError
        elif self.fault == STALL:
            self.ended.wait(60)
        elif self.fault == DRIP:
            while not self.ended.is_set():
                link.sendall(b"*")
                time.sleep(0.03)
        else:
            link.sendall(words)


@contextmanager
def faulty(plan: FaultyImap) -> Iterator[FaultyImap]:
    """The server, each link on a thread of its own, until the block ends."""
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        plan.port = listener.getsockname()[1]

        def accept() -> None:
            with suppress(OSError):
                while True:
                    link, _ = listener.accept()
                    threads.append(threading.Thread(target=plan.serve, args=(link,), daemon=True))
                    threads[-1].start()

        door = threading.Thread(target=accept, daemon=True)
        door.start()
        try:
            yield plan
        finally:
            plan.ended.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (door, *threads):
                thread.join(10)
