"""Migrations on a database as the first release left it, with many bookings in it."""

from __future__ import annotations

import random
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from mockint import clock
from mockint.cli.database import alembic_config
from mockint.db import db
from mockint.services import rubric
from tests.prove import owing
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.support import migrating
from tests.support.content import content

CLAIM = (
    "100,000 bookings of the first release: up, down, up is equal; killed is undone; one of two."
)
BOOKINGS, INTERVIEWERS = 100_000, 500
SECONDS = 240.0
KILLS = 8
UP_S = 60


@dataclass
class Findings:
    """What was seen, in the order in which it is tried."""

    differ: list[str] = field(default_factory=list)
    """Tables that did not come back as they were."""
    took_s: dict[str, float] = field(default_factory=dict)
    halves: list[str] = field(default_factory=list)
    """States that are neither the old nor the new one."""
    undone: int = 0
    """Kills after which the old tables stood."""
    amid: int = 0
    """Kills while the migration was changing rows."""
    runs: int = 0
    """How often the migration ran when two processes began it."""
    failed: list[str] = field(default_factory=list)


def run(options: Options) -> Outcome:
    bookings = BOOKINGS
    if options.seconds:
        bookings = min(BOOKINGS, max(2_000, int(BOOKINGS * options.seconds / SECONDS)))
    found = Findings()
    with Installation(options, web=0) as site:
        with site.context():
            rubric.publish_default(now=clock.now())
        owing.owe(site, 2 * bookings, now=clock.now(), interviewers=INTERVIEWERS)
        rows = {table: _count(site, table) for table in ("booking", "occupancy", "outbox_message")}
        _there_and_back(site, found)
        _killed(site, found, random.Random(options.seed))
        _two_at_once(site, found)
        violations = site.violations()
    short = "" if bookings == BOOKINGS else f"{bookings:,} bookings"
    return Outcome(
        [
            Figure("tables that differ", len(found.differ), "", exactly(0)),
            Figure("bookings", bookings, "", at_least(BOOKINGS), short=short),
            *(Figure(name, seconds, "s", at_most(UP_S)) for name, seconds in found.took_s.items()),
            Figure("kills", KILLS, "", at_least(KILLS)),
            Figure("kills amid changed rows", found.amid, "", at_least(KILLS // 2)),
            Figure("kills that were undone", found.undone, "", at_least(KILLS // 2)),
            Figure("half migrated after a kill", len(found.halves), "", exactly(0)),
            Figure("runs of one migration that two began", found.runs, "", exactly(1)),
            Figure("processes that failed", len(found.failed), "", exactly(0)),
            Figure("violations", len(violations), "", exactly(0)),
        ],
        dict(rows),
        [*found.differ, *found.halves, *found.failed, *violations[:5]],
    )  # fmt: skip


def _count(site: Installation, table: str) -> int:
    return int(site.rows(f"SELECT count(*) FROM {table}")[0][0])


def _to(site: Installation, revision: str, *, down: bool = False) -> float:
    """Seconds."""
    began = time.monotonic()
    with site.context():
        (command.downgrade if down else command.upgrade)(alembic_config(site.app), revision)
    return time.monotonic() - began


def _there_and_back(site: Installation, found: Findings) -> None:
    """The first release, up as an operator does it, down, and up again."""
    url = site.settings.database
    first = ScriptDirectory(str(migrating.ROOT / "migrations")).get_base()
    assert first is not None
    found.took_s["down to the first release"] = _to(site, first, down=True)
    old = content(url)
    began = time.monotonic()
    done = site.run("migrate", timeout_s=600)
    found.took_s["up, with `mockint migrate`"] = time.monotonic() - began
    if done.returncode:
        found.failed.append(done.stdout + done.stderr)
    new = content(url)
    found.took_s["down"] = _to(site, first, down=True)
    found.differ += _unequal(old, content(url), "after up and down")
    found.took_s["up again"] = _to(site, "head")
    found.differ += _unequal(new, content(url), "after up, down and up")


def _unequal(one: dict[str, str], other: dict[str, str], when: str) -> list[str]:
    return [
        f"{table} {when}: {one.get(table)} was, {other.get(table)} is"
        for table in sorted(one.keys() | other.keys())
        if one.get(table) != other.get(table)
    ]


# A next release, whose migration writes every booking anew


def _next(site: Installation, name: str, *, then: str = "pass") -> tuple[Path, Path]:
    """Its folder of migrations, and the file that gets a letter once the rows are being changed."""
    folder = site.folder / name
    folder.mkdir()
    mark = folder / "mark"
    noted = f"print('x', end='', file=open({str(mark)!r}, 'a'), flush=True)"
    changed = """op.execute("UPDATE booking SET mood = 'x' || id")"""
    after = f"{noted}; {changed}; {then}"
    how = "always" if site.options.database == "sqlite" else "auto"
    return migrating.next_release(folder, after=after, recreate=how), mark


def _killed(site: Installation, found: Findings, chance: random.Random) -> None:
    """`kill -9` at a moment of the start, or while rows are changed; then all of it is done."""
    url = site.settings.database
    before = content(url)
    folder, mark = _next(site, "killed", then="time.sleep(0.2)")
    for number in range(KILLS):
        mark.unlink(missing_ok=True)
        process = migrating.start(site.settings, folder)
        try:
            _wait_for(mark, process, 120 if number % 4 else chance.uniform(1, 3))
            time.sleep(chance.uniform(0, 0.4))
        finally:
            process.kill()
            process.communicate()
        found.amid += mark.exists()
        state = _state(site)
        if state == (migrating.head(), False):
            found.undone += 1
        elif state == ("next", True):
            migrating.use(site.app, folder)
            _to(site, migrating.head(), down=True)
        else:
            found.halves.append(f"kill {number}: {state}")
    found.differ += _unequal(before, content(url), f"after {KILLS} kills")


def _wait_for(mark: Path, process: subprocess.Popen[str], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not mark.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)


def _state(site: Installation) -> tuple[str, bool]:
    """The revision, and whether bookings have the next release's column."""
    revision = site.rows("SELECT version_num FROM alembic_version")[0][0]
    with site.context():
        columns = [one["name"] for one in inspect(db.engine).get_columns("booking")]
    return str(revision), "mood" in columns


def _two_at_once(site: Installation, found: Findings) -> None:
    folder, mark = _next(site, "two", then="time.sleep(2)")
    began = time.monotonic()
    pair = [migrating.start(site.settings, folder) for _ in range(2)]
    try:
        for process in pair:
            said = process.communicate(timeout=300)[0]
            if process.returncode:
                found.failed.append(said[-1000:])
    finally:
        for process in pair:
            with suppress(ProcessLookupError):
                process.kill()
    found.took_s["two at once"] = time.monotonic() - began
    found.runs = len(mark.read_text()) if mark.exists() else 0
    if _state(site) != ("next", True):
        found.halves.append(f"two at once: {_state(site)}")
