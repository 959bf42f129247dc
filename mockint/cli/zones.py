"""`mockint zones`: which zone rules are in force, and which promises they no longer keep."""

from __future__ import annotations

import click

from mockint.cli import app_from_environment
from mockint.cli.database import require_tables
from mockint.domain import zones as rules
from mockint.queries import moment
from mockint.services import promise


@click.group()
def zones() -> None:
    """Look at time zones and what they do to interviews."""


@zones.command()
def check() -> None:
    """Find interviews to come that new zone rules put elsewhere on the interviewer's wall.

    Each interviewer is asked once by mail what is to become of it; nothing moves. The worker does
    the same every night.
    """
    app = app_from_environment()
    require_tables(app)
    click.echo(f"Zone rules are IANA {rules.rules_version()}.")
    with app.app_context():
        found = promise.check(now=moment.now())
    for one in found:
        told = one.promise
        click.echo(
            f"Interview {one.booking_id} was promised for {told.wall_start} in {told.zone}; "
            f"at the same moment it is {told.now_reads} there now."
        )
    click.echo(
        f"Promised times that are not kept: {len(found)}. Their interviewers are asked."
        if found
        else "Every promised time is kept."
    )
