"""One client that books: sends the forms it was told to, one after the other, over one connection.

`told` has `url` and `work`, a list of `[due_s, cookie, [[path, body], ...]]`; `due_s` counts from
the beginning and None means at once. `{booking}` in a path is the page the last answer led to.
Each answer becomes one line. Standard library only, as it shares the machine with the server.
"""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection, HTTPException
from typing import Any, TextIO
from urllib.parse import urlsplit

from tests.prove.client import COOKIE, PATIENCE_SECONDS, join, stopped


class Booker:
    """A connection that is kept, and made anew when the server ended it."""

    def __init__(self, url: str, log: TextIO) -> None:
        parts = urlsplit(url)
        self.connection = HTTPConnection(
            parts.hostname or "", parts.port or 80, timeout=PATIENCE_SECONDS
        )
        self.log, self.began, self.location = log, time.monotonic(), ""

    def work(self, number: int, due_s: float | None, cookie: str, steps: list[list[str]]) -> None:
        """One booking, at its time or as soon as this client can."""
        if due_s is not None:
            time.sleep(max(0.0, self.began + due_s - time.monotonic()))
        self.location = ""
        for step, (path, body) in enumerate(steps):
            late = time.monotonic() - self.began - due_s if due_s is not None and not step else 0.0
            line = self._send(path.replace("{booking}", self.location), cookie, body)
            line |= {"number": number, "step": step, "late_s": late}
            print(json.dumps(line), file=self.log)
            if line["status"] >= 400 or not line["status"]:
                return

    def _send(self, path: str, cookie: str, body: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if cookie:
            headers["Cookie"] = f"{COOKIE}={cookie}"
        began = time.monotonic()
        try:
            self.connection.request("POST", path, body, headers)
            response = self.connection.getresponse()
            response.read()
        except (HTTPException, OSError):
            self.connection.close()
            return {"status": 0, "location": "", "took_s": 0.0, "at": time.time()}
        self.location = response.getheader("Location") or ""
        took = time.monotonic() - began
        return {
            "status": response.status,
            "location": self.location,
            "took_s": took,
            "at": time.time(),
        }


if __name__ == "__main__":
    told, log = join()
    booker = Booker(told["url"], log)
    for number, due_s, cookie, steps in told["work"]:
        if stopped():
            break
        booker.work(number, due_s, cookie, steps)
