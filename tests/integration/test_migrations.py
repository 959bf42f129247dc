"""Migrations on data: alone, killed, while others work, up and down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from subprocess import Popen

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, text

from mockint.cli.database import alembic_config, bring_up_to_date, newest_revision
from mockint.db import db
from mockint.domain.errors import Refusal
from mockint.queries import verify
from mockint.settings import Settings, SettingsError
from tests.support import everything, migrating, world
from tests.support.content import content

sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
postgres_only = pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)


@pytest.fixture(autouse=True)
def _now(set_clock: Callable[[datetime], None]) -> None:
    set_clock(world.NOW)


@pytest.fixture
def engine(engine_url: str) -> Iterator[Engine]:
    """Somebody else at the same database."""
    made = create_engine(Settings(database_url=engine_url).database)
    yield made
    made.dispose()


@contextmanager
def running(settings: Settings, folder: Path) -> Iterator[Popen[str]]:
    process = migrating.start(settings, folder)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def state(engine: Engine) -> tuple[str, bool]:
    """The revision, and whether the next release's column is there."""
    with engine.connect() as connection:
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        columns = [column["name"] for column in inspect(connection).get_columns("booking")]
    return str(revision), "mood" in columns


# Data


def to(app: Flask, revision: str, *, down: bool = False) -> None:
    with app.app_context():
        db.session.remove()
        (command.downgrade if down else command.upgrade)(alembic_config(app), revision)


def test_up_and_down_and_up_keeps_every_row(
    app: Flask, settings: Settings, engine_url: str
) -> None:
    everything.build(app, settings)
    first = ScriptDirectory(str(migrating.ROOT / "migrations")).get_base()
    assert first is not None
    newest = content(engine_url)
    to(app, first, down=True)
    before = content(engine_url)
    to(app, "head")
    again = content(engine_url)
    to(app, first, down=True)
    assert content(engine_url) == before
    for table, rows in before.items():
        count = rows.partition(",")[0]
        assert newest[table].startswith(count), f"{table} lost rows on the way down"
        assert again[table].startswith(count), f"{table} lost rows on the way up"
    to(app, "head")


def test_a_table_that_is_made_anew_keeps_what_points_to_it(
    app: Flask, settings: Settings, engine_url: str, engine: Engine, tmp_path: Path
) -> None:
    """SQLite drops the old table, and with it, unless told otherwise, every mail and feedback."""
    everything.build(app, settings)
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM occupancy WHERE booking_id = (SELECT max(id) FROM booking)")
        )
        connection.execute(text("DELETE FROM booking WHERE id = (SELECT max(id) FROM booking)"))
        highest = connection.execute(text("SELECT max(id) FROM booking")).scalar_one()
    before = content(engine_url)
    # PostgreSQL changes a table in place; it could not drop one that others point to.
    how = "always" if engine.dialect.name == "sqlite" else "auto"
    migrating.use(app, migrating.next_release(tmp_path, recreate=how))
    bring_up_to_date(app)
    assert state(engine) == ("next", True)
    assert content(engine_url, without=("alembic_version", "booking")) == {
        table: rows for table, rows in before.items() if table != "booking"
    }
    assert given(engine) > highest
    with app.app_context():
        assert [line for line in verify.violations(now=world.NOW) if "I3" in line] == []
    to(app, migrating.head(), down=True)
    assert content(engine_url) == before
    assert given(engine) > highest


def given(engine: Engine) -> int:
    """The highest number a booking ever had."""
    query = "SELECT seq FROM sqlite_sequence WHERE name = 'booking'"
    if engine.dialect.name == "postgresql":
        query = "SELECT last_value FROM booking_id_seq"
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


@sqlite_only
def test_sqlite_keeps_what_only_sqlite_is_told(app: Flask, engine: Engine) -> None:
    """A migration that makes these tables anew must say it again."""
    with engine.connect() as connection:
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        made = {row.name: row.sql for row in found}
    assert "AUTOINCREMENT" in made["booking"]
    assert "WITHOUT ROWID" in made["occupancy"]


# Two at once, and others who work


