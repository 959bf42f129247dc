"""One client of the race: a candidate who holds, books, moves and cancels, or an organiser.

Whose connection breaks sends the same form again, as people do. Standard library only.
"""

from __future__ import annotations

import json
import random
import re
import time
from dataclasses import dataclass, field
from typing import Any, TextIO

from tests.prove.client import Answer, Browser, join, stopped

TAKEN = re.compile(r"just taken|another interview then")
PAUSE_S = 0.05
"""How long somebody whose connection broke waits, on average."""
LENGTHS = {60: 4, 30: 2}
"""Minutes to quarter hours; half as long as the other, so that times overlap in part."""


@dataclass
class Place:
    """What is held or booked: with whom, from which quarter hour, for how many."""

    interviewer: int
    start: int
    length: int
    field: str
    """The start as a form sends it."""


@dataclass
class Racer:
    """What every client does; `told` has who it is and which slots there are."""

    told: dict[str, Any]
    log: TextIO
    chance: random.Random = field(init=False)
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.told["seed"])
        self.browser = Browser(self.told["url"], self.told["cookie"], self.told["token"])

    def place(self, interviewer: int | None = None, length: int | None = None) -> Place:
        """Any slot, or any of one interviewer's."""
        slots = self.told["slots"]
        if interviewer is not None:
            slots = [slot for slot in slots if slot[0] == interviewer]
        who, start, text = self.chance.choice(slots)
        return Place(who, start, length or self.chance.choice((4, 4, 2)), text)

    def form(self, place: Place) -> dict[str, object]:
        minutes = next(m for m, cells in LENGTHS.items() if cells == place.length)
        return {
            "track": "coding",
            "level": "mid",
            "length": minutes,
            "who": place.interviewer,
            "start": place.field,
            "key": f"{self.chance.getrandbits(64):x}",
        }

    def send(
        self,
        kind: str,
        path: str,
        form: dict[str, object],
        place: Place | None,
        *,
        candidate: int,
        asked: int | None = None,
    ) -> tuple[str, int | None]:
        """Send a form until it is answered; returns the answer and the booking it led to."""
        while True:
            got = self.browser.post(path, form)
            answer = _answer(got)
            line = {
                "kind": kind,
                "candidate": candidate,
                "interviewer": place.interviewer if place else 0,
                "start": place.start if place else 0,
                "length": place.length if place else 0,
                "asked": asked,
                "booking": got.booking if answer == "ok" else None,
                "call": got.called,
                "ret": got.returned,
                "answer": answer,
                "status": got.status,
            }
            print(json.dumps(line), file=self.log)
            if got.status or stopped():
                return answer, got.booking
            time.sleep(self.chance.uniform(0, 2 * PAUSE_S))

    def cancel(self, number: int, candidate: int) -> str:
        form: dict[str, object] = {"reason": "Something came up."}
        path = f"/bookings/{number}/cancellation"
        return self.send("cancel", path, form, None, candidate=candidate, asked=number)[0]

    def move(self, number: int, place: Place, candidate: int) -> str:
        form: dict[str, object] = {"start": place.field, "sure": "y"}
        path = f"/bookings/{number}/reschedule"
        return self.send("move", path, form, place, candidate=candidate, asked=number)[0]


def _answer(got: Answer) -> str:
    if got.status == 303:
        return "ok"
    if got.status == 409:
        return "taken" if TAKEN.search(got.text) else "refused"
    return "refused" if 400 <= got.status < 500 else "unknown"


class Candidate(Racer):
    """Keeps one hold and some bookings, and changes its mind a lot."""

    def run(self) -> None:
        self.me: int = self.told["id"]
        self.held: tuple[int, Place] | None = None
        self.booked: dict[int, Place] = {}
        while not stopped():
            drawn = self.chance.random()
            if self.held and drawn < 0.65:
                self._confirm(*self.held)
            elif self.held and drawn < 0.8:
                self._release(*self.held)
            elif self.booked and drawn < 0.3:
                self._cancel(self.chance.choice(list(self.booked)))
            elif self.booked and drawn < 0.55:
                self._move(self.chance.choice(list(self.booked)))
            else:
                self._hold()

    def _hold(self) -> None:
        place = self.place()
        answer, number = self.send("hold", "/bookings", self.form(place), place, candidate=self.me)
        if answer == "ok" and number is not None:
            self.held = (number, place)

    def _confirm(self, number: int, place: Place) -> None:
        path = f"/bookings/{number}/confirmation"
        answer, booked = self.send(
            "confirm", path, self.form(place), place, candidate=self.me, asked=number
        )
        self.held = None
        if answer == "ok" and booked is not None:
            self.booked[booked] = place

    def _release(self, number: int, place: Place) -> None:
        path = f"/bookings/{number}/release"
        self.send("release", path, {}, place, candidate=self.me, asked=number)
        self.held = None

    def _cancel(self, number: int) -> None:
        if self.cancel(number, self.me) != "unknown":
            del self.booked[number]

    def _move(self, number: int) -> None:
        old = self.booked[number]
        place = self.place(old.interviewer, old.length)
        if self.move(number, place, self.me) == "ok":
            self.booked[number] = place


class Organiser(Racer):
    """Books for candidates, and moves and cancels whatever the desk lists."""

    def run(self) -> None:
        self.seen: list[int] = []
        while not stopped():
            drawn = self.chance.random()
            if drawn < 0.1 or not self.seen:
                self._look()
            if drawn < 0.4 or not self.seen:
                self._book()
            elif drawn < 0.7:
                self._move(self.chance.choice(self.seen))
            else:
                chosen = self.chance.choice(self.seen)
                self.seen.remove(chosen)
                self.cancel(chosen, 0)

    def _move(self, number: int) -> None:
        """Whose it is and how long it takes is not on the list; the prover asks the database."""
        place = self.place()
        self.move(number, Place(0, place.start, 0, place.field), 0)

    def _look(self) -> None:
        page = self.browser.get("/desk/bookings?state=ahead").text
        self.seen = [int(n) for n in dict.fromkeys(re.findall(r'/desk/bookings/(\d+)"', page))]

    def _book(self) -> None:
        place, candidate = self.place(), self.chance.choice(self.told["candidates"])
        form = self.form(place) | {"candidate": candidate}
        self.send("book", "/desk/book", form, place, candidate=candidate)


if __name__ == "__main__":
    told, log = join()
    (Organiser if told["organiser"] else Candidate)(told, log).run()
