"""`mockint mail ingest`: a mail server hands over one message."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import BinaryIO

import click
import structlog
from sqlalchemy.exc import SQLAlchemyError

from mockint.cli import app_for, settings_or_exit
from mockint.settings import SettingsError

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: a mail server keeps the message and comes back with it."""

BROKEN = {
    "outcome": "refused",
    "booking": None,
    "attendee": None,
    "partstat": None,
    "reason": "mockint failed on it; its log says where.",
}

log = structlog.get_logger()


@click.command("ingest")
@click.argument("message", type=click.File("rb"))
@click.option("--recipient", default="", help="The envelope's recipient, where it is known.")
def ingest(message: BinaryIO, recipient: str) -> None:
    """Take in one raw message from the file MESSAGE or, for -, from standard input.

    Prints what became of it as one line of JSON and exits 0, whatever the message is, so that a
    mail server never sends it back. Exits 75 when mockint cannot work now: the mail server then
    keeps the message and tries again.
    """
    raw = message.read()
    try:
        settings = settings_or_exit()
        app = app_for(settings)
        from mockint.queries import moment  # loaded with the application
        from mockint.services import relay, replies  # the same

        with app.app_context():
            try:
                found = asdict(replies.ingest(raw, now=moment.now(), recipient=recipient))
            except SQLAlchemyError:
                raise
            except Exception as error:  # coming back with it would not help
                log.error("message_broken", fault=relay.where(error))
                found = BROKEN
    except (SettingsError, SQLAlchemyError) as trouble:
        words = trouble if isinstance(trouble, SettingsError) else "The database cannot be used."
        click.echo(f"{words} The message was not taken; hand it over again later.", err=True)
        raise SystemExit(TRY_AGAIN) from trouble
    click.echo(json.dumps(found))
