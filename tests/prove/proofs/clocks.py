"""Reminders while the clocks of the machines jump by two hours."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from mockint import clock
from mockint.db import db, transaction
from mockint.models import OutboxMessage
from mockint.services import booking, holds
from mockint.services.matching import Wanted
from tests.prove import community
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly

CLAIM = "Two schedulers and jumps of two hours: no reminder twice, early, or over 90 s late."
SECONDS = 240.0
MOST_LATE_S = 90
JUMP = timedelta(hours=2)
PROCESSES = (("worker1", "worker"), ("worker2", "worker"), ("clock1", "scheduler"),
             ("clock2", "scheduler"))  # fmt: skip
STAY_S = {"postgresql": 25, "sqlite": 60}
"""Between two jumps. SQLite is one machine, so there its clock is the time, and all share it."""
INTERVIEWERS, CANDIDATES = 25, 100
TOLERANCE_S = 2.0
"""Between a process's look at its clock and the mail server's note."""


@dataclass
class Timeline:
    """By how many seconds the clock that counts ran ahead, and since when (Unix time)."""

    steps: list[tuple[float, float]] = field(default_factory=list)

    def pieces(self, until: float) -> Iterator[tuple[float, float, float]]:
        """Begin, end and lead of each stretch between two jumps."""
        ends = [begin for begin, _ in self.steps[1:]] + [until]
        for (begin, lead), end in zip(self.steps, ends, strict=True):
            if begin < until:
                yield begin, min(end, until), lead

    def due_for_s(self, due: float, until: float) -> float:
        """How many seconds up to `until` the clock said that `due` had come."""
        return sum(
            max(0.0, end - max(begin, due - lead)) for begin, end, lead in self.pieces(until)
        )


def run(options: Options) -> Outcome:
    chance = random.Random(options.seed)
    seconds = max(options.seconds or SECONDS, MOST_LATE_S + 30)
    with Installation(options, web=0) as site:
        _book(site)
        began = time.time()
        due = _set_reminders(site, began, seconds - MOST_LATE_S)
        timeline = _run_through(site, chance, began + seconds)
        ended = time.time()
        sent = {one.message_id: one.at for one in site.sink.deliveries() if one.taken}
        copies = site.sink.copies()
        ids = dict(site.rows("SELECT id, message_id FROM outbox_message WHERE kind = 'reminder'"))
        states = Counter(
            state
            for row_id, state in site.rows("SELECT id, state FROM outbox_message")
            if row_id in due
        )
    waits = {
        row_id: timeline.due_for_s(moment, sent.get(ids[row_id], ended))
        for row_id, moment in due.items()
    }
    arrived = [row_id for row_id in due if ids[row_id] in sent]
    early = [row_id for row_id in arrived if waits[row_id] <= 0
             and timeline.due_for_s(due[row_id] - TOLERANCE_S, sent[ids[row_id]]) <= 0]  # fmt: skip
    late = [row_id for row_id, wait in waits.items() if wait > MOST_LATE_S]
    twice = [row_id for row_id in arrived if copies[ids[row_id]] > 1]
    return Outcome(
        [
            Figure("reminders sent", len(arrived), "", at_least(len(due) // 3)),
            Figure("sent twice", len(twice), "", exactly(0)),
            Figure("sent early", len(early), "", exactly(0)),
            Figure("lost or over 90 s late", len(late), "", exactly(0)),
            Figure("latest", max((waits[one] for one in arrived), default=0.0), "s",
                   at_most(MOST_LATE_S)),
            Figure("jumps", len(timeline.steps) - 1),
        ],
        {"reminders": len(due), "bookings": CANDIDATES, "schedulers": 2, "workers": 2,
         "seconds": round(ended - began), "states": dict(states)},
    )  # fmt: skip


def _book(site: Installation) -> None:
    """Bookings in three days, through the services."""
    now = clock.now()
    cast = community.seed(
        site.app, now=now, interviewers=INTERVIEWERS, starts_a_day=8, candidates=CANDIDATES
    )
    apart = [slot for slot in cast.slots if slot.start.minute == 0]
    for member, slot in zip(cast.candidates, apart, strict=True):
        wanted = Wanted("coding", "mid", 60, slot.start, interviewer_id=slot.interviewer)
        with site.context():
            held = holds.hold(member.id, wanted, now=now)
            booking.confirm(held.id, candidate_id=member.id, now=now)


def _set_reminders(site: Installation, began: float, span_s: float) -> dict[int, float]:
    """Row to Unix time: a third falls due now and then, a third after a jump only, a third never.

    One reminder of each booking and side, as several at once would become one.
    """
    with site.context():
        first = (
            "SELECT min(id) FROM outbox_message WHERE kind = 'reminder' GROUP BY booking_id, side"
        )
        ids = sorted(row[0] for row in site.rows(first))
        due = {}
        for number, row_id in enumerate(ids):
            later = (timedelta(), JUMP, 2 * JUMP)[number % 3]
            due[row_id] = began + later.total_seconds() + span_s * number / len(ids)
        with transaction():
            for row_id, moment in due.items():
                at = datetime.fromtimestamp(moment, UTC)
                db.session.execute(
                    update(OutboxMessage)
                    .where(OutboxMessage.id == row_id)
                    .values(due_at=at, next_try_at=at)
                )
    return due


def _run_through(site: Installation, chance: random.Random, until: float) -> Timeline:
    """Let the processes work while their clocks jump; the timeline of the clock that counts."""
    shared = site.options.database == "sqlite"
    files = {name: site.folder / f"lead-{'all' if shared else name}" for name, _ in PROCESSES}
    timeline = Timeline([(time.time(), 0.0)])
    for file in files.values():
        _write(file, 0.0)
    site.program = "tests.prove.skewed"
    running = [site.start(name, str(files[name]), word) for name, word in PROCESSES]
    lead = 0.0
    while (left := until - time.time()) > 0:
        time.sleep(min(left, STAY_S[site.options.database]))
        if shared:
            lead = chance.choice([one for one in _leads() if one != lead])
            timeline.steps.append((time.time(), lead))
            _write(files[running[0].name], lead)
        else:
            timeline.steps.append((time.time(), 0.0))
            for file in files.values():
                _write(file, chance.choice(_leads()))
    for service in running:
        assert service.runs, service.words()
        service.stop()
    return timeline


def _leads() -> list[float]:
    return [-JUMP.total_seconds(), 0.0, JUMP.total_seconds()]


def _write(file: Path, lead: float) -> None:
    """At once, so that nobody reads half a figure."""
    fresh = file.with_suffix(".new")
    fresh.write_text(str(lead), encoding="ascii")
    fresh.replace(file)
