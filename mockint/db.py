"""The database object, UTC-only columns, constraint names and the one kind of write unit."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from select import POLLIN, poll
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    DateTime,
    FromClause,
    MetaData,
    Text,
    bindparam,
    column,
    event,
    func,
    select,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine, ExceptionContext
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
)
from sqlalchemy.pool import Pool
from sqlalchemy.types import JSON, TypeDecorator

from mockint.domain.errors import Refusal

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table's base; constraints get names so that an error can be told from another."""

    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant; a naive value is refused before it reaches the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime refused; instants are aware UTC")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Words(TypeDecorator[tuple[str, ...]]):
    """A short ordered list of words, kept as a JSON array and read as a tuple."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> list[str] | None:
        return None if value is None else list(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(value)


class Revisioned:
    """`revision` is the lock: it rises with every change, and a stale writer is refused."""

    revision: Mapped[int] = mapped_column(nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - called on the class
        return {"version_id_col": cls.revision}


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

if TYPE_CHECKING:

    class Model(Base):
        """What a table inherits from, in words the type checker can follow."""

        __abstract__ = True
else:
    Model = db.Model


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: object) -> None:
    """WAL, full durability and real transactions; the driver's own BEGIN comes too late."""
    if type(connection).__module__.partition(".")[0] != "sqlite3":
        return
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@event.listens_for(Pool, "checkout")
def _replace_lost(connection: Any, record: object, proxy: object) -> None:
    """Have a connection that PostgreSQL ended made anew before anybody is let down by it.

    Seen without asking: an idle server says nothing, so something to read is a farewell.
    """
    if type(connection).__module__.partition(".")[0] != "psycopg":
        return
    news = poll()
    if not connection.closed:
        news.register(connection.fileno(), POLLIN)
    if connection.closed or news.poll(0):
        raise DisconnectionError("the server ended it")


# What a database answers when it cannot


COLLISIONS = frozenset({"40001", "40P01"})
"""SQLSTATE of serialization_failure and deadlock_detected: the same may well succeed at once."""
PRIMARY_CODE = 0xFF
"""The lowest byte of an SQLite error code says what kind it is."""
READ_ONLY = "25006"
"""SQLSTATE of a write to a standby, or to a server that takes none for now."""
STALE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR})
"""Errors of SQLite that a connection keeps having after the disk is well again."""


@event.listens_for(Engine, "handle_error")
def _reopen_sqlite(context: ExceptionContext) -> None:
    """A file opened while its disk took no writes stays read-only until it is opened anew."""
    code = getattr(context.original_exception, "sqlite_errorcode", 0)
    if code & PRIMARY_CODE in STALE:
        context.is_disconnect = True


def is_away(error: SQLAlchemyError) -> bool:
    """Whether the database cannot work now, so that the same request may succeed later."""
    if isinstance(error, OperationalError | TimeoutError):
        return not _is_our_fault(error)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or _sqlstate(error) == READ_ONLY


def _is_our_fault(error: SQLAlchemyError) -> bool:
    """Whether SQLite could not make sense of a statement, which it calls operational too."""
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def is_collision(error: SQLAlchemyError) -> bool:
    """Whether PostgreSQL undid one of two transactions that were in each other's way."""
    return _sqlstate(error) in COLLISIONS


def _sqlstate(error: SQLAlchemyError) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def insert(table: type[Base] | FromClause) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def insert_all(table: FromClause, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert these rows, in their order; steps over keys that are there, returns how many are new.

    All say the same columns; the others get the table's defaults.
    PostgreSQL gets them as one JSON text in one statement, whatever their number.
    """
    if not rows:
        return 0
    postgres = db.engine.dialect.name == "postgresql"
    given: Any = rows
    if postgres:
        given = {"rows": json.dumps(rows, default=datetime.isoformat)}
    result = db.session.execute(_insert_all(table, tuple(rows[0]), postgres=postgres), given)
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result


@cache
def _insert_all(table: FromClause, names: tuple[str, ...], *, postgres: bool) -> Any:
    """Put together once for these columns."""
    fresh = insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if not postgres:
        return fresh
    columns = (column(name, table.c[name].type) for name in names)
    given = func.json_to_recordset(sql_cast(bindparam("rows", type_=Text), JSON))
    there = given.table_valued(*columns).render_derived(name="given", with_types=True)
    return fresh.from_select(names, select(*there.c))


def forget(kind: type[Base], key: int) -> None:
    """A statement changed this row: an object of it that is known is read anew when asked."""
    session = db.session()
    known = session.identity_map.get(session.identity_key(kind, key))
    if known is not None:
        session.expire(known)


@event.listens_for(db.session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        state.session.info["wrote"] = True


@event.listens_for(db.session, "after_flush")
def _note_flush(session: Session, context: object) -> None:
    session.info["wrote"] = True


def _end_reading(session: Session) -> None:
    """End a transaction that only read, so that every row is read again.

    By COMMIT: at a ROLLBACK psycopg gives up the statements it has prepared, and every one after
    it is planned anew. What was changed outside a write unit is undone all the same.
    """
    if _only_read(session):
        session.commit()
        session.expire_all()
    else:
        session.rollback()
    session.info.pop("wrote", None)


def _only_read(session: Session) -> bool:
    changed = session.info.get("wrote") or session.new or session.dirty or session.deleted
    return session.is_active and not changed


def end_reading(error: BaseException | None = None) -> None:
    """Do so at the end of a request; nobody needs its objects any more.

    Its answer stands, also when the database has just gone away.
    """
    if error is None and db.session.registry.has() and db.session().in_transaction():
        db.session().expunge_all()
        with suppress(SQLAlchemyError):
            _end_reading(db.session())


def _begin_writing(session: Session) -> None:
    if db.engine.dialect.name == "postgresql" and session.in_transaction() and _only_read(session):
        session.expire_all()
        return
    _end_reading(session)
    session.connection(execution_options={"immediate": True})


@contextmanager
def transaction() -> Iterator[None]:
    """One write unit: take the write lock first, commit at the end, roll back on any error.

    Every row is read again inside. On SQLite, which cannot upgrade a read transaction safely,
    the one that a request has open is ended first; PostgreSQL goes on in it, as each statement
    sees what is committed by then. A nested use joins the outer one behind a savepoint, so that
    a refusal inside undoes its own part only.
    """
    session = db.session()
    if session.info.get("writing"):
        with session.begin_nested():
            yield
        return
    _begin_writing(session)
    session.info["writing"] = True
    try:
        yield
        session.commit()
    except Refusal:
        _end_reading(session)  # most refuse before anything is written
        raise
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False
        session.info.pop("wrote", None)
