"""A web server on loopback that gives calendars, or what is worse, as a test tells it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Answer = bytes | Callable[[str], bytes]
"""What is sent for a path, or how it is made from the octets of the request."""
DRIP_PAUSE = 0.05


def answer(
    body: bytes = b"", *headers: str, status: str = "200 OK", length: int | None = None
) -> bytes:
    """A whole answer; `length` may lie."""
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close"]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(place: str) -> bytes:
    return answer(b"", f"Location: {place}", status="302 Found")


@dataclass
class CalendarServer:
    """Answers by path; "drip:" before a path sends an octet now and then, and so does the rest."""

    answers: dict[str, Answer]
    tls: ssl.SSLContext | None = None
    asked: list[str] = field(default_factory=list)
    """The requests, as they came."""
    port: int = 0
    silent: bool = False
    """It takes links and says nothing."""
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def serve(self, listener: socket.socket) -> None:
        while not self.closing.is_set():
            try:
                link, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(link,), daemon=True).start()

    def _talk(self, link: socket.socket) -> None:
        try:
            if self.silent:
                self.closing.wait(30)
                return
            if self.tls:
                link = self.tls.wrap_socket(link, server_side=True)
            self._answer(link)
        except OSError:
            pass  # the client went away, as it may
        finally:
            link.close()

    def _answer(self, link: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            more = link.recv(65536)
            if not more:
                return
            request += more
            if not request.startswith(b"GET "):  # the first words of TLS
                link.sendall(answer(status="400 Bad Request"))
                return
        text = request.decode("latin-1")
        self.asked.append(text)
        path = text.split(" ")[1]
        found = self.answers.get(path, answer(status="404 Not Found"))
        octets = found(text) if callable(found) else found
        if not path.startswith("/drip"):
            link.sendall(octets)
            return
        for place in range(len(octets)):
            if self.closing.wait(DRIP_PAUSE):
                return
            link.sendall(octets[place : place + 1])


@contextmanager
def serving(
    answers: dict[str, Answer], *, tls: ssl.SSLContext | None = None, silent: bool = False
) -> Iterator[CalendarServer]:
    """A server for as long as the block lasts."""
    server = CalendarServer(answers, tls, silent=silent)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