def test_two_at_once_are_one_after_the_other(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    folder = migrating.next_release(tmp_path, after="time.sleep(2)")
    with running(settings, folder) as one, running(settings, folder) as two:
        said = [process.communicate(timeout=100)[0] for process in (one, two)]
        assert (one.returncode, two.returncode) == (0, 0), said
    assert state(engine) == ("next", True)


@postgres_only
def test_whoever_waits_says_so(settings: Settings, engine: Engine, tmp_path: Path) -> None:
    folder = migrating.next_release(tmp_path)
    with engine.connect() as other, running(settings, folder) as process:
        other.execute(text(f"SELECT pg_advisory_xact_lock({0x6D6F636B696E74})"))
        assert process.stdout is not None
        assert process.stdout.readline() == (
            "Another process migrates this database. Waiting for it.\n"
        )
        assert state(engine)[1] is False
        other.rollback()
        assert process.communicate(timeout=60)[0] == "done\n"
    assert state(engine) == ("next", True)


@postgres_only
def test_traffic_is_not_held_up_by_a_migration_that_waits(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    """A long transaction keeps the migration from its lock; those behind it wait two seconds."""
    slowest, let_go, over = 0.0, threading.Event(), threading.Event()

    def read() -> None:
        nonlocal slowest
        while not over.is_set():
            began = time.monotonic()
            with engine.connect() as connection:
                connection.execute(text("SELECT count(*) FROM booking"))
            slowest = max(slowest, time.monotonic() - began)
            if slowest > 1.0:
                let_go.set()
            time.sleep(0.05)

    folder, reader = migrating.next_release(tmp_path), threading.Thread(target=read)
    with engine.connect() as busy, running(settings, folder) as process:
        busy.execute(text("LOCK TABLE booking IN ROW EXCLUSIVE MODE"))
        reader.start()
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == "The tables are in use. Trying again until they are free.\n"
        assert let_go.wait(60), "somebody waited, and no longer than the migration tries"
        assert process.poll() is None
        busy.rollback()
        assert process.communicate(timeout=60)[0] == "done\n"
        over.set()
        reader.join()
    assert state(engine) == ("next", True)


@sqlite_only
def test_sqlite_waits_for_whoever_writes(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    with engine.connect().execution_options(immediate=True) as busy:
        busy.execute(text("DELETE FROM heartbeat"))
        with running(settings, migrating.next_release(tmp_path)) as process:
            time.sleep(4)
            assert process.poll() is None
            assert state(engine)[1] is False
            busy.rollback()
            assert process.communicate(timeout=60)[0] == "done\n"
    assert state(engine) == ("next", True)


def test_killed_in_the_middle_leaves_the_old_tables(
    app: Flask, settings: Settings, engine: Engine, engine_url: str, tmp_path: Path
) -> None:
    everything.build(app, settings)
    before, mark = content(engine_url), tmp_path / "changed"
    reached = f"open({str(mark)!r}, 'w').close(); time.sleep(100)"
    folder = migrating.next_release(tmp_path, after=reached)
    with running(settings, folder) as process:
        deadline = time.monotonic() + 60
        while not mark.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
        process.wait()
    assert state(engine) == (migrating.head(), False)
    assert content(engine_url) == before
    (tmp_path / "again").mkdir()
    migrating.use(app, migrating.next_release(tmp_path / "again"))
    bring_up_to_date(app)
    assert state(engine) == ("next", True)


# What is refused


def test_a_migration_that_fails_changes_nothing(app: Flask, engine: Engine, tmp_path: Path) -> None:
    after = 'op.execute("INSERT INTO nowhere VALUES (1)")'
    migrating.use(app, migrating.next_release(tmp_path, after=after))
    with pytest.raises(Refusal, match=r"^The tables stay as they were, as .*: .*nowhere"):
        bring_up_to_date(app)
    assert state(engine) == (migrating.head(), False)


def test_tables_of_a_newer_version_are_left_alone(app: Flask, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'next'"))
    with pytest.raises(SettingsError, match=r"of a newer version of mockint\. Use that version"):
        bring_up_to_date(app)
    assert state(engine)[0] == "next"


@sqlite_only
def test_a_row_that_would_point_nowhere_is_refused(
    app: Flask, settings: Settings, engine: Engine, engine_url: str, tmp_path: Path
) -> None:
    everything.build(app, settings)
    before = content(engine_url)
    after = 'op.execute("DELETE FROM person WHERE id = 1")'
    migrating.use(app, migrating.next_release(tmp_path, after=after))
    with pytest.raises(Refusal, match="a row would point to a missing one"):
        bring_up_to_date(app)
    assert content(engine_url) == before
    assert newest_revision(app) == "next"
