"""A calendar feed next to Radicale, which serves the same entries, and to a page that says hello.

Cold is measured in both senses: a reader without a copy, and a server that has kept nothing yet.
Every figure is CPU time of the servers, with their databases.
"""

from __future__ import annotations

import statistics
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPConnection

from sqlalchemy import insert

from mockint import clock
from mockint.db import db, transaction
from mockint.domain import zones
from mockint.models import Booking
from mockint.services import feed
from tests.prove import community, floors, measure
from tests.prove.community import Member
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_most
from tests.prove.processes import Service
from tests.prove.radicale import Radicale
from tests.support.servers import PATIENCE_SECONDS, Unavailable

CLAIM = "A feed of 500 interviews is read and found unchanged at little cost."
INTERVIEWS = 500
OTHERS = 25
ROUNDS, READS, ASKED = 5, 10, 400
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def run(options: Options) -> Outcome:
    rounds = ROUNDS if options.seconds is None else max(1, int(options.seconds / 10))
    own = options.database == "postgresql"
    with Installation(options, web=1, threads=4, own_postgres=own) as site:
        cast = community.seed(site.app, now=clock.now(), interviewers=1, candidates=OTHERS)
        path = fill(site, cast.interviewers[0], cast.candidates)
        radicale = Radicale(site.folder, dict(site.web.environment))
        site.services.append(radicale.service)
        octets, etag = _read(site.port, path)
        radicale.start()
        radicale.fill(octets)
        figures = [*_cold(site, path, radicale, rounds), *_unchanged(site, path, etag, rounds)]
        sizes: dict[str, object] = {
            "interviews": octets.count(b"BEGIN:VEVENT"),
            "KB": round(len(octets) / 1024),
            "KB of Radicale": round(len(radicale.read()) / 1024),
            "reads": rounds * READS,
            "asked whether it changed": rounds * ASKED,
        }
    return Outcome(figures, sizes, ["Radicale has no 304 for a collection: it is sent each time."])


def fill(site: Installation, interviewer: Member, candidates: list[Member]) -> str:
    """An interviewer's 500 interviews, before and after today, and the path of the feed."""
    now = clock.now()
    first = now.replace(minute=0, second=0, microsecond=0) - INTERVIEWS // 2 * DAY
    with site.app.app_context():
        with transaction():
            rows: list[dict[str, object]] = [
                _row(interviewer, candidates[number % OTHERS], first + number * DAY, now)
                for number in range(INTERVIEWS)
            ]
            db.session.execute(insert(Booking), rows)
        address = feed.address(feed.make(interviewer.id, now=now))
        db.session.remove()
    assert address is not None
    return address.removeprefix(site.url)


def _row(
    interviewer: Member, candidate: Member, start: datetime, now: datetime
) -> dict[str, object]:
    return {
        "uid": f"{uuid.uuid4()}@people.example",
        "candidate_id": candidate.id,
        "interviewer_id": interviewer.id,
        "track": "coding",
        "level": "mid",
        "start_at": start,
        "end_at": start + HOUR,
        "zone": "UTC",
        "wall_start": zones.wall_text("UTC", start),
        "state": "confirmed",
        "meeting_link": "https://meet.example/room",
        "created_at": now,
        "updated_at": now,
        "confirmed_at": now,
        "revision": 1,
    }


def _ask(port: int, path: str, **headers: str) -> tuple[int, bytes, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("ETag") or ""
    finally:
        connection.close()


def _read(port: int, path: str) -> tuple[bytes, str]:
    status, octets, etag = _ask(port, path)
    if status != 200:
        raise Unavailable(f"The feed answered {status}.")
    return octets, etag


def _cpu_ms(site: Installation, service: Service, act: Callable[[], object], times: int) -> float:
    """Of one time, on average; with the database's, for whoever uses it."""

    def spent() -> float:
        database = measure.cpu_s(site.postgres.pid) if site.postgres else 0.0
        return service.cpu_s() + database

    before = spent()
    for _ in range(times):
        act()
    return 1e3 * (spent() - before) / times


def _cold(site: Installation, path: str, radicale: Radicale, rounds: int) -> list[Figure]:
    """Without a copy: of a server that was just started and kept nothing, and of one that runs."""
    first: tuple[list[float], list[float]] = ([], [])
    later: tuple[list[float], list[float]] = ([], [])

    def ours() -> object:
        return _read(site.port, path)

    for _ in range(rounds):
        site.web.stop()
        site.serve()
        _ask(site.port, "/login")  # what any page of a new process pays for
        first[0].append(_cpu_ms(site, site.web, ours, 1))
        later[0].append(_cpu_ms(site, site.web, ours, READS))
        radicale.service.stop()
        radicale.forget()
        radicale.start()
        first[1].append(_cpu_ms(site, radicale.service, radicale.read, 1))
        later[1].append(_cpu_ms(site, radicale.service, radicale.read, READS))
    return [
        *_against("cold, nothing kept by either", first),
        *_against("cold, entries kept by both", later),
    ]


def _against(name: str, measured: tuple[list[float], list[float]]) -> list[Figure]:
    ours, theirs = map(statistics.median, measured)
    return [
        Figure(f"{name}: against Radicale", ours / theirs, "x", at_most(0.25), at_most(0.1)),
        Figure(f"{name}: ours", ours, "ms"),
        Figure(f"{name}: Radicale", theirs, "ms"),
    ]


def _unchanged(site: Installation, path: str, etag: str, rounds: int) -> list[Figure]:
    floor = floors.made(site, "bench.floor_hello")
    floor.service.start()
    floor.wait("/hello")

    def asked() -> None:
        status, octets, _ = _ask(site.port, path, **{"If-None-Match": etag})
        if (status, octets) != (304, b""):
            raise Unavailable(f"Asked whether it changed, the feed answered {status}.")

    def hello() -> object:
        return _ask(floor.browser.port, "/hello")

    asked()  # the process works out what it keeps
    ours, bare = [], []
    for _ in range(rounds):
        bare.append(_cpu_ms(site, floor.service, hello, ASKED))
        ours.append(_cpu_ms(site, site.web, asked, ASKED))
    mine, least = statistics.median(ours), statistics.median(bare)
    return [
        Figure("unchanged: against hello", mine / least, "x", at_most(3), at_most(1.5)),
        Figure("unchanged: ours", mine, "ms"),
        Figure("hello", least, "ms"),
    ]
