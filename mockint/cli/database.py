"""`mockint migrate` and `mockint organiser`: what a new installation needs first."""

from __future__ import annotations

import logging

import click
from flask import Flask

from mockint import clock
from mockint.cli import app_from_environment
from mockint.services import account as account_service
from mockint.services import rubric as rubric_service


def bring_up_to_date(app: Flask) -> None:
    """Bring the tables to the newest migration and publish the default rubric set."""
    from flask_migrate import upgrade  # Alembic, only where it is used

    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context():
        upgrade()
        rubric_service.publish_default(now=clock.now())


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
    app = app_from_environment()
    with app.app_context():
        person = account_service.create_organiser(email=email, name=name, now=clock.now())
        click.echo(f"{person.name} ({person.email}) is an organiser now.")
    click.echo(f"They sign in at {app.extensions['mockint'].base_url}/login.")
