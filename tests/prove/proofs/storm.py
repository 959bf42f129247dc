"""Thousands of mails, a mail server that fails, and workers that are killed all the time."""

from __future__ import annotations

import random
import time
from collections import Counter

from mockint import clock
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, exactly
from tests.prove.owing import owe
from tests.prove.sink import Delivery, Faults
from tests.support.smtp import DROP_AFTER_TAKING

CLAIM = (
    "10,000 mails, workers killed every 250 ms, a failing server: none lost, no copy unexplained."
)
MAILS, WORKERS = 10_000, 4
KILL_EVERY_S = 0.25
BUSY, DROP, REPLY_LOST = 5.0, 3.0, 2.0
RETRY_SCALE = 0.02
"""A pause of a minute lasts 1.2 seconds."""
PATIENCE_S = 1500.0


def run(options: Options) -> Outcome:
    mails = MAILS if options.seconds is None else max(200, int(options.seconds * 15))
    chance = random.Random(options.seed)
    faults = Faults(busy=BUSY, drop=DROP, reply_lost=REPLY_LOST, seed=options.seed)
    with Installation(
        options, web=0, faults=faults, mode="development", retry_scale=RETRY_SCALE
    ) as site:
        owe(site, mails, now=clock.now())
        began = time.monotonic()
        storm = Storm(site, chance)
        storm.rage()
        took = time.monotonic() - began
        states = dict(site.rows(STATES))
        ids = {row[0] for row in site.rows("SELECT message_id FROM outbox_message")}
        deliveries = site.sink.deliveries()
        violations = site.violations("I1", "I4", "I5", "I6", "I7")
    copies = Counter(one.message_id for one in deliveries if one.taken)
    excess = _excess(deliveries, storm.interrupted)
    return Outcome(
        [
            Figure("lost", mails - len(copies), "", exactly(0)),
            Figure("not settled", mails - states.get("sent", 0), "", exactly(0)),
            Figure("messages under another Message-ID", len(set(copies) - ids), "", exactly(0)),
            Figure("copies beyond 1 + faults injected", excess, "", exactly(0)),
            Figure("violations", len(violations), "", exactly(0)),
            Figure("kills", len(storm.interrupted), "", at_least(1)),
            Figure("second copies in all", sum(copies.values()) - len(copies)),
            Figure("most copies of one", max(copies.values(), default=0)),
        ],
        {"mails": mails, "workers": WORKERS, "seconds": round(took), "states": states,
         "answers": dict(Counter(one.answer for one in deliveries))},
        violations[:5],
    )  # fmt: skip


STATES = "SELECT state, count(*) FROM outbox_message GROUP BY state"


class Storm:
    """Kills one worker after another, and starts each again."""

    def __init__(self, site: Installation, chance: random.Random) -> None:
        self.site, self.chance = site, chance
        self.interrupted: list[float] = []
        """Unix times of the kills."""

    def rage(self) -> None:
        """Until every mail is settled. Forked workers are back at once, so that some get to work
        between two kills."""
        self.site.program = "tests.prove.forks"
        workers = self.site.start("workers", str(WORKERS))
        deadline = time.monotonic() + PATIENCE_S
        while self._left() and time.monotonic() < deadline:
            time.sleep(KILL_EVERY_S)
            if not workers.runs:
                raise RuntimeError(f"The workers ended: {workers.words()}")
            at = time.time()
            if workers.kill_one(self.chance) is not None:
                self.interrupted.append(at)
        workers.stop()

    def _left(self) -> int:
        query = "SELECT count(*) FROM outbox_message WHERE state IN ('pending', 'sending')"
        return int(self.site.rows(query)[0][0])


def _excess(deliveries: list[Delivery], kills: list[float]) -> int:
    """Copies of a message beyond one and what a fault of its own explains.

    A lost reply explains one more copy, and so does a kill soon after a copy came: the worker
    died between the server's answer and its mark.
    """
    excess = 0
    by_id: dict[str, list[Delivery]] = {}
    for one in deliveries:
        if one.taken:
            by_id.setdefault(one.message_id, []).append(one)
    for copies in by_id.values():
        explained = sum(
            one.answer == DROP_AFTER_TAKING or any(0 <= kill - one.at < 1 for kill in kills)
            for one in copies[:-1]
        )
        excess += max(0, len(copies) - 1 - explained)
    return excess
