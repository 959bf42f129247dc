"""Radicale, a CalDAV server that others wrote, with one collection of ours, on loopback."""

from __future__ import annotations

import base64
import shutil
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

from tests.prove.processes import Service
from tests.support.servers import PATIENCE_SECONDS, Unavailable, free_port

PATH = "/reader/feed/"
SIGN_IN = {"Authorization": "Basic " + base64.b64encode(b"reader:none").decode()}
SETTINGS = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = none
[storage]
filesystem_folder = {folder}
[logging]
level = warning
"""


class Radicale:
    """Its process, which is not started, and its folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port, self._folder = free_port(), folder / "radicale"
        settings = folder / "radicale.conf"
        settings.write_text(SETTINGS.format(port=self.port, folder=self._folder))
        command = [sys.executable, "-m", "radicale", "--config", str(settings)]
        self.service = Service("radicale", command, environment, folder / "radicale.log")

    def start(self) -> None:
        self.service.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.ask("GET", "/.web/")
                return
            except OSError:
                if not self.service.runs or time.monotonic() > deadline:
                    raise Unavailable(
                        f"Radicale did not come up.\n{self.service.words()}"
                    ) from None
                time.sleep(0.02)

    def fill(self, calendar: bytes) -> None:
        """Make the collection of a calendar's entries; it stores each by itself."""
        status, words = self.ask("PUT", PATH, calendar, {"Content-Type": "text/calendar"})
        if status != 201:
            raise Unavailable(f"Radicale answered {status}: {words.decode(errors='replace')}")

    def read(self) -> bytes:
        """The whole collection, as a program that subscribes to it gets it."""
        status, calendar = self.ask("GET", PATH)
        if status != 200:
            raise Unavailable(f"Radicale answered {status}.\n{self.service.words()}")
        return calendar

    def forget(self) -> None:
        """Remove what it keeps of entries it has read; while it does not run."""
        for cache in self._folder.rglob(".Radicale.cache"):
            shutil.rmtree(cache)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, SIGN_IN | (headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
