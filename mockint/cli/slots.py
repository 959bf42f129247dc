"""`mockint slots`: why is my slot not shown."""

from __future__ import annotations

import json
from typing import BinaryIO

import click

from mockint.domain.errors import Invalid
from mockint.domain.slots_preview import format_start, read_preview


@click.group()
def slots() -> None:
    """Look at slots without a database."""


@slots.command()
@click.argument("file", type=click.File("rb"), default="-")
def preview(file: BinaryIO) -> None:
    """Print the slot starts that weekly hours give.

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
