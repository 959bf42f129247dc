"""The load that `booking` measures: bookings beside bare inserts, and the mail that follows."""

from __future__ import annotations

import http.client
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mockint import clock
from tests.prove import community
from tests.prove.community import Cast, Member, Slot
from tests.prove.crowd import Crowd
from tests.prove.installation import Installation
from tests.prove.processes import Service
from tests.support.servers import PATIENCE_SECONDS, Unavailable, free_port
from tests.support.web import environment

LENGTH_MIN = 60
HOURS_A_DAY = 24
Work = tuple[float | None, str, list[tuple[str, str]]]
"""When it is due, the cookie, and the forms to send: path and body."""


@dataclass(frozen=True, slots=True)
class Form:
    """A time that a candidate books, and the form that says so."""

    candidate: Member
    slot: Slot
    anyone: bool

    @property
    def body(self) -> str:
        fields: dict[str, object] = {
            "csrf_token": self.candidate.token,
            "track": "coding",
            "level": "mid",
            "length": LENGTH_MIN,
            "start": self.slot.field,
            "key": community.digest(self.candidate.id, self.slot.field),
        }
        if not self.anyone:
            fields["who"] = self.slot.interviewer
        return urlencode(fields)


@dataclass
class Calls:
    """What the clients saw of one load, and what it cost the servers."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    cpu_s: dict[str, float] = field(default_factory=dict)
    took_s: float = 0.0

    @property
    def done(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["status"] in (201, 303)]

    @property
    def failed(self) -> int:
        return len(self.lines) - len(self.done)

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of all server processes for each request."""
        return sum(self.cpu_s.values()) * 1e3 / max(1, len(self.lines))


class Market:
    """Everybody who books, and times that nobody has taken yet.

    Each `day` gives every interviewer's hours to candidates in turn, so that nobody is asked to
    be in two places and nothing is refused.
    """

    def __init__(self, site: Installation, *, interviewers: int, candidates: int, days: int):
        self.site = site
        self.cast: Cast = community.seed(
            site.app,
            now=clock.now(),
            interviewers=interviewers,
            candidates=candidates,
            starts_a_day=2 * HOURS_A_DAY - 1,
            days=days,
            settings={"max_upcoming": 20},
        )
        site.execute("ANALYZE")
        self._by_day: dict[int, list[Slot]] = {}
        first = min(slot.start for slot in self.cast.slots).date()
        for slot in self.cast.slots:
            if not slot.start.minute:
                self._by_day.setdefault((slot.start.date() - first).days, []).append(slot)
        for slots in self._by_day.values():
            slots.sort(key=lambda slot: (slot.start, slot.interviewer))

    def forms(self, day: int, count: int, *, anyone: bool = False) -> list[Form]:
        """One form of each of `count` candidates."""
        chosen = self.cast.candidates[:count]
        return [
            Form(who, slot, anyone) for who, slot in zip(chosen, self._by_day[day], strict=False)
        ]


def holds(forms: list[Form]) -> list[Work]:
    return [(None, form.candidate.cookie, [("/bookings", form.body)]) for form in forms]


def confirmations(forms: list[Form], held: Calls) -> list[Work]:
    """The second form of each whose first was taken."""
    pages = {line["number"]: line["location"] for line in held.done}
    return [
        (None, form.candidate.cookie, [(f"{pages[number]}/confirmation", form.body)])
        for number, form in enumerate(forms)
        if number in pages
    ]


def pairs(forms: list[Form], *, a_second: float) -> list[Work]:
    """Hold and confirm, begun `a_second` times a second."""
    return [
        (
            number / a_second,
            form.candidate.cookie,
            [("/bookings", form.body), ("{booking}/confirmation", form.body)],
        )
        for number, form in enumerate(forms)
    ]


def send(
    site: Installation, url: str, work: list[Work], *, clients: int, servers: list[Service]
) -> Calls:
    """Do the work with so many clients; `servers` are what costs, beside the database."""

    def used() -> dict[str, float]:
        spent = {one.name: one.cpu_s() for one in servers}
        return spent | {"database": site.cpu_s()["database"]}

    numbered = [(number, *each) for number, each in enumerate(work)]
    told = [{"url": url, "work": numbered[n::clients]} for n in range(clients)]
    before, began = used(), time.monotonic()
    with Crowd("tests.prove.booker", told, site.folder) as crowd:
        while any(client.runs for client in crowd.clients):
            time.sleep(0.05)
        took = time.monotonic() - began
        after = used()
        lines = crowd.news()
    if len(lines) < len(work):
        raise RuntimeError(f"The clients ended early:\n{crowd.words()}")
    return Calls(lines, {name: after[name] - before[name] for name in after}, took)


class Floor:
    """The bare server of `bench/` on the same PostgreSQL, with gunicorn set up like ours."""

    def __init__(self, site: Installation) -> None:
        self.port = free_port()
        surroundings = environment(site.settings) | {"FLOOR_DATABASE_URL": site.settings.database}
        name = "bench.floor_booking"
        python = [sys.executable, "-m"]
        make = Service("floor-table", [*python, name], surroundings, site.folder / "floor.log")
        make.start()
        if make.wait():
            raise Unavailable(f"The floor has no table:\n{make.words()}")
        command = [*python, "gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--worker-class", "gthread", "--workers", str(site.web_processes)]
        command += ["--threads", str(site.threads), "--log-level", "warning"]
        command += ["--no-control-socket", f"{name}:app"]
        self.service = Service("floor", command, surroundings, site.folder / "floor.log")
        site.services.append(self.service)

    def __enter__(self) -> Floor:
        self.service.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            if not self.service.runs or time.monotonic() > deadline:
                raise Unavailable(f"The floor did not come up:\n{self.service.words()}")
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        self.service.stop()

    def _answers(self) -> bool:
        probe = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            probe.request("GET", "/none")
            return probe.getresponse().status == 404
        except (OSError, http.client.HTTPException):
            return False
        finally:
            probe.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def work(self, forms: list[Form]) -> list[Work]:
        """The same bodies as ours; nothing reads them."""
        return holds(forms)
