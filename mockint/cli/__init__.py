"""The `mockint` command: what an operator types."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from mockint import __version__
from mockint.domain.errors import Refusal
from mockint.settings import Settings, SettingsError, from_environment

if TYPE_CHECKING:
    from flask import Flask

COMMANDS = {
    "backup": "archive",
    "calendar": "calendar",
    "db": "archive",
    "demo": "demo",
    "doctor": "doctor",
    "feedback": "feedback",
    "mail": "mail",
    "migrate": "database",
    "organiser": "database",
    "restore": "archive",
    "rounds": "rounds",
    "scheduler": "serve",
    "serve": "serve",
    "slots": "slots",
    "verify": "check",
    "worker": "serve",
    "zones": "zones",
}
"""Command to the module of this package that holds it, imported only when it is typed."""


@contextmanager
def _loading() -> Iterator[None]:
    """Code that is loaded stays; looking for garbage in it takes a sixth of the time of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Unusable(click.ClickException):
    """The installation cannot be worked with as it is set up; nothing was done."""

    exit_code = 2


class Commands(click.Group):
    """Loads the command that was typed, and says in a sentence what stopped it.

    It ends with 1 for what the data does not allow, with 2 for settings and servers.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        with _loading():
            module = import_module(f"mockint.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except SettingsError as fault:
            raise Unusable(str(fault)) from fault
        except Exception as error:
            words = _database_trouble(error)
            if words is None:
                raise
            raise Unusable(words) from error


def _database_trouble(error: Exception) -> str | None:
    """What to say when the database cannot be used; SQLAlchemy is asked only if it is loaded."""
    loaded = sys.modules.get("sqlalchemy.exc")
    if loaded is None or not isinstance(error, loaded.DBAPIError):
        return None
    connecting = error.statement is None
    if not connecting and not isinstance(error, loaded.OperationalError):
        return None
    words = str(error.orig).strip().partition("\n")[0].rstrip(".")
    is_file = type(error.orig).__module__.startswith("sqlite3")
    fix = "Correct" if is_file else "Start it, or correct"
    return f"The database cannot be used: {words}. {fix} {_database_setting()}."


def _database_setting() -> str:
    """The variable that names the database."""
    given = {"MOCKINT_DATABASE_URL", "MOCKINT_DATABASE_URL_FILE"} & os.environ.keys()
    return min(given, default="MOCKINT_DATA_DIR")


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="mockint")
def main() -> None:
    """Mock interviews for a community: matching, booking, invitations, feedback."""


def settings_or_exit() -> Settings:
    """The settings of the environment; a bad one ends the command with its sentence (exit 2)."""
    return from_environment(os.environ)


def app_for(settings: Settings) -> Flask:
    """The application, imported only when a command needs it; bad settings exit 2."""
    try:
        with _loading():
            from mockint.app import create_app  # half a second `slots preview` should not pay

            app = create_app(settings)
    except OSError as error:
        raise SettingsError(
            f"{error.filename} cannot be used: {error.strerror}. Correct {_database_setting()}."
        ) from error
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
