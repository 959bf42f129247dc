"""`mockint calendar look`: read interviewers' own calendars now, and say what was there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mockint.cli import app_for, settings_or_exit

if TYPE_CHECKING:
    from mockint.services.looks import Seen


@click.command("look")
@click.option("--person", "email", metavar="EMAIL", help="Only the calendars of this interviewer.")
def look(email: str | None) -> None:
    """Read every own calendar now, due or not, and say what became of each.

    Addresses of calendars are secrets and are not printed. Exits 1 when one could not be read.
    """
    app = app_for(settings_or_exit())
    from mockint.queries import moment, people  # loaded with the application
    from mockint.services import looks  # the same

    with app.app_context():
        person = people.with_address(email) if email else None
        if email and person is None:
            raise click.ClickException(f"Nobody here has the address {email}.")
        done = looks.look(now=moment.now(), person_id=person.id if person else None, at_once=True)
    for one in done.seen:
        click.echo(f"{one.calendar.person_id} {one.calendar.name}: {_outcome(one)}")
    colour = "red" if done.failed else "green"
    click.secho(
        f"Read: {done.parsed}. Unchanged: {done.unchanged}. Failed: {done.failed}.", fg=colour
    )
    raise SystemExit(1 if done.failed else 0)


def _outcome(one: Seen) -> str:
    if one.failure is not None:
        return f"it cannot be read. {one.failure}"
    if one.busy is None:
        return "unchanged"
    words = " ".join(str(caveat) for caveat in one.busy.warnings)
    return f"read, busy at {len(one.busy.spans)} times" + (f". {words}" if words else "")
