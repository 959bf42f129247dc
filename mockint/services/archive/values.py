"""How the values of a column look in an archive: the same for both engines, and nothing lost.

Instants and dates are ISO 8601, bytes base64. JSON stays the text that the database holds, so that
no number and no order in it changes, and a null inside differs from no value at all.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    TypeDecorator,
    cast,
    type_coerce,
)
from sqlalchemy.sql import ColumnElement

from mockint.db import UtcDateTime

Turn = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: what to select, and how a value is written and read; None is always None."""

    name: str
    select: ColumnElement[Any]
    encode: Turn | None = None
    decode: Turn | None = None


def fields(table: Table, dialect: Dialect) -> list[Field]:
    """The columns of `table`; TypeError for a type that nobody taught us to keep."""
    return [_field(column, dialect) for column in table.columns]


def _field(column: Column[Any], dialect: Dialect) -> Field:
    if isinstance(column.type, UtcDateTime):
        return Field(column.name, column, datetime.isoformat, datetime.fromisoformat)
    plain = _plain(column)
    if is_json(column):
        if dialect.name == "postgresql":
            return Field(column.name, cast(column, Text).label(column.name))
        return Field(column.name, type_coerce(column, Text).label(column.name), _json_text)
    if isinstance(plain, Date):
        return Field(column.name, column, date.isoformat, date.fromisoformat)
    if isinstance(plain, LargeBinary):
        return Field(column.name, column, _base64, base64.b64decode)
    if isinstance(plain, (Boolean, Integer, String, Float)):
        return Field(column.name, column)
    raise TypeError(f"{column} cannot be archived: say in {__name__} how {column.type!r} is kept")


def _plain(column: Column[Any]) -> Any:
    """The type under our own ones."""
    return column.type.impl if isinstance(column.type, TypeDecorator) else column.type


def is_json(column: Column[Any]) -> bool:
    """Whether the column's values are archived as JSON text."""
    return isinstance(_plain(column), JSON)


def _json_text(value: Any) -> str:
    """SQLite turns the text of a lone number into a number."""
    return value if isinstance(value, str) else json.dumps(value)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def turned(row: Any, turns: list[tuple[int, Turn]]) -> list[Any]:
    """`row` with some of its values turned: pairs of a place and what to do there."""
    values = list(row)
    for place, turn in turns:
        if values[place] is not None:
            values[place] = turn(values[place])
    return values
