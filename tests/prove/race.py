"""The race that `race` and `canary` run: its community, its clients, and what is found after."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from mockint import clock
from mockint.domain.timespan import cell_of
from tests.prove import community
from tests.prove.community import Cast
from tests.prove.crowd import Crowd
from tests.prove.history import Anomaly, History, Op, Row
from tests.prove.installation import Installation

CANDIDATES, ORGANISERS = 28, 4
INTERVIEWERS, STARTS = 5, 10
LOOK_S = 0.5

OVERLAPS = """
    SELECT one.id, other.id FROM booking one JOIN booking other
        ON one.id < other.id AND one.start_at < other.end_at AND other.start_at < one.end_at
        AND (one.interviewer_id IN (other.interviewer_id, other.candidate_id)
             OR one.candidate_id IN (other.interviewer_id, other.candidate_id))
    WHERE one.state = 'confirmed' AND other.state = 'confirmed'"""
"""Pairs of bookings that share a person and a moment, read from the bookings alone."""


@dataclass
class Race:
    """One run on a running installation; `ops` grow while it runs."""

    site: Installation
    seed: int
    ops: list[Op] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    kills: int = 0
    took_s: float = 0.0
    clients_cpu_s: float = 0.0

    def run(self, goes_on: Callable[[float], bool], *, kill_every_s: float | None = None) -> None:
        """Let the clients act while `goes_on(seconds so far)`; it is asked about twice a second."""
        cast = self._cast()
        chance = random.Random(self.seed)
        with Crowd("tests.prove.racer", self._told(cast), self.site.folder) as crowd:
            began = time.monotonic()
            look, kill = 0.0, kill_every_s or float("inf")
            while True:
                now = time.monotonic() - began
                if now >= kill:
                    self.kills += self.site.web.kill_one(chance) is not None
                    kill += kill_every_s or 0
                if now >= look:
                    self._read(crowd)
                    if not goes_on(now):
                        break
                    look = now + LOOK_S
                time.sleep(max(0.0, min(look, kill) - (time.monotonic() - began)))
            self.took_s = time.monotonic() - began
            self.clients_cpu_s = crowd.cpu_s()
        self._read(crowd)

    def _cast(self) -> Cast:
        return community.seed(
            self.site.app,
            now=clock.now(),
            interviewers=INTERVIEWERS,
            starts_a_day=STARTS,
            candidates=CANDIDATES,
            organisers=ORGANISERS,
            settings={"max_upcoming": 20},
        )

    def _told(self, cast: Cast) -> list[dict[str, object]]:
        slots = [(one.interviewer, cell_of(one.start), one.field) for one in cast.slots]
        return [
            {
                "url": self.site.url,
                "id": member.id,
                "cookie": member.cookie,
                "token": member.token,
                "organiser": member.role == "organiser",
                "candidates": [one.id for one in cast.candidates],
                "slots": slots,
                "seed": self.seed * 1000 + number,
            }
            for number, member in enumerate((*cast.candidates, *cast.organisers))
        ]

    def _read(self, crowd: Crowd) -> None:
        for line in crowd.news():
            self.statuses[line.pop("status")] += 1
            self.ops.append(Op(**line))

    # What is found

    def rows(self) -> dict[int, Row]:
        query = "SELECT id, state, candidate_id, interviewer_id, start_at, end_at FROM booking"
        return {
            number: Row(state, candidate, interviewer, _cell(start), _cell(end) - _cell(start))
            for number, state, candidate, interviewer, start, end in self.site.rows(query)
        }

    def overlaps(self) -> list[Any]:
        return self.site.rows(OVERLAPS)

    def violations(self) -> list[str]:
        """I1 to I4, by `mockint verify` and by one statement that knows nothing of it."""
        found = [f"Bookings {one} and {other} overlap." for one, other in self.overlaps()]
        return found + self.site.violations("I1", "I2", "I3", "I4")

    def anomalies(self) -> list[Anomaly]:
        """What the clients saw and cannot have seen."""
        rows = self.rows()
        ops = [_whose(op, rows) for op in self.ops]
        return History([op for op in ops if op.candidate], rows).anomalies()

    def unrecorded(self) -> list[str]:
        """Acknowledged moves and cancellations of which the audit log knows nothing."""
        recorded = {
            (action, subject)
            for action, subject in self.site.rows("SELECT action, subject FROM audit_entry")
        }
        asked = {
            (f"booking.{op.kind}", f"booking:{op.asked}")
            for op in self.ops
            if op.answer == "ok" and op.kind == "cancel"
        }
        return [f"{action} of {subject} was acknowledged." for action, subject in asked - recorded]


def _whose(op: Op, rows: dict[int, Row]) -> Op:
    """An organiser's operation with what the list did not say."""
    row = rows.get(op.asked or 0)
    if op.candidate or row is None:
        return op
    length = op.length or row.length
    return replace(op, candidate=row.candidate, interviewer=row.interviewer, length=length)


def _cell(instant: datetime | str) -> int:
    """SQLite hands out words, PostgreSQL instants; both are UTC."""
    found = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return cell_of(found if found.tzinfo else found.replace(tzinfo=UTC))
