"""One consistent look at the whole database, whatever is written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

BATCH = 1000
"""Rows that are held in memory at once; pass `yield_per=BATCH` to what may be long."""


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is at its first select, and changes nothing.

    Writers wait for nobody meanwhile: PostgreSQL keeps old rows, SQLite reads past its log.
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")  # far dates fit no other
        yield connection
        connection.rollback()
