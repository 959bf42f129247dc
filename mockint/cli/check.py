"""`mockint verify`: does the data keep every promise."""

from __future__ import annotations

import json

import click

from mockint.cli import app_from_environment
from mockint.cli.database import require_tables
from mockint.db import db
from mockint.queries import moment
from mockint.queries import verify as verify_query


@click.command(short_help="Does its data keep every promise?")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of violations.")
def verify(as_json: bool) -> None:
    """Check the invariants of the data; exits 1 and says in words what is wrong."""
    app = app_from_environment()
    require_tables(app)
    with app.app_context():
        now = moment.now()
        db.session.rollback()
        broken = list(verify_query.violations(now=now))
    if as_json:
        click.echo(json.dumps(broken, indent=2))
    else:
        for sentence in broken:
            click.echo(sentence)
        click.echo(f"{len(broken)} broken." if broken else "Everything holds.")
    raise SystemExit(1 if broken else 0)
