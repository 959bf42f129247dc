"""PostgreSQL restarted, crashed and absent for a minute while people book."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator

from tests.prove import community, steady
from tests.prove.client import Browser
from tests.prove.crowd import Crowd
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.prove.steady import Outage
from tests.support.servers import Server

CLAIM = "Without PostgreSQL: 503 with Retry-After, never a 500; back within 5 s; nothing lost."
DATABASES = ("postgresql",)
SECONDS = 120.0
ABSENT_S = 60.0
BACK_S = 5.0
CLIENTS, EVERY_S = 6, 0.25
CALM_S = 8.0
"""Load before each outage and after it."""


def run(options: Options) -> Outcome:
    seconds = options.seconds or SECONDS
    absent_s = min(ABSENT_S, max(10.0, seconds - 6 * CALM_S))
    with Installation(options, web=2, workers=1, own_postgres=True) as site:
        assert site.postgres is not None
        cast = steady.fill(site, interviewers=CLIENTS, candidates=CLIENTS + 1)
        steady.until_working(site)
        visitors = steady.told(site, cast, every_s=EVERY_S, seed=options.seed)
        with Crowd("tests.prove.visitor", visitors, site.folder) as crowd:
            outages = list(_outages(site, cast, site.postgres, absent_s))
        lines = crowd.news()
        kept = steady.kept(site, lines)
        worker_runs, faults = site.workers[0].runs, site.web.faults()
    pages = [one for outage in outages for one in outage.pages]
    answers = [(one["status"], one["retry_after"]) for one in lines]
    answers += [(one.answer.status, one.answer.retry_after) for one in pages]
    broken = [*steady.broken(lines), *(one for one in pages if steady.is_broken(one.answer.status))]
    ends = [outage.began for outage in outages[1:]] + [time.monotonic_ns()]
    backs = [one.back_s(lines, end) for one, end in zip(outages, ends, strict=True)]
    short = "" if absent_s >= ABSENT_S else f"absent for {absent_s:.0f} s"
    return Outcome(
        [
            Figure("no answer, or 5xx other than 503", len(broken), "", exactly(0)),
            Figure("503 without Retry-After", answers.count((503, "")), "", exactly(0)),
            Figure("503 in all", sum(status == 503 for status, _ in answers), "", at_least(20)),
            Figure("pages without plain words", sum(_bare(one) for one in pages), "", exactly(0)),
            Figure("slowest back to normal", max(backs), "s", at_most(BACK_S)),
            Figure("longest absence", max(o.ended - o.began for o in outages) / steady.SECOND_NS,
                   "s", at_least(ABSENT_S), short=short),
            *kept.figures,
            Figure("workers that ended", int(not worker_runs), "", exactly(0)),
        ],
        {"requests": len(lines), "pages opened meanwhile": len(pages), "bookings": kept.bookings,
         "web processes": 2, "workers": 1, "outages": [one.name for one in outages],
         "back after": [f"{back:.1f} s" for back in backs],
         "statuses": dict(sorted(Counter(one["status"] for one in lines).items()))},
        [*map(str, broken[:5]), *kept.notes, *(faults if broken else [])],
    )  # fmt: skip


def _outages(
    site: Installation, cast: community.Cast, server: Server, absent_s: float
) -> Iterator[Outage]:
    """One after another, each on a site that was well before."""

    def away() -> list[steady.Opened]:
        began = time.monotonic()
        pages = [*steady.tour(site, cast), *_forms(site, cast)]
        time.sleep(max(0.0, absent_s - (time.monotonic() - began)))
        return pages

    def at_once() -> list[steady.Opened]:
        return []

    ways: tuple[tuple[str, Callable[[], None], Callable[[], list[steady.Opened]]], ...] = (
        ("restarted", server.stop, at_once),
        ("killed", server.kill, at_once),
        ("absent", server.stop, away),
    )
    for name, end, meanwhile in ways:
        time.sleep(CALM_S)
        began = time.monotonic_ns()
        end()
        pages = meanwhile()
        server.start()
        yield Outage(name, began, time.monotonic_ns(), pages)
        time.sleep(CALM_S)


def _forms(site: Installation, cast: community.Cast) -> Iterator[steady.Opened]:
    """A login and a booking."""
    who = cast.candidates[-1]
    browser = Browser(site.url, who.cookie, who.token)
    slot = cast.slots[0]
    entry = {"email": who.email, "password": "a guess"}
    wanted = {"track": "coding", "level": "mid", "length": community.LENGTH_MIN,
              "start": slot.field, "who": slot.interviewer}  # fmt: skip
    for path, form in (("/login/password", entry), ("/bookings", wanted)):
        yield steady.Opened("candidate", path, browser.post(path, form))


def _bare(page: steady.Opened) -> bool:
    """Whether a failure is told without a page that says what to do."""
    return page.answer.status == 503 and "The database" not in page.answer.text
