"""The `mockint` command: what an operator types."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from mockint import __version__
from mockint.domain.errors import Refusal
from mockint.settings import Settings, SettingsError, from_environment


def settings_or_exit() -> Settings:
    """The settings of the environment; a bad one ends the command with its sentence (exit 2)."""
    try:
        return from_environment(os.environ)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


class Command(click.Group):
    """A group that prints a refusal as one plain sentence instead of a traceback (exit 1)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refusal, SettingsError) as refusal:
            raise click.ClickException(str(refusal)) from refusal


@click.group(cls=Command)
@click.version_option(__version__, prog_name="mockint")
def main() -> None:
    """Mock interviews for a community: matching, booking, invitations, feedback."""


def app_from_environment() -> Any:
    """The application for the environment's settings, imported only when a command needs it."""
    from mockint.app import create_app  # half a second that `slots preview` should not pay

    try:
        return create_app(settings_or_exit())
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def add(command: Callable[..., Any]) -> None:
    """Hang a command or a group under `mockint`."""
    main.add_command(command)  # type: ignore[arg-type]  # click's decorators return commands


def _load() -> None:
    from mockint.cli import check, database, demo, serve, slots  # they import this module

    for command in (
        serve.serve,
        serve.worker,
        demo.demo,
        database.migrate,
        database.organiser,
        check.doctor,
        check.verify,
        slots.slots,
    ):
        add(command)


_load()


def run() -> None:
    """Entry point of the installed script."""
    main(prog_name="mockint", args=sys.argv[1:])
