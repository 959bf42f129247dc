"""From an archive to the database: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

import psycopg
from psycopg import sql
from sqlalchemy import Table, Text, bindparam, delete, exists, insert, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError, StatementError

from mockint.db import db
from mockint.domain.errors import N_, Refusal
from mockint.queries import numbers
from mockint.queries.snapshot import BATCH
from mockint.services.archive.numbers import higher, set_given
from mockint.services.archive.text import NoArchive, Reader
from mockint.services.archive.values import Field, fields, is_json, turned
from mockint.services.archive.writing import FORMAT, KIND, Contents, Progress, require_revision

MADE_WITHOUT_PEOPLE = {
    "audit_entry", "calibration_job", "clock_offset", "heartbeat", "question_kit", "role",
    "rubric_set",
}  # fmt: skip
"""Tables that `mockint migrate` or an idle worker writes to; rows elsewhere are somebody's."""

BROKEN = (ArithmeticError, LookupError, TypeError, ValueError, StatementError, psycopg.Error)
"""What comes of text that was altered, or of a row that this database cannot hold."""


def restore(
    engine: Engine,
    source: BinaryIO,
    *,
    revision: str,
    replace: bool = False,
    progress: Progress = lambda done, total: None,
) -> Contents:
    """Fill the database from `source`; it is written only when the archive proved to be whole.

    A database that holds somebody's data is refused unless `replace` says that it may go.
    """
    reader = Reader(source)
    contents = _contents(reader)
    if contents.revision != revision:
        raise Refusal(
            N_(
                "The archive is of revision %(archived)s, but this version of mockint has "
                "%(present)s. Restore it with mockint %(program)s, then update and run "
                "`mockint migrate`."
            ),
            archived=contents.revision,
            present=revision,
            program=contents.program,
        )
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        _lock(connection)
        require_revision(connection, revision)
        if not replace:
            _require_empty(connection)
        before = numbers.given(connection)
        _clear(connection)
        _fill(connection, reader, contents, progress)
        # Links to what is replaced must lead nowhere, so its numbers are not given again either.
        set_given(connection, higher(contents.numbers, before))
    return contents


def _contents(reader: Reader) -> Contents:
    try:
        line = reader.one()
        if line["archive"] != KIND:
            raise NoArchive()
        if line["format"] != FORMAT:
            raise Refusal(
                N_("The archive is from another version of mockint (%(program)s). Use that one."),
                program=line["program"],
            )
        return Contents(
            program=line["program"],
            revision=line["revision"],
            made_at=datetime.fromisoformat(line["made_at"]),
            rows=dict(line["rows"]),
            numbers=dict(line["numbers"]),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise NoArchive() from error


def _lock(connection: Connection) -> None:
    """Keep everybody out until the end, or refuse at once when somebody is busy.

    On SQLite the transaction began with the lock on the whole file.
    """
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
    connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
    tables = ", ".join(f'"{table.name}"' for table in db.metadata.sorted_tables)
    try:
        connection.exec_driver_sql(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
    except OperationalError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise Refusal(N_("The database is in use. Stop mockint first.")) from error
        raise


def _require_empty(connection: Connection) -> None:
    for table in db.metadata.sorted_tables:
        if table.name in MADE_WITHOUT_PEOPLE:
            continue
        if connection.scalar(select(exists(select(1).select_from(table)))):
            raise Refusal(
                N_(
                    "The database is in use: its table %(table)s has rows. Restore into an empty "
                    "one, or say --replace to lose what is there."
                ),
                table=table.name,
            )


def _clear(connection: Connection) -> None:
    tables = db.metadata.sorted_tables
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("TRUNCATE " + ", ".join(f'"{each.name}"' for each in tables))
        return
    for table in reversed(tables):
        connection.execute(delete(table))


def _fill(connection: Connection, reader: Reader, contents: Contents, progress: Progress) -> None:
    """Insert everything, then ask whether it was what was written."""
    name, done = "", 0
    try:
        if set(contents.rows) != set(db.metadata.tables):
            raise ValueError("the tables differ")
        for name, count in contents.rows.items():
            columns = _columns(reader, connection, name)
            rows = reader.many(count)
            while part := list(islice(rows, BATCH)):
                _insert(connection, db.metadata.tables[name], columns, part)
                done += len(part)
                progress(done, contents.total)
    except (OperationalError, psycopg.OperationalError) as error:
        raise OperationalError("restore", None, getattr(error, "orig", error)) from error
    except BROKEN as error:
        reader.finish()  # Damaged, unless every line is as it was written
        words = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        raise Refusal(
            N_("The table %(table)s does not fit this database, so nothing was changed: %(words)s"),
            table=name,
            words=words,
        ) from error
    reader.finish()


def _columns(reader: Reader, connection: Connection, name: str) -> list[Field]:
    """The columns in the order in which the archive has them."""
    line = reader.one()
    known = {each.name: each for each in fields(db.metadata.tables[name], connection.dialect)}
    if line["table"] != name or set(line["columns"]) != set(known):
        raise ValueError("the columns differ")
    return [known[column] for column in line["columns"]]


def _insert(
    connection: Connection, table: Table, columns: list[Field], lines: list[list[Any]]
) -> None:
    turns = [(place, each.decode) for place, each in enumerate(columns) if each.decode]
    rows = (turned(line, turns) for line in lines)
    names = [each.name for each in columns]
    if connection.dialect.name == "postgresql":
        _copy(connection, table.name, names, rows)
        return
    # Text and numbers go in as they are; only JSON would be written a second time.
    places = {
        name: bindparam(name, type_=Text() if is_json(table.c[name]) else table.c[name].type)
        for name in names
    }
    connection.execute(
        insert(table).values(places), [dict(zip(names, row, strict=True)) for row in rows]
    )


def _copy(connection: Connection, table: str, names: list[str], rows: Iterator[list[Any]]) -> None:
    """PostgreSQL's own way for many rows takes a tenth of the time."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
