"""Which migrations the tables have, and which there are.

Read from the files without Alembic, which takes a tenth of the CPU of a start to load and is only
needed where something migrates.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text


def present(connection: Connection) -> frozenset[str]:
    """The migrations the database is at; none before it was ever migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return frozenset()
    return frozenset(connection.scalars(text("SELECT version_num FROM alembic_version")))


@lru_cache(maxsize=2)
def _parents(folder: str) -> dict[str, frozenset[str]]:
    """Each migration and what it comes after; files do not change while a process runs."""
    return dict(_named(file) for file in sorted(Path(folder, "versions").glob("*.py")))


def _named(file: Path) -> tuple[str, frozenset[str]]:
    """`revision` and `down_revision` of a migration, as Alembic writes them: at the top level."""
    said = {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in ast.parse(file.read_bytes()).body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id in ("revision", "down_revision")
    }
    after = said["down_revision"]
    return said["revision"], frozenset([after] if isinstance(after, str) else after or ())


def known(folder: str) -> frozenset[str]:
    """Every migration of this version of the program."""
    return frozenset(_parents(folder))


def heads(folder: str) -> frozenset[str]:
    """Those that no other comes after: one, unless two were written side by side."""
    return known(folder) - frozenset().union(*_parents(folder).values())
