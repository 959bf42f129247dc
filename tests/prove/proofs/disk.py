"""A disk that is full, and one that takes no writes, while people book."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import psycopg

from mockint.db import db
from tests.prove import steady
from tests.prove.crowd import Crowd
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.prove.processes import STOP_SECONDS
from tests.prove.steady import Line, Outage
from tests.support import databases
from tests.support.servers import Unavailable, own_postgres

CLAIM = "On a full or read-only disk: 503, no half booking; goes on by itself once there is room."
SECONDS = 90.0
CALM_S = 10.0
CLIENTS, EVERY_S = 4, 0.25
BACK_S = 15.0
SIZE_MB = {"sqlite": 48, "postgresql": 400}


class SmallDisk:
    """A file system of its own in memory, which can be filled and made read-only."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder, self._ballast = folder, folder / "ballast"
        folder.mkdir()
        options = f"size={megabytes}m,mode=755"
        self._mount("-t", "tmpfs", "-o", options, "mockint-prove", str(folder))

    @staticmethod
    def _mount(*words: str) -> None:
        done = subprocess.run(["mount", *words], capture_output=True, text=True)
        if done.returncode:
            raise Unavailable(f"No small disk; this proof must run as root on Linux: {done.stderr}")

    def fill(self) -> None:
        """Leave not one byte; what others give back is taken too."""
        with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"x" * 65536)
        with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Read-only; only where nobody has a file open for writing."""
        self._mount("-o", "remount,ro", str(self.folder))

    def thaw(self) -> None:
        self._mount("-o", "remount,rw", str(self.folder))

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True)


class OnSmallDisk(Installation):
    """The database, and for SQLite the data folder, on a disk of its own."""

    disk: SmallDisk

    def _database(self, stack: ExitStack) -> str:
        self.disk = SmallDisk(self.folder / "disk", SIZE_MB[self.options.database])
        stack.callback(self.disk.close)
        if self.options.database == "sqlite":
            self._changes["data_dir"] = str(self.disk.folder)
            made = databases.sqlite_template(self.folder)
            return databases.sqlite_copy(made, self.disk.folder)
        self.folder.chmod(0o755)  # the server runs as somebody else
        self.postgres = stack.enter_context(own_postgres(durable=True, under=self.disk.folder))
        template = databases.postgres_template(self.postgres.url, self.folder)
        return stack.enter_context(databases.postgres_copy(self.postgres.url, template))


def run(options: Options) -> Outcome:
    lasts_s = max(10.0, ((options.seconds or SECONDS) - 5 * CALM_S) / 2)
    notes: list[str] = []
    with OnSmallDisk(options, web=2, workers=1) as site:
        cast = steady.fill(site, interviewers=CLIENTS, candidates=CLIENTS)
        steady.until_working(site)
        visitors = steady.told(site, cast, every_s=EVERY_S, seed=options.seed)
        with Crowd("tests.prove.visitor", visitors, site.folder) as crowd:
            faults = list(_faults(site, lasts_s, notes))
            time.sleep(CALM_S)
        lines = crowd.news()
        kept = steady.kept(site, lines)
        said = [note for one in site.services for note in one.faults()]
    ends = [one.began for one in faults[1:]] + [time.monotonic_ns()]
    backs = [one.back_s(lines, end) for one, end in zip(faults, ends, strict=True)]
    answers = [(one["status"], one["retry_after"]) for one in lines]
    refused = [_refused(one, lines) for one in faults]
    broken = steady.broken(lines)
    return Outcome(
        [
            Figure("no answer, or 5xx other than 503", len(broken), "", exactly(0)),
            Figure("503 without Retry-After", answers.count((503, "")), "", exactly(0)),
            Figure("503 in the fault that had fewest", min(refused), "", at_least(3)),
            Figure("slowest back to normal", max(backs), "s", at_most(BACK_S)),
            *kept.figures,
        ],
        {"requests": len(lines), "bookings": kept.bookings, "web processes": 2, "workers": 1,
         "disk": f"{SIZE_MB[options.database]} MB", "each fault": f"{lasts_s:.0f} s",
         "faults": {one.name: f"{number} refused, back after {back:.1f} s"
                    for one, number, back in zip(faults, refused, backs, strict=True)},
         "statuses": dict(sorted(Counter(one["status"] for one in lines).items()))},
        [*notes, *map(str, broken[:5]), *kept.notes,
         *(said if broken else [])],
    )  # fmt: skip


def _refused(fault: Outage, lines: list[Line]) -> int:
    """How many requests of that time were told to come back."""
    return sum(
        one["status"] == 503 and fault.began <= one["called"] <= fault.ended for one in lines
    )


def _faults(site: OnSmallDisk, lasts_s: float, notes: list[str]) -> Iterator[Outage]:
    """The disk is full, then it is read-only; each time it is well again afterwards."""
    sqlite = site.options.database == "sqlite"
    ways = (("full", _full), ("read-only", _remounted if sqlite else _standby))
    for name, way in ways:
        time.sleep(CALM_S)
        began = time.monotonic_ns()
        notes += way(site, lasts_s)
        yield Outage(name, began, time.monotonic_ns())


def _full(site: OnSmallDisk, lasts_s: float) -> Iterator[str]:
    until = time.monotonic() + lasts_s
    while time.monotonic() < until:
        site.disk.fill()
        time.sleep(0.2)
    site.disk.free()
    server = site.postgres
    if server is not None and server.process is not None and server.process.poll() is not None:
        server.start()
        yield "PostgreSQL ended when it could not write; it was started again, as a unit would."


def _standby(site: OnSmallDisk, lasts_s: float) -> Iterator[str]:
    """A server's files cannot become read-only beneath it; it can refuse to write, as one does
    that follows another."""
    assert site.postgres is not None
    with psycopg.connect(site.postgres.url, autocommit=True) as operator:
        operator.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        operator.execute("SELECT pg_reload_conf()")
        time.sleep(lasts_s)
        operator.execute("ALTER SYSTEM RESET default_transaction_read_only")
        operator.execute("SELECT pg_reload_conf()")
    yield "Read-only is a PostgreSQL that takes no writes (default_transaction_read_only)."


def _remounted(site: OnSmallDisk, lasts_s: float) -> Iterator[str]:
    """Only files that nobody has open can become read-only, so those who have end first."""
    site.workers[0].stop()
    master = psutil.Process(site.web.pid)
    master.suspend()
    for child in (children := master.children()):
        child.terminate()
    _until_over(children)
    with site.context():
        db.engine.dispose()
    site.disk.freeze()
    master.resume()
    time.sleep(lasts_s)
    site.disk.thaw()
    site.workers[0].start()
    yield "Read-only is the file system; web processes began on it and went on when it was well."


def _until_over(children: list[psutil.Process]) -> None:
    """A parent that stands still does not take note of their end."""
    deadline = time.monotonic() + STOP_SECONDS
    while any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in children):
        if time.monotonic() > deadline:
            raise RuntimeError("A web process did not end.")
        time.sleep(0.05)
