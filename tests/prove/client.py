"""The client's side of a crowd, and one member's browser; standard library only, so it is light.

A program of a crowd calls `join()`, then acts until `stopped()`. A request is one connection, as
each may reach another web process.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlencode, urlsplit

COOKIE = "mockint"
PATIENCE_SECONDS = 60.0
READY = "ready"
_stop = False


def join() -> tuple[dict[str, Any], TextIO]:
    """What this client was told, and its log, from the moment that all begin."""
    signal.signal(signal.SIGTERM, _asked_to_stop)
    told = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    log = Path(sys.argv[2]).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115 - open to the end
    print(READY, file=log)
    sys.stdin.readline()
    return told, log


def stopped() -> bool:
    """Whether the crowd ends; finish what is under way first."""
    return _stop


def _asked_to_stop(number: int, frame: object) -> None:
    global _stop
    _stop = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and when, by the clock that all processes of a machine share."""

    status: int
    """0: the connection broke, so nobody knows whether it was done."""
    location: str
    text: str
    called: int
    returned: int
    """Nanoseconds of CLOCK_MONOTONIC."""
    retry_after: str = ""

    @property
    def booking(self) -> int | None:
        """The booking whose page the answer leads to."""
        found = re.search(r"/bookings/(\d+)$", self.location)
        return int(found[1]) if found else None


class Browser:
    """Carries the cookie and the token that forms need; follows no redirect by itself.

    With `renews` it takes each new cookie, as browsers do. Who never reads a page leaves it off:
    the words meant for the next page would pile up in the cookie. `source` is a loopback address
    to come from.
    """

    def __init__(
        self, url: str, cookie: str, token: str, *, renews: bool = False, source: str = "127.0.0.1"
    ) -> None:
        self.source = source
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self.cookie, self.token, self.renews = cookie, token, renews

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None)

    def post(self, path: str, fields: Mapping[str, object]) -> Answer:
        """Send a form, with the token."""
        return self._send("POST", path, urlencode({"csrf_token": self.token, **fields}))

    def request(self, path: str, fields: Mapping[str, object]) -> bytes:
        """The bytes of `post`, for who sends many at the same moment."""
        body = urlencode({"csrf_token": self.token, **fields}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            f"Cookie: {COOKIE}={self.cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body

    def _send(self, method: str, path: str, body: str | None) -> Answer:
        connection = HTTPConnection(
            self.host, self.port, timeout=PATIENCE_SECONDS, source_address=(self.source, 0)
        )
        headers = {"Cookie": f"{COOKIE}={self.cookie}", "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        called = time.monotonic_ns()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (HTTPException, ConnectionError, TimeoutError):
            return Answer(0, "", "", called, time.monotonic_ns())
        finally:
            connection.close()
        if self.renews:
            self._renew(response.msg.get_all("Set-Cookie") or [])
        location = response.getheader("Location") or ""
        later = response.getheader("Retry-After") or ""
        return Answer(response.status, location, text, called, time.monotonic_ns(), later)

    def _renew(self, cookies: list[str]) -> None:
        for cookie in cookies:
            if found := re.match(rf"{COOKIE}=([^;]+)", cookie):
                self.cookie = found[1]
