"""The pages people look at most against a bare page, and a start and its memory: see
`bench.floor_pages`."""

from __future__ import annotations

import compileall
import statistics
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psutil
from sqlalchemy import insert

from mockint.db import db, transaction
from mockint.domain import zones
from mockint.models import Booking
from mockint.services import rubric
from tests.prove import community, floors, market, measure
from tests.prove.client import Browser
from tests.prove.community import Cast, Member
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_most
from tests.prove.processes import ROOT, Service
from tests.support.servers import PATIENCE_SECONDS, Unavailable

CLAIM = "A page costs little more than writing it, a process little more than its libraries."
DATABASES = ("postgresql",)
INTERVIEWERS = 200
ROUNDS, REQUESTS, BARE_REQUESTS, STARTS = 5, 40, 300, 3
WEB_PROCESSES = 2
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, who looks at it, and what each of many looks cost."""

    name: str
    path: str
    reader: Member
    ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Start:
    """From nothing to the first answered page."""

    cpu_s: float
    wall_s: float


def run(options: Options) -> Outcome:
    rounds = ROUNDS if options.seconds is None else max(1, int(options.seconds / 10))
    with Installation(options, web=0, threads=4, own_postgres=True) as site:
        asked = fill(site, seed=options.seed)
        site.web.command += ["--workers", str(WEB_PROCESSES)]
        pages, sizes = _pages(site, asked, rounds)
        starts = _starts(site, asked[1], rounds)
    return Outcome(
        [*pages, *starts],
        {
            "interviewers": INTERVIEWERS,
            "requests a page": rounds * REQUESTS,
            "starts": min(rounds, STARTS),
            "web processes": WEB_PROCESSES,
            "KB": sizes,
        },
    )


def fill(site: Installation, *, seed: int) -> list[Asked]:
    """A community in which every page has something to show, and who looks at which."""
    now = datetime.now(UTC)
    cast = community.seed(site.app, now=now, interviewers=1, candidates=1)
    with site.app.app_context():
        with transaction():
            rubric.publish_default(now=now)
            past, _ahead = _interviews(cast, now)
        db.session.remove()
    newcomer = market.fill(site.app, now=now, interviewers=INTERVIEWERS, seed=seed)
    [interviewer], [candidate], [organiser] = cast.interviewers, cast.candidates, cast.organisers
    return [
        Asked("slot list", "/book?track=coding&level=mid&length=60", newcomer),
        Asked("dashboard of a candidate", "/", candidate),
        Asked("dashboard of a new candidate", "/", newcomer),
        Asked("dashboard of an interviewer", "/", interviewer),
        Asked("dashboard of an organiser", "/desk", organiser),
        Asked("rubric form", f"/interviews/{past}/feedback", interviewer),
    ]


def _interviews(cast: Cast, now: datetime) -> list[int]:
    """One that is over and waits for feedback, and the next one."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = [
        {
            "uid": f"{uuid.uuid4()}@people.example",
            "candidate_id": cast.candidates[0].id,
            "interviewer_id": cast.interviewers[0].id,
            "track": "coding",
            "level": "mid",
            "start_at": start,
            "end_at": start + HOUR,
            "zone": "UTC",
            "wall_start": zones.wall_text("UTC", start),
            "state": "confirmed",
            "created_at": now,
            "updated_at": now,
            "confirmed_at": now,
            "revision": 1,
        }
        for start in (hour - 3 * HOUR, hour + 26 * HOUR)
    ]
    made = insert(Booking).returning(Booking.id, sort_by_parameter_order=True)
    return list(db.session.scalars(made, rows))


# What a page costs


