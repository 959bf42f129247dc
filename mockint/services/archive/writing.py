"""From the database to an archive: every row, as one snapshot shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import Table, func, inspect, select
from sqlalchemy.engine import Connection, Engine

from mockint import __version__
from mockint.db import db
from mockint.domain.errors import N_, Refusal
from mockint.queries import numbers
from mockint.queries.snapshot import BATCH, snapshot
from mockint.services.archive.text import Writer
from mockint.services.archive.values import fields, turned

KIND, FORMAT = "mockint", 1

Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The header: what an archive holds, and what made it."""

    program: str
    """Version of mockint."""
    revision: str
    """Alembic's name for the state of the tables."""
    made_at: datetime
    rows: dict[str, int]
    """Table to its number of rows, in the order of foreign keys."""
    numbers: dict[str, int]
    """Table to the highest number it ever gave a row."""

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    def as_line(self) -> dict[str, Any]:
        return {
            "archive": KIND,
            "format": FORMAT,
            "program": self.program,
            "revision": self.revision,
            "made_at": self.made_at.isoformat(),
            "rows": self.rows,
            "numbers": self.numbers,
        }


def write(
    engine: Engine,
    sink: BinaryIO,
    *,
    revision: str,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> Contents:
    """Write the database to `sink`, in memory that does not grow with it; says what was written.

    `revision` is the state of the tables this program knows; any other is refused.
    """
    with snapshot(engine) as connection:
        require_revision(connection, revision)
        rows = {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in db.metadata.sorted_tables
        }
        # After the rows were counted: a number given since is higher than any in the snapshot.
        contents = Contents(__version__, revision, now, rows, numbers.given(connection))
        writer, done = Writer(sink), 0
        writer.lines([contents.as_line()])
        for table in db.metadata.sorted_tables:
            for batch in _batches(connection, table, writer):
                done += batch
                progress(done, contents.total)
        writer.finish()
    return contents


def _batches(connection: Connection, table: Table, writer: Writer) -> Any:
    columns = fields(table, connection.dialect)
    turns = [(place, each.encode) for place, each in enumerate(columns) if each.encode]
    writer.lines([{"table": table.name, "columns": [each.name for each in columns]}])
    query = select(*(each.select for each in columns)).order_by(*table.primary_key)
    found = connection.execute(query, execution_options={"yield_per": BATCH})
    for part in found.partitions():
        writer.lines(turned(row, turns) for row in part)
        yield len(part)


def require_revision(connection: Connection, revision: str) -> None:
    """Refuse tables of another version of the program."""
    present = None
    if inspect(connection).has_table("alembic_version"):
        present = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if present is None:
        raise Refusal(N_("The database has no tables yet. Run `mockint migrate` first."))
    if present != revision:
        raise Refusal(
            N_(
                "The tables are at revision %(present)s, but this version of mockint needs "
                "%(needed)s. Run `mockint migrate` first."
            ),
            present=present,
            needed=revision,
        )
