"""The state of a small database, kept, and brought back within milliseconds."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql


class Snapshots(Protocol):
    """Nobody may be connected while a state is kept or brought back."""

    def keep(self, name: str) -> None: ...

    def restore(self, name: str) -> None: ...


class OfFile:
    """SQLite: copies of the file; what a killed process left beside it goes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def _copy(self, name: str) -> Path:
        return self._file.with_suffix(f".{name}")

    def keep(self, name: str) -> None:
        shutil.copyfile(self._file, self._copy(name))

    def restore(self, name: str) -> None:
        for beside in ("-wal", "-shm"):
            Path(f"{self._file}{beside}").unlink(missing_ok=True)
        shutil.copyfile(self._copy(name), self._file)


class OfServer:
    """PostgreSQL: copies of all rows in a schema; a new database would take much longer."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://")

    def keep(self, name: str) -> None:
        with psycopg.connect(self._url) as connection:
            schema = sql.Identifier(name)
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
            for table in self._tables(connection):
                copy = sql.SQL("CREATE TABLE {}.{} AS TABLE public.{}")
                connection.execute(copy.format(schema, table, table))

    def restore(self, name: str) -> None:
        """Rows as they were; numbers once given stay given, as after a transaction undone."""
        with psycopg.connect(self._url) as connection:
            tables = self._tables(connection)
            changes: list[sql.Composable] = [
                sql.SQL("SET LOCAL session_replication_role = replica")
            ]
            changes += [sql.SQL("DELETE FROM public.{}").format(table) for table in tables]
            insert = sql.SQL("INSERT INTO public.{} TABLE {}.{}")
            changes += [insert.format(one, sql.Identifier(name), one) for one in tables]
            connection.execute(sql.SQL("; ").join(changes))

    @staticmethod
    def _tables(connection: psycopg.Connection) -> list[sql.Identifier]:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        return [sql.Identifier(row[0]) for row in connection.execute(query)]


def of(url: str) -> Snapshots:
    if url.startswith("sqlite:///"):
        return OfFile(Path(url.removeprefix("sqlite:///")))
    return OfServer(url)
