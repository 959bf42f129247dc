"""The slot page for "any interviewer" against a raw SELECT with masks; see `bench.floor_slots`."""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from mockint.queries import standing
from tests.prove import market, measure
from tests.prove.client import Browser
from tests.prove.community import Member
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_most, exactly
from tests.prove.processes import Service
from tests.support.counting import statements
from tests.support.servers import PATIENCE_SECONDS, Unavailable, free_port

CLAIM = "A page of five weeks with anyone costs little more than reading what is booked."
DATABASES = ("postgresql",)
SMALL, MIDDLE, LARGE = SIZES = 200, 2_000, 10_000
ROUNDS, REQUESTS = 5, 40
PAGE = "/book?track=coding&level=mid&length=60"
ONE_CHANGE = (
    "UPDATE calendar_stamp SET stamp = stamp + 1"
    " WHERE person_id = (SELECT min(person_id) FROM calendar_stamp)"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One size; CPU is of all server processes with those of the database."""

    ours_ms: float
    changed_ms: float
    """The same when one interviewer's calendar changed since the page before."""
    floor_ms: float
    first_s: float
    first_cpu_s: float
    grown_mb: float
    queries: int
    latencies_ms: list[float]
    page_kb: float


def run(options: Options) -> Outcome:
    rounds = ROUNDS if options.seconds is None else max(1, int(options.seconds / 10))
    found = {size: _measure(options, size, rounds) for size in SIZES}
    middle, large = found[MIDDLE], found[LARGE]
    figures = [
        Figure(
            "statements more than at 200",
            max(one.queries for one in found.values()) - found[SMALL].queries,
            "",
            exactly(0),
        ),
        Figure(
            "2,000 against the floor",
            middle.ours_ms / middle.floor_ms,
            "x",
            at_most(3),
            at_most(1.2),
        ),
        Figure(
            "2,000, each person-day",
            1e3 * middle.ours_ms / (MIDDLE * market.DAYS),
            "us",
            at_most(0.5),
        ),
        Figure("10,000 against 2,000", large.ours_ms / middle.ours_ms, "x", at_most(5.5)),
    ]
    for size, one in found.items():
        figures += [
            Figure(f"{size:,}: CPU of a page", one.ours_ms, "ms"),
            Figure(f"{size:,}: CPU of a page after a change", one.changed_ms, "ms"),
            Figure(f"{size:,}: CPU of the floor", one.floor_ms, "ms"),
            Figure(f"{size:,}: p50", measure.percentile(one.latencies_ms, 50), "ms"),
            Figure(f"{size:,}: p95", measure.percentile(one.latencies_ms, 95), "ms"),
            Figure(f"{size:,}: first page of a process", one.first_s, "s"),
            Figure(f"{size:,}: CPU of that", one.first_cpu_s, "s"),
            Figure(f"{size:,}: memory it adds to a process", one.grown_mb, "MB"),
        ]
    sizes: dict[str, object] = {
        "interviewers": list(SIZES),
        "days": market.DAYS,
        "bookings each": market.BOOKED,
        "requests a size": rounds * REQUESTS,
        "statements of a page": {size: one.queries for size, one in found.items()},
        "page KB": {size: round(one.page_kb, 1) for size, one in found.items()},
    }
    return Outcome(figures, sizes)


def _measure(options: Options, size: int, rounds: int) -> Measured:
    with Installation(options, web=0, threads=4, own_postgres=True) as site:
        now = datetime.now(UTC)
        me = market.fill(site.app, now=now, interviewers=size, seed=options.seed)
        queries = _queries(site, me)
        site.serve()
        browser = Browser(site.url, me.cookie, me.token)
        worker = site.web.children()[0]
        browser.get("/static/none")
        memory, began, cpu = measure.rss_mb(worker), time.perf_counter(), _cpu_s(site, site.web)
        page = browser.get(PAGE)
        if page.status != 200:
            raise Unavailable(f"The page answered {page.status}.\n{site.web.words()}")
        first_s, first_cpu_s = time.perf_counter() - began, _cpu_s(site, site.web) - cpu
        grown_mb = measure.rss_mb(worker) - memory
        floor, floor_url = _floor(site, size)
        plain = Browser(floor_url, "", "")
        ours, changed, bare = [], [], []
        latencies: list[float] = []
        for _ in range(rounds):
            ours.append(_cost(site, site.web, browser, PAGE, latencies))
            bare.append(_cost(site, floor, plain, "/slots"))
            changed.append(_cost(site, site.web, browser, PAGE, change=True))
        return Measured(
            ours_ms=statistics.median(ours),
            changed_ms=statistics.median(changed),
            floor_ms=statistics.median(bare),
            first_s=first_s,
            first_cpu_s=first_cpu_s,
            grown_mb=grown_mb,
            queries=queries,
            latencies_ms=latencies,
            page_kb=len(page.text) / 1024,
        )


def _cpu_s(site: Installation, service: Service) -> float:
    assert site.postgres is not None
    return service.cpu_s() + measure.cpu_s(site.postgres.pid)


def _cost(
    site: Installation,
    service: Service,
    browser: Browser,
    path: str,
    latencies: list[float] | None = None,
    *,
    change: bool = False,
) -> float:
    """CPU milliseconds of one request, of many one after another."""
    spent = 0.0
    for _ in range(REQUESTS if change else 1):
        if change:
            site.execute(ONE_CHANGE)
        before = _cpu_s(site, service)
        for _ in range(1 if change else REQUESTS):
            answer = browser.get(path)
            if answer.status != 200:
                raise Unavailable(f"{path} answered {answer.status}.\n{service.words()}")
            if latencies is not None:
                latencies.append((answer.returned - answer.called) / 1e6)
        spent += _cpu_s(site, service) - before
    return 1e3 * spent / REQUESTS


def _queries(site: Installation, me: Member) -> int:
    """Statements of a page that finds everything kept, in this process."""
    client = site.app.test_client()
    client.set_cookie("mockint", me.cookie, domain="127.0.0.1")
    client.get(PAGE, base_url=site.url)
    with statements() as sent:
        answer = client.get(PAGE, base_url=site.url)
    if answer.status_code != 200:
        raise Unavailable(f"The page answered {answer.status_code}.")
    standing.forget()
    return len(sent)


def _floor(site: Installation, size: int) -> tuple[Service, str]:
    port = free_port()
    known = {
        "FLOOR_DATABASE_URL": site.settings.database_url,
        "FLOOR_INTERVIEWERS": str(size),
    }
    environment = os.environ | known
    make = Service(
        "floor table",
        [sys.executable, "-m", "bench.floor_slots"],
        environment,
        site.folder / "floor-table.log",
    )
    make.start()
    if make.wait(PATIENCE_SECONDS):
        raise Unavailable(f"The floor has no table.\n{make.words()}")
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
        "--workers",
        "1",
        "--no-control-socket",
        "bench.floor_slots:app",
    ]
    floor = Service("floor", command, environment, site.folder / "floor.log")
    site.services.append(floor)
    floor.start()
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Browser(url, "", "").get("/slots").status != 200:
        if not floor.runs or time.monotonic() > deadline:
            raise Unavailable(f"The floor did not come up.\n{floor.words()}")
        time.sleep(0.05)
    return floor, url
