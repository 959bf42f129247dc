"""The highest number a table ever gave its rows, which must outlive the row that had it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Table, func, inspect, select
from sqlalchemy.engine import Connection

from mockint.db import db


def numbered() -> dict[str, str]:
    """Tables whose rows get their number from the database, and the column it is in."""
    return {
        table.name: table.autoincrement_column.name
        for table in db.metadata.sorted_tables
        if table.autoincrement_column is not None
    }


def given(connection: Connection) -> dict[str, int]:
    """Table to the highest number given so far; a table that gave none is left out."""
    if connection.dialect.name == "postgresql":
        found = {}
        for table, sequence in _sequences(connection).items():
            last = connection.exec_driver_sql(
                f"SELECT last_value FROM {sequence} WHERE is_called"
            ).scalar()
            if last is not None:
                found[table] = last
        return found
    if not inspect(connection).has_table("sqlite_sequence"):
        return {}
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
    return {name: last for name, last in rows if name in numbered()}


def higher(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    """Of two marks for one table the higher one."""
    return {table: max(first.get(table, 0), second.get(table, 0)) for table in {*first, *second}}


def set_given(connection: Connection, marks: Mapping[str, int]) -> None:
    """Let each table go on after its mark, and after the highest row it has.

    Undone with the transaction, unlike a plain setval.
    """
    sequences = _sequences(connection)
    for name, column in numbered().items():
        table = db.metadata.tables[name]
        highest = connection.scalar(select(func.max(table.c[column]))) or 0
        last = max(highest, marks.get(name, 0))
        if name in sequences:
            connection.exec_driver_sql(f"ALTER SEQUENCE {sequences[name]} RESTART WITH {last + 1}")
        elif _keeps_numbers(table) and last:
            parameters = {"name": name, "last": last}
            connection.execute(
                db.text("DELETE FROM sqlite_sequence WHERE name = :name"), parameters
            )
            connection.execute(
                db.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), parameters
            )


def _keeps_numbers(table: Table) -> bool:
    """Whether SQLite remembers the highest number: only where AUTOINCREMENT was asked for."""
    return bool(table.dialect_options["sqlite"]["autoincrement"])


def _sequences(connection: Connection) -> dict[str, str]:
    """Table to the quoted name of its sequence; empty on SQLite."""
    if connection.dialect.name != "postgresql":
        return {}
    found = {}
    for table, column in numbered().items():
        name = connection.scalar(select(func.pg_get_serial_sequence(f'"{table}"', column)))
        if name is not None:
            found[table] = name
    return found
