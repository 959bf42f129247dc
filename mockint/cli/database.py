"""`mockint migrate` and `mockint organiser`: what a new installation needs first."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click
from flask import Flask

from mockint import clock
from mockint.cli import app_from_environment
from mockint.db import db
from mockint.domain.errors import Refusal
from mockint.queries import tables
from mockint.settings import SettingsError

if TYPE_CHECKING:
    from alembic.config import Config
    from flask_migrate import Migrate


NEWER = (
    "The tables are of a newer version of mockint. Use that version, or restore a backup into an "
    "empty database."
)


def _present(app: Flask) -> frozenset[str]:
    with app.app_context(), db.engine.connect() as connection:
        return tables.present(connection)


def migration_gap(app: Flask) -> str | None:
    """Why the tables are not those of this version, or None when they are."""
    present, folder = _present(app), app.config["MIGRATIONS"]
    if present == tables.heads(folder):
        return None
    if not present:
        return "The database has no tables yet. Run `mockint migrate` first."
    if present <= tables.known(folder):
        return "The tables are of an older version of mockint. Run `mockint migrate` first."
    return NEWER


def require_tables(app: Flask) -> None:
    """Refuse to work on tables of another version."""
    gap = migration_gap(app)
    if gap:
        raise SettingsError(gap)


def has_tables(app: Flask) -> bool:
    """Whether the database was ever migrated."""
    return bool(_present(app))


def newest_revision(app: Flask) -> str:
    """The state of the tables that this version of the program works on."""
    [newest] = tables.heads(app.config["MIGRATIONS"])
    return newest


def bring_up_to_date(app: Flask) -> None:
    """Bring the tables to the newest migration and publish the rubric set and the questions.

    All of it or nothing; a second process that does it at the same time waits.
    """
    from sqlalchemy.exc import IntegrityError  # loaded with Alembic

    from mockint.services import kits, rubric  # read files

    with app.app_context():
        _upgrade(app)
        for publish in (rubric.publish_default, kits.publish_builtin):
            try:
                publish(now=clock.now())
            except IntegrityError:  # another process published it in this moment
                publish(now=clock.now())


def bind_migrations(app: Flask) -> Migrate:
    """Give the app Flask-Migrate, and with it `flask db`; only where something migrates."""
    from flask_migrate import Migrate  # half a second others should not pay

    folder = app.config["MIGRATIONS"]
    return Migrate(app, db, directory=folder, render_as_batch=True, compare_type=True)


def alembic_config(app: Flask) -> Config:
    """What Alembic's own commands take."""
    config: Config = bind_migrations(app).get_config()
    return config


def _upgrade(app: Flask) -> None:
    from alembic import command  # Alembic, only where it is used
    from alembic.util import CommandError
    from sqlalchemy.exc import DBAPIError

    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        command.upgrade(alembic_config(app), "head")
    except CommandError as error:
        raise SettingsError(NEWER) from error
    except DBAPIError as error:
        if error.statement is None:  # no connection was made
            raise
        words = str(error.orig).strip().partition("\n")[0]
        raise Refusal(f"The tables stay as they were, as one cannot be changed: {words}") from error


@click.command()
def migrate() -> None:
    """Create or update the tables; safe to repeat."""
    bring_up_to_date(app_from_environment())
    click.echo("The database is up to date.")


@click.group()
def organiser() -> None:
    """People who run the community."""


@organiser.command("create")
@click.option("--email", prompt="E-mail address", help="Where the sign-in link goes.")
@click.option("--name", prompt="Name", help="What everybody else sees.")
def create(email: str, name: str) -> None:
    """Make somebody an organiser; a new person signs in by a link sent to the address."""
    from mockint.services import account  # only here

    app = app_from_environment()
    require_tables(app)
    with app.app_context():
        person = account.create_organiser(email=email, name=name, now=clock.now())
        click.echo(f"{person.name} ({person.email}) is an organiser now.")
    click.echo(f"They sign in at {app.extensions['mockint'].base_url}/login.")
