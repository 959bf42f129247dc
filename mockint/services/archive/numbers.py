"""Keeps the promise that a number is never given twice, across databases."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.engine import Connection

from mockint.db import db
from mockint.queries import numbers


def higher(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    """Of two marks for one table the higher one."""
    return {table: max(first.get(table, 0), second.get(table, 0)) for table in {*first, *second}}


def set_given(connection: Connection, marks: Mapping[str, int]) -> None:
    """Let each table go on after its mark, and after the highest row it has.

    Undone with the transaction, unlike a plain setval.
    """
    sequences = numbers.sequences(connection)
    for name in numbers.numbered():
        last = max(numbers.highest(connection, name), marks.get(name, 0))
        if name in sequences:
            connection.exec_driver_sql(f"ALTER SEQUENCE {sequences[name]} RESTART WITH {last + 1}")
        elif last and db.metadata.tables[name].dialect_options["sqlite"]["autoincrement"]:
            mark = {"name": name, "last": last}
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), mark)
            connection.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), mark
            )
