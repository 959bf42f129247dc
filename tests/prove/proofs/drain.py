"""How fast the outbox empties, beside a bare loop that makes and sends the same mails."""

from __future__ import annotations

import resource
import smtplib
import time
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from mockint import clock
from mockint.db import db, transaction
from mockint.models import OutboxMessage
from mockint.services import letters, mail
from mockint.tasks import queue
from tests.prove import unsent
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, exactly
from tests.prove.owing import owe
from tests.prove.processes import Service

CLAIM = "5,000 due mails leave at 60 % of a bare loop's rate or better, with 1, 2 and 4 workers."
MAILS = 5_000
WORKERS = (1, 2, 4)
TURN = 20
PATIENCE_S = 600.0
HINTS = 4
"""For each worker, so that none waits for its own look at the clock."""
SETTLE_S = 3.0
"""A worker that has started listens to Redis about this much later."""
AHEAD = timedelta(days=1)
"""Mails not due yet stay out of a worker's reach until their turn comes."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Mails sent, in how many seconds, with how much CPU of the sender and of the database."""

    mails: int
    seconds: float
    cpu_s: float
    database_s: float = 0.0

    @property
    def rate(self) -> float:
        return self.mails / self.seconds

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu_s / self.mails


def run(options: Options) -> Outcome:
    mails = MAILS if options.seconds is None else max(200, int(options.seconds * 20) // 2 * 2)
    paces: dict[int, Pace] = {}
    with Installation(options, web=0) as site:
        owe(site, mails, now=clock.now() + AHEAD)
        loop = _raw_loop(site, min(mails, 1000))
        for workers in WORKERS:
            paces[workers] = _drain(site, workers, mails)
        violations = site.violations("I4", "I5", "I6")
    figures = [
        Figure("bare loop", loop.rate, "mails/s"),
        Figure("its CPU", loop.cpu_ms, "ms a mail"),
    ]
    for workers, pace in paces.items():
        share = 100 * pace.rate / loop.rate
        figures += [
            Figure(f"{workers} workers", pace.rate, "mails/s"),
            Figure("of the bare loop", share, "%", at_least(60), at_least(90)),
            Figure("CPU", pace.cpu_ms, "ms a mail"),
            Figure("CPU of the database", 1000 * pace.database_s / pace.mails, "ms a mail"),
        ]
    figures.append(Figure("violations", len(violations), "", exactly(0)))
    return Outcome(figures, {"mails": mails}, violations[:5])


def _raw_loop(site: Installation, mails: int) -> Pace:
    """Make and send over one connection; what the letters say was read before."""
    ready = _plans(site, mails)
    with smtplib.SMTP("127.0.0.1", site.sink.port) as server, site.context():
        for plan, found in ready[:TURN]:
            letters.message(plan, found, now=clock.now())  # compiles the templates
        began, cpu = time.monotonic(), _own_cpu_s()
        for plan, found in ready:
            message = letters.message(plan, found, now=clock.now())
            bounces = letters.bounces_to(plan.row.id, plan.row.message_id)
            server.send_message(message, bounces, [found.address])
        return Pace(len(ready), time.monotonic() - began, _own_cpu_s() - cpu)


def _plans(site: Installation, mails: int) -> list[tuple[letters.Plan, mail.Mail]]:
    """What the first letters say, without owing one less."""
    found: list[tuple[letters.Plan, mail.Mail]] = []
    now = clock.now() + 2 * AHEAD
    rows = [row[0] for row in site.rows(f"SELECT id FROM outbox_message ORDER BY id LIMIT {mails}")]
    for first in range(0, len(rows), TURN):
        with site.context():
            found += unsent.read(rows[first : first + TURN], now)
    return found


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _drain(site: Installation, workers: int, mails: int) -> Pace:
    """Let every mail fall due at once and wait until the last is sent.

    The workers run already, so that their start does not count.
    """
    came = len(site.sink.deliveries())
    services = [site.start(f"{workers}w{number}", "worker") for number in range(workers)]
    for service in services:
        _until_started(service)
    _owe_again(site)
    used = site.cpu_s()
    began = time.monotonic()
    _wake(site, HINTS * workers)
    while _left(site):
        if time.monotonic() - began > PATIENCE_S:
            raise RuntimeError(f"The mails do not leave: {services[0].words()}")
        time.sleep(0.1)
    seconds = time.monotonic() - began
    spent = {name: value - used.get(name, 0.0) for name, value in site.cpu_s().items()}
    for service in services:
        service.stop()
    assert len(site.sink.deliveries()) - came == mails
    own = sum(spent[service.name] for service in services)
    return Pace(mails, seconds, own, spent.get("database", 0.0))


def _until_started(service: Service) -> None:
    deadline = time.monotonic() + 60
    while "worker_started" not in service.words():
        if time.monotonic() > deadline or not service.runs:
            raise RuntimeError(f"{service.name} did not start: {service.words()}")
        time.sleep(0.1)
    time.sleep(SETTLE_S)


def _owe_again(site: Installation) -> None:
    """Every mail is due now and was never tried."""
    now = clock.now()
    with site.context(), transaction():
        db.session.execute(
            update(OutboxMessage).values(
                state="pending", attempts=0, sent_at=None, due_at=now, next_try_at=now
            )
        )


def _wake(site: Installation, hints: int) -> None:
    """As so many commits would."""
    celery = site.app.extensions[queue.BOUND]
    for _ in range(hints):
        queue.wake(celery)


def _left(site: Installation) -> int:
    query = "SELECT count(*) FROM outbox_message WHERE state IN ('pending', 'sending')"
    return int(site.rows(query)[0][0])
