"""Web, worker and scheduler processes started again one by one while people work."""

from __future__ import annotations

import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from mockint import clock
from tests.prove import community, steady
from tests.prove.crowd import Crowd
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.prove.processes import Service
from tests.support.web import environment

CLAIM = "Web and workers started again in turn at 50 requests a second: no request fails."
SECONDS = 60.0
RATE, CLIENTS = 50, 10
DRAIN_S = 30
UP_S = 4.0
"""A server process needs about this long until it answers."""


def run(options: Options) -> Outcome:
    seconds = options.seconds or SECONDS
    with Installation(options, web=0) as site, _listening(site) as socket_number:
        cast = community.seed(
            site.app, now=clock.now(), interviewers=CLIENTS, starts_a_day=8, candidates=CLIENTS
        )
        webs = [_web(site, f"web{number}", socket_number) for number in (1, 2)]
        others = [site.start(*words) for words in (("w1", "worker"), ("w2", "worker"),
                                                   ("s1", "scheduler"))]  # fmt: skip
        _until_answered(site)
        visitors = steady.told(site, cast, every_s=CLIENTS / RATE, seed=options.seed)
        with Crowd("tests.prove.visitor", visitors, site.folder) as crowd:
            drains = _roll([*webs, *others], seconds)
        lines = crowd.news()
        steady.until_quiet(site)
        violations = site.violations()
        confirmed, invited = steady.invitations(site)
    statuses = Counter(line["status"] for line in lines)
    failed = [line for line in lines if line["status"] == 0 or line["status"] >= 500]
    late = [line["ms"] for line in lines]
    return Outcome(
        [
            Figure("failed requests", len(failed), "", exactly(0)),
            Figure("requests a second", len(lines) / seconds, "", at_least(0.9 * RATE)),
            Figure("restarts", len(drains), "", at_least(2)),
            Figure("longest drain", max(drains, default=0.0), "s", at_most(DRAIN_S)),
            Figure("slowest answer", max(late, default=0.0), "ms"),
            Figure("violations", len(violations), "", exactly(0)),
            Figure("bookings without both invitations", confirmed - invited, "", exactly(0)),
        ],
        {"requests": len(lines), "web processes": 2, "workers": 2, "bookings": confirmed,
         "statuses": dict(sorted(statuses.items()))},
        [*map(str, failed[:5]), *violations[:5]],
    )  # fmt: skip


@contextmanager
def _listening(site: Installation) -> Iterator[int]:
    """The socket that outlives the processes, as a systemd socket unit holds it."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        site.port = listener.getsockname()[1]
        site.settings = replace(site.settings, base_url=site.url)
        yield listener.fileno()


def _web(site: Installation, name: str, descriptor: int) -> Service:
    """A server of one process on the shared socket."""
    words = ["serve", "--workers", "1", "--port", str(site.port)]
    command = [sys.executable, "-m", "tests.prove.handed", str(descriptor), *words]
    service = Service(name, command, environment(site.settings), site.folder / f"{name}.log")
    service.descriptors = (descriptor,)
    site.services.append(service)
    service.start()
    return service


def _until_answered(site: Installation) -> None:
    deadline = time.monotonic() + 30
    while not site.answers():
        if time.monotonic() > deadline:
            raise RuntimeError(f"Nothing answers: {site.services[0].words()}")


def _roll(services: list[Service], seconds: float) -> list[float]:
    """SIGTERM and start again, one after another; the seconds that each took to end."""
    until, drains = time.monotonic() + seconds, []
    while time.monotonic() < until:
        for service in services:
            began = time.monotonic()
            if service.stop() != 0:
                raise RuntimeError(f"{service.name} ended badly: {service.words()}")
            drains.append(time.monotonic() - began)
            service.start()
            time.sleep(max(0.0, min(UP_S, until - time.monotonic())))
            if time.monotonic() >= until:
                break
    return drains
