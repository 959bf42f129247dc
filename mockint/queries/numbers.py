"""The highest number each table ever gave a row; it outlives the row that had it."""

from __future__ import annotations

from sqlalchemy import func, inspect, select
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
    """Table to the highest number given so far; one that gave none, or forgets, is left out.

    SQLite remembers only where AUTOINCREMENT was asked for.
    """
    if connection.dialect.name == "postgresql":
        found = {
            table: connection.exec_driver_sql(
                f"SELECT last_value FROM {sequence} WHERE is_called"
            ).scalar()
            for table, sequence in sequences(connection).items()
        }
        return {table: last for table, last in found.items() if last is not None}
    if not inspect(connection).has_table("sqlite_sequence"):
        return {}
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
    return {row.name: row.seq for row in rows if row.name in numbered()}


def highest(connection: Connection, table: str) -> int:
    """The highest number a row has; 0 without rows."""
    column = db.metadata.tables[table].c[numbered()[table]]
    return connection.scalar(select(func.max(column))) or 0


def sequences(connection: Connection) -> dict[str, str]:
    """Table to the quoted name of its sequence; empty on SQLite."""
    if connection.dialect.name != "postgresql":
        return {}
    found = {
        table: connection.scalar(select(func.pg_get_serial_sequence(f'"{table}"', column)))
        for table, column in numbered().items()
    }
    return {table: name for table, name in found.items() if name is not None}
