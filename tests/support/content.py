"""What a database holds, as one hash for each table: equal on both engines when the rows are.

The tables are read as the database describes them, without our models, so that databases of any
revision can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256

from sqlalchemy import MetaData, create_engine, select

from mockint.settings import Settings


def content(url: str, *, without: Iterable[str] = ("alembic_version",)) -> dict[str, str]:
    """Table to its number of rows and a hash of them, in whatever order they lie."""
    engine = create_engine(Settings(database_url=url).database)
    tables = MetaData()
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        tables.reflect(connection)
        found = {}
        for name, table in tables.tables.items():
            if name in without:
                continue
            rows = connection.execute(
                select(*(table.c[column] for column in sorted(table.c.keys()))),
                execution_options={"yield_per": 1000},
            )
            count = total = 0
            for row in rows:
                text = json.dumps(list(row), default=_plain, sort_keys=True)
                total += int.from_bytes(sha256(text.encode()).digest())
                count += 1
            found[name] = f"{count} rows, {total % 2**256:064x}"
    engine.dispose()
    return found


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{value!r} is of a type nobody compares")
