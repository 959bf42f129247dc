"""A web server on loopback with calendar files on it, and what was asked of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NETWORK = "127.0.0.0/8"
"""What MOCKINT_CALENDAR_NETWORKS must allow for it to be reached."""


def entry(start: datetime, end: datetime, *, uid: str = "", more: str = "") -> str:
    """One VEVENT with a title that must not be kept."""
    uid = uid or f"{start:%Y%m%dT%H%M}@elsewhere.example"
    times = f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{end:%Y%m%dT%H%M%SZ}\r\n"
    return f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:Dentist\r\n{times}{more}END:VEVENT\r\n"


def calendar(*entries: str) -> bytes:
    """A calendar file of these entries."""
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//elsewhere//EN\r\n"
    return f"{head}{''.join(entries)}END:VCALENDAR\r\n".encode()


class Shelf:
    """Files by path; each is answered with a strong ETag, or 304 for who has it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        """(path, If-None-Match) of every request."""
        self.status = 200
        """Anything else is answered in place of files."""
        self.tags = True
        self.hangs: set[str] = set()
        self.released = threading.Event()

    def url(self, path: str = "/jonas.ics") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        known = request.headers.get("If-None-Match", "")
        self.asked.append((request.path, known))
        if request.path in self.hangs:
            self.released.wait(30)
        body = self.files.get(request.path)
        status = self.status if self.status != 200 else 200 if body is not None else 404
        tag = f'"{sha256(body or b"").hexdigest()[:12]}"'
        if status == 200 and self.tags and known == tag:
            status = 304
        content = body if status == 200 and body is not None else b""
        request.send_response(status)
        if status in (200, 304) and self.tags:
            request.send_header("ETag", tag)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


@contextmanager
def serving() -> Iterator[Shelf]:
    """A shelf that answers until the end."""
    shelf: Shelf

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(ConnectionError):  # who asked may have given up
                shelf.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing; the shelf keeps what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shelf = Shelf(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield shelf
    finally:
        shelf.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
