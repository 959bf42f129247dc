"""`mockint calendar`: what calendars say of when somebody is busy."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import BinaryIO

import click

from mockint.adapters.expansion import Job, expand
from mockint.cli.look import look
from mockint.domain import zones
from mockint.domain.busytime import Owner
from mockint.domain.timespan import Span

FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ")


class Instant(click.ParamType):
    """An instant in UTC, like 2027-03-01T00:00Z."""

    name = "UTC"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        for form in FORMATS:
            try:
                return datetime.strptime(value, form).replace(tzinfo=UTC)
            except ValueError:
                continue
        self.fail(f"{value} is not an instant in UTC. Write it like 2027-03-01T00:00Z.", param, ctx)


class Zone(click.ParamType):
    """An IANA zone a person can be in."""

    name = "IANA"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        zone = zones.canonical(value)
        if zone is None:
            self.fail(f"{value} is not a time zone. Write it like Europe/Berlin.", param, ctx)
        return zone


@click.group()
def calendar() -> None:
    """What calendar files, and interviewers' own calendars, say of when somebody is busy."""


calendar.add_command(look)


@calendar.command()
@click.argument("file", type=click.File("rb"))
@click.option("--from", "start", type=Instant(), required=True, help="Where the window begins.")
@click.option("--to", "end", type=Instant(), required=True, help="Where it ends.")
@click.option("--zone", type=Zone(), required=True, help="The owner's time zone.")
@click.option(
    "--owner", "owners", metavar="EMAIL", multiple=True, help="An address of the owner; repeatable."
)
def busy(
    file: BinaryIO, start: datetime, end: datetime, zone: str, owners: tuple[str, ...]
) -> None:
    """Print when the calendar in FILE makes its owner busy.

    FILE is an iCalendar file, or "-" for standard input. Prints JSON: "busy" has pairs of instants
    in UTC, merged and cut to the window; "warnings" has sentences. A file that cannot be used
    exits 2 and prints its reason as "error".
    """
    if start >= end:
        raise click.UsageError("--to must be later than --from.")
    job = Job(key=0, data=file.read(), owner=Owner.of(zone, owners), window=Span(start, end))
    (outcome,) = expand([job])
    if outcome.busy is None:
        click.echo(json.dumps({"error": str(outcome.refusal)}))
        raise SystemExit(2)
    found = {
        "busy": [[_text(span.start), _text(span.end)] for span in outcome.busy.spans],
        "warnings": [str(caveat) for caveat in outcome.busy.warnings],
    }
    click.echo(json.dumps(found))


def _text(instant: datetime) -> str:
    return instant.strftime(FORMATS[0])
