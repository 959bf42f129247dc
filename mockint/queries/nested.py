"""Rows inside a row: several small selects in one round trip, on both engines."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON


class _Rows(FunctionElement[Any]):
    """The columns of all rows, as arrays in an array."""

    inherit_cache = True
    type = JSON()


@compiles(_Rows, "postgresql")  # type: ignore[no-untyped-call,untyped-decorator]  # has no types
def _on_postgresql(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    columns = compiler.process(element.clauses, **options)
    return f"json_agg(json_build_array({columns}))"


@compiles(_Rows, "sqlite")  # type: ignore[no-untyped-call,untyped-decorator]  # same
def _on_sqlite(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    columns = (_json_or_plain(one, compiler.process(one, **options)) for one in element.clauses)
    return f"json_group_array(json_array({', '.join(columns)}))"


def _json_or_plain(column: ColumnElement[Any], text: str) -> str:
    """SQLite keeps JSON as text, and must be told not to quote it once more."""
    return f"json({text})" if isinstance(column.type, JSON) else text


def rows(query: Select[Any]) -> ColumnElement[Any]:
    """What `query` finds, in no order, as one column: lists in a list, None when it finds nothing
    (or an empty list). Dates and times in it are ISO text."""
    return query.with_only_columns(_Rows(*query.selected_columns)).scalar_subquery()
