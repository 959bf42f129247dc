"""`mockint doctor` and `mockint verify`: is this installation well, and is its data."""

from __future__ import annotations

import email.policy
import json
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib.metadata import version as installed_version
from typing import Literal

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from mockint import clock
from mockint.cli import app_for, app_from_environment
from mockint.cli.database import migration_gap, require_tables
from mockint.db import db
from mockint.models import Heartbeat
from mockint.queries import verify as verify_query
from mockint.settings import Settings, SettingsError, from_environment, secret_key

ZONE_DATA_DAYS = 180
"""Zone rules change a few times a year; older data shows some people the wrong hour."""

Level = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str
    level: Level
    words: str


def _database(app: Flask, now: datetime) -> Finding:
    try:
        with app.app_context():
            db.session.execute(db.text("SELECT 1"))
            engine = db.engine.dialect.name
    except SQLAlchemyError as error:
        return Finding("database", "failed", f"It does not answer: {_first_line(error)}")
    return Finding("database", "ok", f"It answers ({engine}).")


def _first_line(error: SQLAlchemyError) -> str:
    """What the driver said, without the statement and its values."""
    return str(getattr(error, "orig", None) or type(error).__name__).strip().partition("\n")[0]


def _migrations(app: Flask, now: datetime) -> Finding:
    try:
        gap = migration_gap(app)
    except SQLAlchemyError:
        return Finding("migrations", "failed", "The database does not answer.")
    return Finding("migrations", "failed" if gap else "ok", gap or "The tables are up to date.")


def _redis(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    if settings.embedded:
        return Finding("redis", "ok", "Not used: one process does everything.")
    from redis import Redis, RedisError  # only with a Redis URL

    try:
        Redis.from_url(settings.redis_url, socket_connect_timeout=5, socket_timeout=5).ping()
    except (RedisError, OSError, ValueError) as error:
        return Finding("redis", "failed", f"It does not answer: {error}.")
    return Finding("redis", "ok", "It answers.")


def _smtp(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    if not settings.smtp_url:
        if settings.shows_mailbox:
            return Finding("smtp", "ok", "Not used: mails stay in the mailbox page.")
        return Finding("smtp", "failed", "MOCKINT_SMTP_URL is not set; no mail can be sent.")
    from mockint.adapters import smtp  # only where mail leaves the machine

    trouble = smtp.probe(settings.smtp_url)
    if trouble:
        return Finding("smtp", "failed", trouble)
    return Finding("smtp", "ok", "It answers and takes the login.")


def _zone_data(app: Flask, now: datetime) -> Finding:
    package = installed_version("tzdata")
    year, number = package.split(".")[:2]
    letter = chr(ord("a") + int(number) - 1)
    # IANA letters are not dated in the package; two months a letter has been the pace for years.
    released = datetime(int(year), min(12, max(1, 2 * int(number) - 1)), 1, tzinfo=now.tzinfo)
    words = f"Zone rules are IANA {year}{letter}."
    if now - released > timedelta(days=ZONE_DATA_DAYS):
        return Finding("zone data", "warning", words + " Update the tzdata package.")
    return Finding("zone data", "ok", words)


def _secret(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    source = "from the setting" if settings.secret_key else "from the data folder"
    return Finding("secret", "ok", f"{len(secret_key(settings))} characters, {source}.")


def _python(app: Flask, now: datetime) -> Finding:
    words = f"Version {platform.python_version()}."
    if not hasattr(email.policy.default, "verify_generated_headers"):
        # CVE-2024-6923: an older e-mail package lets a line break split a header.
        return Finding("python", "warning", words + " Update it; its e-mail package has a fault.")
    return Finding("python", "ok", words)


def _address(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    if settings.mode != "production":
        words = f"{settings.base_url}, in {settings.mode} mode: not for a real community."
        return Finding("address", "warning", words)
    if not settings.base_url.startswith("https://"):
        return Finding(
            "address",
            "warning",
            f"{settings.base_url} is not https: sign-in links travel in clear.",
        )
    return Finding("address", "ok", settings.base_url)


def _heartbeat(app: Flask, now: datetime) -> Finding:
    try:
        with app.app_context():
            beat = db.session.get(Heartbeat, "sweep")
            age = clock.now() - beat.at if beat else None
    except SQLAlchemyError:
        return Finding("worker", "failed", "Unknown, as the database does not tell.")
    if age is None:
        return Finding("worker", "warning", "It has not run yet on this database.")
    if age > timedelta(minutes=3):
        return Finding(
            "worker", "warning", f"It last ran {int(age.total_seconds() // 60)} min ago."
        )
    return Finding("worker", "ok", "It runs.")


CHECKS: tuple[Callable[[Flask, datetime], Finding], ...] = (
    _database,
    _migrations,
    _redis,
    _smtp,
    _zone_data,
    _secret,
    _python,
    _address,
    _heartbeat,
)


def findings(now: datetime) -> Iterator[Finding]:
    """Look at everything a running installation needs; without settings there is no more to see.

    `now` is the real time: the installation's own clock needs its database.
    """
    try:
        settings = from_environment(os.environ)
        app = app_for(settings)
    except (SettingsError, click.UsageError) as error:
        yield Finding("settings", "failed", str(error))
        return
    yield Finding("settings", "ok", f"Mode {settings.mode}.")
    for check in CHECKS:
        yield check(app, now)


@click.command(short_help="Is this installation well?")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
def doctor(as_json: bool, strict: bool) -> None:
    """Check settings, database, migrations, Redis, SMTP, zone data, secret, Python and worker."""
    found = list(findings(clock.now()))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        for finding in found:
            colour = {"ok": "green", "warning": "yellow", "failed": "red"}[finding.level]
            level = click.style(f"{finding.level:8}", fg=colour)
            click.echo(f"{level} {finding.name}: {finding.words}")
    bad = {"failed", "warning"} if strict else {"failed"}
    raise SystemExit(1 if any(finding.level in bad for finding in found) else 0)


@click.command(short_help="Does its data keep every promise?")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list of violations.")
def verify(as_json: bool) -> None:
    """Check the invariants of the data; exits 1 and says in words what is wrong."""
    app = app_from_environment()
    require_tables(app)
    with app.app_context():
        broken = list(verify_query.violations(now=clock.now()))
    if as_json:
        click.echo(json.dumps(broken, indent=2))
    else:
        for sentence in broken:
            click.echo(sentence)
        click.echo(f"{len(broken)} broken." if broken else "Everything holds.")
    raise SystemExit(1 if broken else 0)
