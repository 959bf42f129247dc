"""Everybody wants the same slot at the same moment."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from mockint import clock
from tests.prove import community, measure
from tests.prove.client import Browser
from tests.prove.community import Member, Slot
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.prove.volley import fire

CLAIM = "Fifty requests at once for one slot: one winner, the others are told so, quickly."
ROUNDS, REQUESTS = 200, 50
INTERVIEWERS, DAYS, HOURS = 10, 2, 11
WARM_UP = 3
"""Rounds before the first that counts: each process compiles its statements once."""


@dataclass
class Rounds:
    """What all rounds together showed."""

    done: int = 0
    one_winner: int = 0
    one_row: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    took_s: list[float] = field(default_factory=list)


def run(options: Options) -> Outcome:
    with Installation(options) as site:
        cast = community.seed(
            site.app,
            now=clock.now(),
            interviewers=INTERVIEWERS,
            starts_a_day=2 * HOURS - 1,
            days=DAYS,
            candidates=REQUESTS,
        )
        slots = [slot for slot in cast.slots if slot.start.minute == 0][: ROUNDS + WARM_UP]
        for slot in slots[:WARM_UP]:
            _round(site, cast.candidates, slot, Rounds())
        found, used, began = Rounds(), site.cpu_s(), time.monotonic()
        for slot in slots[WARM_UP:]:
            if options.seconds is not None and time.monotonic() - began >= options.seconds:
                break
            _round(site, cast.candidates, slot, found)
        cpu_s = sum(site.cpu_s().values()) - sum(used.values())
        return _outcome(found, site, cpu_s)


def _round(site: Installation, members: list[Member], slot: Slot, found: Rounds) -> None:
    form = {
        "track": "coding",
        "level": "mid",
        "length": community.LENGTH_MIN,
        "who": slot.interviewer,
        "start": slot.field,
    }
    requests = [
        Browser(site.url, member.cookie, member.token).request("/bookings", form)
        for member in members
    ]
    shots = fire(("127.0.0.1", site.port), requests)
    found.done += 1
    found.statuses.update(shot.status for shot in shots)
    found.took_s += [shot.took_s for shot in shots]
    found.one_winner += [shot.status for shot in shots].count(303) == 1
    found.one_row += _held(site, slot) == 1


def _held(site: Installation, slot: Slot) -> int:
    """How many live bookings the slot has, by the database."""
    query = (
        "SELECT count(*) FROM booking WHERE interviewer_id = :who AND wall_start = :at"
        " AND state IN ('held', 'confirmed')"
    )
    at = f"{slot.start:%Y-%m-%dT%H:%M}"  # everybody is in UTC
    return int(site.rows(query, who=slot.interviewer, at=at)[0][0])


def _outcome(found: Rounds, site: Installation, cpu_s: float) -> Outcome:
    violations = site.violations("I1", "I2", "I4")
    requests = sum(found.statuses.values())
    refused = found.statuses[409]
    slowest = max(found.took_s, default=float("inf"))
    short = "" if found.done == ROUNDS else "ended by --seconds"
    figures = [
        Figure("rounds", found.done, "", at_least(ROUNDS), short=short),
        Figure("rounds without exactly one winner", found.done - found.one_winner, "", exactly(0)),
        Figure("rounds without exactly one row", found.done - found.one_row, "", exactly(0)),
        Figure(
            "losers told otherwise than 409", requests - found.one_winner - refused, "", exactly(0)
        ),
        Figure("answers 500", found.statuses[500], "", exactly(0)),
        Figure("deadlocks", site.deadlocks(), "", exactly(0)),
        Figure("violations of I1, I2, I4", len(violations), "", exactly(0)),
        Figure("slowest answer", slowest, "s", at_most(1), at_most(0.25)),
        Figure("median answer", measure.percentile(found.took_s, 50), "s"),
        Figure("95 of 100 answers", measure.percentile(found.took_s, 95), "s"),
        Figure("CPU of web and database per request", 1e3 * cpu_s / max(1, requests), "ms"),
    ]
    sizes: dict[str, object] = {
        "requests at once": REQUESTS,
        "web processes": site.web_processes,
        "interviewers": INTERVIEWERS,
        "statuses": dict(sorted(found.statuses.items())),
    }
    return Outcome(figures, sizes, [*violations[:5], *site.web.faults()])
