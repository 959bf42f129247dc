"""A fresh, migrated database for each test: a copied file, or a database made from a template."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE_LOCK = 4711
"""Advisory lock: one worker migrates the template, the others wait for it."""


def migrate(url: str, folder: Path) -> None:
    """Bring the database at `url` to the newest migration; `folder` takes the secret."""
    import flask_migrate  # unit tests run without the web framework

    from mockint.app import create_app  # same
    from mockint.cli.database import bind_migrations  # same
    from mockint.db import db  # same
    from mockint.settings import Settings  # same

    app = create_app(Settings(mode="test", database_url=url, data_dir=str(folder)))
    bind_migrations(app)
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


def sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file, to be copied."""
    file = folder / "template.db"
    migrate(f"sqlite:///{file}", folder)
    return file


def sqlite_copy(template: Path, folder: Path) -> str:
    """The URL of a fresh copy of `template` in `folder`."""
    file = folder / "mockint.db"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"


def _at(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def postgres_template(server: str, folder: Path) -> str:
    """The name of a migrated database on `server`; it is made once for each state of migrations."""
    digest = hashlib.sha256()
    for file in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        digest.update(file.read_bytes())
    name = f"mockint_template_{digest.hexdigest()[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        made = connection.execute("select 1 from pg_database where datname = %s", [name])
        if made.fetchone() is None:
            draft = f"{name}_draft"
            _drop(connection, draft)
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(draft)))
            migrate(_at(server, draft), folder)
            connection.execute(
                sql.SQL("alter database {} rename to {}").format(
                    sql.Identifier(draft), sql.Identifier(name)
                )
            )
    return name


@contextmanager
def postgres_copy(server: str, template: str) -> Iterator[str]:
    """The URL of a fresh database made from `template`; it is dropped when the block ends."""
    name = f"mockint_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    try:
        yield _at(server, name)
    finally:  # the server may have been started again meanwhile
        with psycopg.connect(server, autocommit=True) as connection:
            _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    )
