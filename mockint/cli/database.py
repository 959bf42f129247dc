"""`mockint migrate` and `mockint organiser`: what a new installation needs first."""

from __future__ import annotations

import logging

import click
from flask import Flask

from mockint import clock
from mockint.cli import app_from_environment
from mockint.db import db
from mockint.settings import SettingsError


def migration_gap(app: Flask) -> str | None:
    """Why the tables are not those of this version, or None when they are."""
    from alembic.runtime.migration import MigrationContext  # half a second others should not pay
    from alembic.script import ScriptDirectory

    with app.app_context():
        script = ScriptDirectory(str(app.extensions["migrate"].directory))
        with db.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_heads()
    if set(present) == set(script.get_heads()):
        return None
    if not present:
        return "The database has no tables yet. Run `mockint migrate` first."
    return "The tables are of another version of mockint. Run `mockint migrate` first."


def require_tables(app: Flask) -> None:
    """Refuse to work on tables of another version."""
    gap = migration_gap(app)
    if gap:
        raise SettingsError(gap)


def bring_up_to_date(app: Flask) -> None:
    """Bring the tables to the newest migration and publish the default rubric set."""
    from flask_migrate import upgrade  # Alembic, only where it is used

    from mockint.services import rubric  # reads the rubrics' file

    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context():
        upgrade()
        rubric.publish_default(now=clock.now())


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
