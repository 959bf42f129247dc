"""Who suits best of thousands: for one time that was chosen, and before one is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import insert, select

from mockint.db import db, transaction
from mockint.domain.matching import Request
from mockint.domain.timespan import cell_of
from mockint.models import CandidateProfile, InterviewerProfile, SlotPrice
from mockint.queries import standing
from mockint.services import matching, prices, suggestions
from mockint.services.matching import Wanted
from tests.prove import market, measure
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.support.counting import statements

CLAIM = "Of 10,000 interviewers the best free one for a request is known in 50 ms."
DATABASES = ("postgresql",)
SMALL, LARGE = 200, 10_000
TIMES = 200
A_SECOND = 4
"""Rankings that a shortened run does for each of its seconds."""
PRICED = 20_000
COMPANIES = [f"Company {number}" for number in range(300)]
ASKED = Request("coding", "mid", 60)


@dataclass(frozen=True, slots=True)
class Measured:
    """One size; times of each ranking in milliseconds, with nothing to be read anew before it."""

    ranked: list[float]
    recommended: list[float]
    free: float
    asked: int
    renewed: int
    renewed_s: float


def run(options: Options) -> Outcome:
    times = TIMES if options.seconds is None else max(20, int(options.seconds * A_SECOND))
    small, large = (_measure(options, size, times) for size in (SMALL, LARGE))
    figures = [
        Figure(f"statements more than at {SMALL}", large.asked - small.asked, "", exactly(0)),
        Figure("free at a start, on average", large.free, "", at_least(300)),
        Figure("ranked at a start: p50", measure.percentile(large.ranked, 50), "ms"),
        Figure("ranked at a start: p95", measure.percentile(large.ranked, 95), "ms", at_most(50)),
        Figure("three recommended: p50", measure.percentile(large.recommended, 50), "ms"),
        Figure("three recommended: p95", measure.percentile(large.recommended, 95), "ms"),
        Figure("prices counted anew", large.renewed_s, "s"),
    ]
    sizes: dict[str, object] = {
        "interviewers": LARGE,
        "prices while ranking": PRICED,
        "rankings": times,
        "statements of a ranking": large.asked,
        "prices after counting anew": large.renewed,
    }
    return Outcome(figures, sizes)


def _measure(options: Options, size: int, times: int) -> Measured:
    chance = random.Random(options.seed)
    with Installation(options, web=0, threads=1, own_postgres=True) as site:
        now = datetime.now(UTC)
        me = market.fill(site.app, now=now, interviewers=size, seed=options.seed).id
        with site.app.app_context():
            _enrich(me, now, chance)
            standing.forget()
            starts = matching.search(me, request=ASKED, now=now).starts
            chosen = [chance.choice(starts) for _ in range(times)]
            wanted = [Wanted("coding", "mid", 60, start) for start in chosen]
            free = [len(matching.ranked(me, one, now=now)) for one in wanted[:20]]
            db.session.rollback()
            with statements() as sent:
                matching.ranked(me, wanted[0], now=now)
            ranked = [_took(partial(matching.ranked, me, one, now=now)) for one in wanted]
            few = [_took(partial(_recommended, me, now)) for _ in range(min(times, 40))]
            began = time.perf_counter()
            renewed = prices.renew(now=now)
            renewed_s = time.perf_counter() - began
            standing.forget()
            db.session.remove()
    return Measured(ranked, few, sum(free) / len(free), len(sent), renewed, renewed_s)


def _recommended(person_id: int, now: datetime) -> object:
    looks = matching.seeker(person_id, now=now)
    return suggestions.recommended(looks, ASKED, now=now)


def _took(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    db.session.rollback()
    return 1e3 * (time.perf_counter() - began)


def _enrich(me: int, now: datetime, chance: random.Random) -> None:
    """Companies and years, some of which the candidate wants, and prices of many hours."""
    with transaction():
        people = db.session.scalars(select(InterviewerProfile)).all()
        for one in people:
            one.company, one.years = chance.choice(COMPANIES), chance.randrange(25)
        mine = db.session.get_one(CandidateProfile, me)
        mine.target_companies = tuple(COMPANIES[:5])
        first = cell_of(now.replace(minute=0, second=0, microsecond=0))
        hours = {
            (chance.choice(people).person_id, first + 4 * chance.randrange(14 * 24))
            for _ in range(PRICED)
        }
        rows = [
            {
                "person_id": person_id,
                "first_cell": cell,
                "end_cell": cell + 4,
                "points": chance.randrange(1, 200),
                "made_at": now - timedelta(hours=3),
            }
            for person_id, cell in sorted(hours)
        ]
        db.session.execute(insert(SlotPrice), rows)
