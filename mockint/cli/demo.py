"""`mockint demo`: a believable community on one machine, and its movable clock."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask

from mockint import clock
from mockint.cli import app_for, settings_or_exit
from mockint.cli.database import bring_up_to_date, require_tables
from mockint.cli.serve import only_process, require_port, run_web
from mockint.settings import Settings

HOST = "127.0.0.1"
OWN_FOLDER = "instance/demo"
MARK = "this-is-a-demo"
"""File in a demo's folder; holds the address the demo was last started on."""
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def demo_settings() -> Settings:
    """The environment's settings, turned into a demo on a SQLite file in a folder of its own."""
    given = settings_or_exit()
    folder = given.data_dir if "MOCKINT_DATA_DIR" in os.environ else OWN_FOLDER
    return replace(given, mode="demo", data_dir=folder, database_url="", redis_url="", smtp_url="")


def prepare_folder(folder: Path, *, fresh: bool) -> None:
    """Empty the demo's folder when `fresh`; a real community's folder is left alone."""
    ours = folder == Path(OWN_FOLDER) or (folder / MARK).exists()
    if (folder / "mockint.db").exists() and not ours:
        raise click.ClickException(
            f"{folder} holds data that no demo made. Choose another MOCKINT_DATA_DIR."
        )
    if fresh:
        for end in ("", "-wal", "-shm"):
            (folder / f"mockint.db{end}").unlink(missing_ok=True)


@click.group(invoke_without_command=True, short_help="Run a believable community here.")
@click.option("--fresh", is_flag=True, help="Forget the demo's data and start over.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_context
def demo(context: click.Context, fresh: bool, port: int) -> None:
    """Run a demo community with people, interviews, feedback and mail; a second run keeps it."""
    if context.invoked_subcommand is not None:
        if fresh:
            raise click.UsageError("--fresh starts over; it does not go with another command.")
        return
    settings = replace(demo_settings(), base_url=f"http://{HOST}:{port}")
    with only_process(settings):
        require_port(HOST, port)
        prepare_folder(Path(settings.data_dir), fresh=fresh)
        (Path(settings.data_dir) / MARK).write_text(settings.base_url, encoding="ascii")
        app = app_for(settings)
        bring_up_to_date(app)
        seed_if_empty(app)
    run_web(app, host=HOST, port=port, workers=1, threads=8, ready=lambda: _say_where(settings))


def seed_if_empty(app: Flask) -> None:
    """Fill an empty database with the demo community, with a bar on a terminal."""
    from mockint.demo import seed  # reads its content files
    from mockint.demo.progress import bar

    with app.app_context():
        if seed.is_seeded():
            return
        with bar("Filling the demo community") as advance:
            seed.run(now=clock.now(), settings=app.extensions["mockint"], progress=advance)


def _say_where(settings: Settings) -> None:
    from mockint.demo.seed import GUIDES, PASSWORD  # the same people the login page offers

    click.echo("")
    click.echo(click.style(f"  mockint runs at {settings.base_url}", bold=True))
    click.echo("")
    for role, (name, email) in GUIDES.items():
        click.echo(f"  {role:12} {name:20} {email}  password: {PASSWORD}")
    click.echo("")
    click.echo(f"  Mail arrives at {settings.base_url}/mailbox.")
    click.echo(f"  Move the clock: {_command()} demo advance 24h")
    click.echo("  Stop with Ctrl+C; the data stays. Start over with --fresh.")
    sys.stdout.flush()


def _command() -> str:
    """How the person at the terminal calls us: from a clone, or installed."""
    clone = Path(__file__).resolve().parents[2] / "bin" / "mockint"
    return "bin/mockint" if clone.exists() else "mockint"


def parse_span(text: str) -> timedelta:
    """90m, 24h, 2d or 1w as a length of time; anything else is a usage error."""
    found = re.fullmatch(r"(\d{1,4})([mhdw])", text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise click.BadParameter("write it like 90m, 24h, 2d or 1w", param_hint="SPAN")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


@demo.command()
@click.argument("span")
def advance(span: str) -> None:
    """Move the demo's clock forward by SPAN (90m, 24h, 2d, 1w): reminders and releases fall due."""
    from mockint.services import upkeep  # only here

    step = parse_span(span)
    settings = demo_settings()
    mark = Path(settings.data_dir) / MARK
    if not mark.exists():
        raise click.ClickException("There is no demo yet. Start it first: bin/demo.")
    app = app_for(replace(settings, base_url=mark.read_text(encoding="ascii")))
    require_tables(app)
    with app.app_context():
        upkeep.advance_clock(by=step)
        click.echo(f"It is now {clock.now():%a %d %b %Y, %H:%M} UTC in the demo.")
