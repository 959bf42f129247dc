"""One client of a steady load: opens pages, books and cancels, at fixed moments.

A request that is late is sent at once, so the rate is what was asked for, not what the server
allows. Standard library only.
"""

from __future__ import annotations

import itertools
import json
import random
import time
from typing import Any, TextIO

from tests.prove.client import Answer, Browser, join, stopped

PAGES = ("/", "/book", "/interviews", "/progress")


class Visitor:
    """`told` has who it is, which starts there are, and the seconds between two requests."""

    def __init__(self, told: dict[str, Any], log: TextIO) -> None:
        self.told, self.log = told, log
        self.chance = random.Random(told["seed"])
        self.browser = Browser(told["url"], told["cookie"], told["token"])

    def run(self) -> None:
        """One request after another until the crowd ends."""
        began = time.monotonic() + self.chance.random() * self.told["every_s"]
        story = itertools.chain.from_iterable(self.visit() for _ in itertools.count())
        for number in itertools.count():
            time.sleep(max(0.0, began + number * self.told["every_s"] - time.monotonic()))
            if stopped():
                return
            next(story)

    def visit(self) -> Any:
        """Two pages, then a time held, booked and given back; a step is a request."""
        for path in self.chance.sample(PAGES, 2):
            yield self.note("page", self.browser.get(path))
        form = {
            "track": "coding", "level": "mid", "length": 60,
            "start": self.chance.choice(self.told["starts"]), "who": self.told["who"],
            "key": f"{self.chance.getrandbits(64):x}",
        }  # fmt: skip
        held = self.note("hold", self.browser.post("/bookings", form))
        yield held
        if held.booking is None:
            return
        path = f"/bookings/{held.booking}"
        booked = self.note("book", self.browser.post(f"{path}/confirmation", form), held.booking)
        yield booked
        reason = {"reason": "Something came up."}
        yield self.note("cancel", self.browser.post(f"{path}/cancellation", reason), held.booking)

    def note(self, kind: str, got: Answer, about: int | None = None) -> Answer:
        line = {
            "kind": kind,
            "status": got.status,
            "booking": got.booking,
            "about": about,
            "retry_after": got.retry_after,
            "called": got.called,
            "ms": (got.returned - got.called) / 1e6,
        }
        print(json.dumps(line), file=self.log)
        return got


if __name__ == "__main__":
    Visitor(*join()).run()
