"""`mockint slots`: why is my slot not shown, and what is each worth to others."""

from __future__ import annotations

import json
from typing import BinaryIO

import click

from mockint.domain.errors import Invalid
from mockint.domain.slots_preview import format_start, read_preview


@click.group()
def slots() -> None:
    """Look at slots, and count what they are worth."""


@slots.command()
@click.argument("file", type=click.File("rb"), default="-")
def preview(file: BinaryIO) -> None:
    """Print the slot starts that weekly hours give; needs no database.

    Reads JSON with tz, weekly_hours, overrides, duration_min, step_min, window_start_utc and
    window_end_utc from FILE, or from standard input for "-"; prints a JSON list of starts as
    YYYY-MM-DDTHH:MMZ. Exits 2, naming the field, when the input cannot be used.
    """
    try:
        request = read_preview(file.read())
    except Invalid as refusal:
        click.echo(f"{refusal.field}: {refusal}", err=True)
        raise SystemExit(2) from refusal
    click.echo(json.dumps([format_start(start) for start in request.starts()]))


@slots.command()
def price() -> None:
    """Count anew what each hour of the next two weeks is worth to others.

    The worker does the same every night. Who asks for any interviewer is shown somebody whose
    hour nobody else will need, as far as the last four weeks tell.
    """
    from mockint.cli import app_from_environment  # `preview` needs none of these
    from mockint.cli.database import require_tables
    from mockint.queries import moment
    from mockint.services import prices

    app = app_from_environment()
    require_tables(app)
    with app.app_context():
        count = prices.renew(now=moment.now())
    click.echo(f"Hours that others will need: {count}. All others cost nothing.")
