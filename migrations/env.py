"""Runs migrations with the application's own engine and metadata.

All of them in one transaction, on SQLite too: whoever is killed leaves the old tables or the new
ones. One process at a time does it; another one waits and then finds nothing left to do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from mockint.db import UtcDateTime, Words, db
from mockint.domain.errors import Refusal

LOCK = 0x6D6F636B696E74
"""Key of the advisory lock: "mockint" in ASCII."""
LOCK_TIMEOUT = "2s"
"""Whoever comes after a migration that waits for a table waits too, so it may not wait long."""
PAUSE_SECONDS = 3.0
"""Until it is tried again, so that live traffic gets its turn."""
PATIENCE_SECONDS = 600.0
"""How long it is tried."""


def render(kind: str, value: object, autogen: object) -> str | bool:
    """Migrations never import models, so our column types are written as plain ones."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, Words):
        return "sa.JSON()"
    return False


def skip_empty(migration_context: object, revision: object, directives: list) -> None:
    """No file for a change that changes nothing."""
    if (
        getattr(context.config.cmd_opts, "autogenerate", False)
        and directives[0].upgrade_ops.is_empty()
    ):
        directives[:] = []


@contextmanager
def on_postgres(connection: Connection) -> Iterator[None]:
    """One transaction behind an advisory lock, which ends with it however it ends."""
    with connection.begin():
        free = connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({LOCK})").scalar()
        if not free:
            click.echo("Another process migrates this database. Waiting for it.", err=True)
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        yield


@contextmanager
def on_sqlite(connection: Connection) -> Iterator[None]:
    """One transaction that has the file to itself.

    To change a column SQLite makes the table anew and drops the old one. With foreign keys in
    force that would delete the rows that point to it, so they are checked at the end instead; and
    the highest number given, which goes with the old table, is written down again.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
    try:
        with connection.execution_options(immediate=True).begin():
            dangling, numbers = count_dangling(connection), given(connection)
            yield
            if count_dangling(connection) > dangling:
                raise Refusal("The tables stay as they were: a row would point to a missing one.")
            for table, last in numbers.items():
                remember(connection, table, last)
    finally:
        if not connection.invalidated:  # else it was closed with its transaction
            driver.execute("PRAGMA foreign_keys=ON")


def count_dangling(connection: Connection) -> int:
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())


def given(connection: Connection) -> dict[str, int]:
    """Table to the highest number it ever gave a row, where SQLite remembers it."""
    master = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'"
    if not connection.exec_driver_sql(master).scalar():
        return {}
    found = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
    return {row.name: row.seq for row in found}


def remember(connection: Connection, table: str, last: int) -> None:
    """Let `table`, if it is still there, go on after `last`."""
    master = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
    if not connection.exec_driver_sql(master, (table,)).scalar():
        return
    highest = max(last, given(connection).get(table, 0))
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, highest))


def is_busy(error: OperationalError) -> bool:
    """Somebody has what is needed, or was about to need what we have; later it may be free."""
    state = getattr(error.orig, "sqlstate", None)
    return state in ("55P03", "40P01") or "database is locked" in str(error.orig)


def migrate_once() -> None:
    options = dict(current_app.extensions["migrate"].configure_args)
    options.setdefault("process_revision_directives", skip_empty)
    with db.engine.connect() as connection:
        postgres = connection.dialect.name == "postgresql"
        with on_postgres(connection) if postgres else on_sqlite(connection):
            context.configure(
                connection=connection, target_metadata=db.metadata, render_item=render, **options
            )
            context.run_migrations()


def migrate() -> None:
    """Try until the tables can be had, or patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    told = False
    while True:
        try:
            return migrate_once()
        except OperationalError as error:
            if not is_busy(error):
                raise
            if time.monotonic() > deadline:
                raise Refusal(
                    "The tables stay as they were: others kept them in use for ten minutes. "
                    "Stop mockint, or try again at a quieter hour."
                ) from error
        if not told:
            click.echo("The tables are in use. Trying again until they are free.", err=True)
            told = True
        time.sleep(PAUSE_SECONDS)


migrate()