def _pages(
    site: Installation, asked: list[Asked], rounds: int
) -> tuple[list[Figure], dict[str, float]]:
    site.serve()
    floor = floors.made(site, "bench.floor_pages", workers=WEB_PROCESSES)
    floor.service.start()
    floor.wait("/page")
    plain, bare = floor.browser, []
    look_at_bare = _look(plain, "/page", floor.service)
    sizes = {"bare page": len(plain.get("/page").text) / 1024}
    browsers = {one.name: Browser(site.url, one.reader.cookie, one.reader.token) for one in asked}
    for one in asked:  # each process has then seen each page
        for _ in range(10 * WEB_PROCESSES):
            sizes[one.name] = len(_get(browsers[one.name], one.path, site.web)) / 1024
    for _ in range(rounds):
        bare.append(_cost(site, floor.service, look_at_bare, BARE_REQUESTS))
        for one in asked:
            look = _look(browsers[one.name], one.path, site.web)
            one.ms.append(_cost(site, site.web, look, REQUESTS))
    bare_ms = statistics.median(bare)
    figures = [Figure("bare page", bare_ms, "ms")]
    for one in asked:
        ms = statistics.median(one.ms)
        figures += [
            Figure(f"{one.name} against it", ms / bare_ms, "x", at_most(5), at_most(3)),
            Figure(one.name, ms, "ms"),
        ]
    for _ in range(BARE_REQUESTS):
        _get(plain, "/people", floor.service)
    ours_mb, floor_mb = _pss_mb(site.web), _pss_mb(floor.service)
    figures += [
        Figure("memory of a worker", ours_mb / floor_mb, "x", at_most(1.6), at_most(1.2)),
        Figure("of ours, PSS", ours_mb, "MB"),
        Figure("of the floor, PSS", floor_mb, "MB"),
    ]
    floor.service.stop()
    site.web.stop()
    return figures, {name: round(kb, 1) for name, kb in sizes.items()}


def _look(browser: Browser, path: str, service: Service) -> Callable[[], object]:
    return lambda: _get(browser, path, service)


def _get(browser: Browser, path: str, service: Service) -> str:
    answer = browser.get(path)
    if answer.status != 200:
        raise Unavailable(f"{path} answered {answer.status}.\n{service.words()}")
    return answer.text


def _cost(site: Installation, service: Service, look: Callable[[], object], requests: int) -> float:
    """CPU milliseconds of one request, of the server's processes with those of the database."""
    before = _cpu_s(site, service)
    for _ in range(requests):
        look()
    return 1e3 * (_cpu_s(site, service) - before) / requests


def _cpu_s(site: Installation, service: Service) -> float:
    assert site.postgres is not None
    return service.cpu_s() + measure.cpu_s(site.postgres.pid)


def _pss_mb(service: Service) -> float:
    """Memory of one of its workers; what several share counts for each in part."""
    workers = service.children()
    return statistics.mean(psutil.Process(one).memory_full_info().pss for one in workers) / 2**20


# What a start costs


def _starts(site: Installation, asked: Asked, rounds: int) -> list[Figure]:
    """Templates and modules are compiled and kept from before, as on any machine but a new one."""
    compileall.compile_dir(ROOT / "mockint", quiet=1)  # as the image has it
    floor = floors.made(site, "bench.floor_pages", workers=WEB_PROCESSES)
    reader = Browser(site.url, asked.reader.cookie, asked.reader.token)
    ours, bare = [], []
    for _ in range(min(rounds, STARTS)):
        ours.append(_start(site.web, reader, asked.path))
        bare.append(_start(floor.service, floor.browser, "/people"))
    cpu = [statistics.median(one.cpu_s for one in each) for each in (ours, bare)]
    wall = [statistics.median(one.wall_s for one in each) for each in (ours, bare)]
    return [
        Figure("start to the first page, CPU", cpu[0] / cpu[1], "x", at_most(1.5), at_most(1)),
        Figure("of ours, CPU", cpu[0], "s"),
        Figure("of the floor, CPU", cpu[1], "s"),
        Figure("start to the first page, time", wall[0] / wall[1], "x"),
        Figure("of ours, time", wall[0], "s"),
        Figure("of the floor, time", wall[1], "s"),
    ]


def _start(service: Service, reader: Browser, path: str) -> Start:
    spent, began = service.cpu_s(), time.perf_counter()
    service.start()
    while reader.get(path).status != 200:
        if not service.runs or time.perf_counter() - began > PATIENCE_SECONDS:
            raise Unavailable(f"{path} was not answered.\n{service.words()}")
        time.sleep(0.01)
    found = Start(service.cpu_s() - spent, time.perf_counter() - began)
    service.stop()
    return found
