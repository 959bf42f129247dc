"""The `mockint` command: what an operator types."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from mockint import __version__
from mockint.domain.errors import Refusal
from mockint.settings import Settings, SettingsError, from_environment

if TYPE_CHECKING:
    from flask import Flask

COMMANDS = {
    "demo": "demo",
    "doctor": "check",
    "migrate": "database",
    "organiser": "database",
    "serve": "serve",
    "slots": "slots",
    "verify": "check",
    "worker": "serve",
}
"""Command to the module of this package that holds it, imported only when it is typed."""


class Commands(click.Group):
    """Loads the command that was typed, and says what stopped it in one sentence (exit 1)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"mockint.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refusal, SettingsError) as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except Exception as error:
            if not _is_database_trouble(error):
                raise
            words = str(getattr(error, "orig", error)).strip().partition("\n")[0]
            raise click.ClickException(f"The database does not answer: {words}") from error


def _is_database_trouble(error: Exception) -> bool:
    """SQLAlchemy is asked only if the command loaded it."""
    loaded = sys.modules.get("sqlalchemy.exc")
    return loaded is not None and isinstance(error, loaded.OperationalError)


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="mockint")
def main() -> None:
    """Mock interviews for a community: matching, booking, invitations, feedback."""


def settings_or_exit() -> Settings:
    """The settings of the environment; a bad one ends the command with its sentence (exit 2)."""
    try:
        return from_environment(os.environ)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def app_for(settings: Settings) -> Flask:
    """The application, imported only when a command needs it; bad settings exit 2."""
    from mockint.app import create_app  # half a second that `slots preview` should not pay

    try:
        app = create_app(settings)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be used: {error.strerror}.") from error
    click.get_current_context().call_on_close(lambda: let_go(app))
    return app


def let_go(app: Flask) -> None:
    """Close this process's connections to the database."""
    from mockint.db import db  # loaded with the application

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def app_from_environment() -> Flask:
    """The application for the environment's settings."""
    return app_for(settings_or_exit())


def run() -> None:
    """`python -m mockint.cli`."""
    main(prog_name="mockint", args=sys.argv[1:])
