"""`mockint doctor`: is this installation well, and what to do where it is not."""

from __future__ import annotations

import email.policy
import json
import os
import platform
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from mockint import clock
from mockint.cli import app_for
from mockint.cli.database import migration_gap
from mockint.db import db
from mockint.domain import zones
from mockint.models import Heartbeat
from mockint.queries import moment
from mockint.settings import Settings, SettingsError, from_environment, secret_key

OLDEST_POSTGRES = 15
ZONE_DATA_DAYS = 180
"""Zone rules change a few times a year; older data shows some people the wrong hour."""
MOST_SKEW = timedelta(seconds=2)
"""Clocks further apart send reminders early or late, as some hours are compared by the database."""
SILENT_WORKER = timedelta(minutes=3)

Level = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `words` say what to do unless it is ok."""

    name: str
    level: Level
    words: str


# The database


def _database(app: Flask, now: datetime) -> Finding:
    try:
        with app.app_context(), db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                words = db.text("SELECT 'SQLite ' || sqlite_version()")
                return Finding("database", "ok", f"It answers ({connection.scalar(words)}).")
            number = int(connection.scalar(db.text("SHOW server_version_num")) or 0)
    except SQLAlchemyError as error:
        return Finding(
            "database",
            "failed",
            f"It does not answer: {_first_line(error)}. Start it, or correct MOCKINT_DATABASE_URL.",
        )
    name = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number // 10_000 < OLDEST_POSTGRES:
        words = f"{name} is too old. Move to PostgreSQL {OLDEST_POSTGRES} or newer."
        return Finding("database", "failed", words)
    return Finding("database", "ok", f"It answers ({name}).")


def _first_line(error: SQLAlchemyError) -> str:
    """What the driver said, without the statement and its values."""
    words = str(getattr(error, "orig", None) or type(error).__name__)
    return words.strip().partition("\n")[0].rstrip(".")


def _migrations(app: Flask, now: datetime) -> Finding:
    try:
        gap = migration_gap(app)
    except SQLAlchemyError:
        return Finding("migrations", "failed", "Unknown, as the database does not tell.")
    return Finding("migrations", "failed" if gap else "ok", gap or "The tables are up to date.")


def _clocks(app: Flask, now: datetime) -> Finding:
    try:
        with app.app_context(), db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                return Finding("clock", "ok", "The database is on this machine.")
            ours, started = clock.now() - clock.offset(), time.monotonic()
            theirs = connection.scalar(db.text("SELECT clock_timestamp()"))
            halfway = timedelta(seconds=(time.monotonic() - started) / 2)
    except SQLAlchemyError:
        return Finding("clock", "failed", "Unknown, as the database does not tell.")
    skew = abs(ours + halfway - theirs.astimezone(UTC))
    if skew > MOST_SKEW:
        return Finding(
            "clock",
            "failed",
            f"This machine and the database are {skew.total_seconds():.0f} s apart. "
            "Let both follow a time server.",
        )
    return Finding("clock", "ok", "It agrees with the database's.")


def _worker(app: Flask, now: datetime) -> Finding:
    return _heard(app, "sweep", "worker")


def _scheduler(app: Flask, now: datetime) -> Finding:
    return _heard(app, "scheduler", "scheduler")


def _heard(app: Flask, duty: str, process: str) -> Finding:
    """Whether the process that does this duty ran lately; embedded, `serve` is all of them."""
    try:
        with app.app_context():
            beat = db.session.get(Heartbeat, duty)
            age = moment.now() - beat.at if beat else None
    except SQLAlchemyError:
        return Finding(process, "failed", "Unknown, as the database does not tell.")
    settings: Settings = app.extensions["mockint"]
    fix = f"Start `mockint {'serve' if settings.embedded else process}`."
    if age is None:
        return Finding(process, "warning", f"It has not run yet on this database. {fix}")
    if age > SILENT_WORKER:
        minutes = int(age.total_seconds() // 60)
        return Finding(process, "warning", f"It last ran {minutes} min ago. {fix}")
    return Finding(process, "ok", "It runs.")


# Other servers


def _redis(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    if settings.embedded:
        return Finding("redis", "ok", "Not used: one process does everything.")
    from redis import Redis, RedisError  # only with a Redis URL

    try:
        with Redis.from_url(
            settings.redis_url, socket_connect_timeout=5, socket_timeout=5
        ) as connection:
            connection.ping()
    except (RedisError, OSError, ValueError) as error:
        words = str(error).rstrip(".")
        return Finding(
            "redis",
            "failed",
            f"It does not answer: {words}. Start it, or correct MOCKINT_REDIS_URL.",
        )
    return Finding("redis", "ok", "It answers.")


def _smtp(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    if not settings.smtp_url:
        if settings.shows_mailbox:
            return Finding("smtp", "ok", "Not used: mails stay in the mailbox page.")
        return Finding("smtp", "failed", "No mail can be sent. Set MOCKINT_SMTP_URL.")
    from mockint.adapters import smtp  # only where mail leaves the machine

    trouble = smtp.probe(settings.smtp_url)
    if trouble:
        return Finding("smtp", "failed", f"{trouble} Correct MOCKINT_SMTP_URL.")
    return Finding("smtp", "ok", "It answers and takes the login.")


def _imap(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    if not settings.imap_url:
        return Finding("answers", "ok", "No mailbox is read: MOCKINT_IMAP_URL is not set.")
    from mockint.adapters import imap  # only where answers are read

    trouble = imap.probe(settings.imap_url)
    if trouble:
        return Finding("answers", "failed", f"{trouble} Correct MOCKINT_IMAP_URL.")
    return Finding("answers", "ok", "The mailbox answers and takes the login.")


# This machine


def _zone_data(app: Flask, now: datetime) -> Finding:
    edition = zones.rules_version()
    year, number = int(edition[:4]), ord(edition[4]) - ord("a") + 1
    # IANA letters are not dated in the package; two months a letter has been the pace for years.
    released = datetime(year, min(12, max(1, 2 * number - 1)), 1, tzinfo=now.tzinfo)
    words = f"Zone rules are IANA {edition}."
    if now - released > timedelta(days=ZONE_DATA_DAYS):
        return Finding("zone data", "warning", words + " Update the tzdata package.")
    return Finding("zone data", "ok", words)


def _python(app: Flask, now: datetime) -> Finding:
    words = f"Version {platform.python_version()}."
    if not hasattr(email.policy.default, "verify_generated_headers"):
        # CVE-2024-6923: an older e-mail package lets a line break split a header.
        return Finding("python", "warning", words + " Update it; its e-mail package has a fault.")
    return Finding("python", "ok", words)


def _secret(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    length = len(secret_key(settings))
    if settings.secret_key:
        return Finding("secret", "ok", f"{length} characters, from the setting.")
    file = Path(settings.data_dir) / "secret_key"
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        words = f"{file} is open to others (mode {mode:o}). Run `chmod 600 {file}`."
        return Finding("secret", "failed", words)
    return Finding("secret", "ok", f"{length} characters, from the data folder.")


def _folder(app: Flask, now: datetime) -> Finding:
    """Only what is kept there: the SQLite file, the generated secret."""
    settings: Settings = app.extensions["mockint"]
    if not settings.database.startswith("sqlite:///"):
        return Finding("data folder", "ok", "It holds no database.")
    file = Path(settings.database.removeprefix("sqlite:///").partition("?")[0])
    for path in (file.parent, file):
        if path.exists() and not os.access(path, os.R_OK | os.W_OK):
            words = f"This user may not write to {path}. Give it to the user that runs mockint."
            return Finding("data folder", "failed", words)
    if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o007:
        shut = stat.S_IMODE(file.parent.stat().st_mode) & 0o001 == 0
        if not shut:
            words = f"Every user here may read {file}. Run `chmod o= {file.parent}`."
            return Finding("data folder", "warning", words)
    return Finding("data folder", "ok", f"{file.parent}, for this user.")


def _address(app: Flask, now: datetime) -> Finding:
    settings: Settings = app.extensions["mockint"]
    if settings.mode != "production":
        words = f"{settings.base_url}, in {settings.mode} mode: not for a real community."
        return Finding("address", "warning", words)
    if not settings.base_url.startswith("https://"):
        return Finding(
            "address",
            "warning",
            f"{settings.base_url} is not https: sign-in links travel in clear. "
            "Put a proxy with a certificate in front and correct MOCKINT_BASE_URL.",
        )
    if not settings.trusted_proxies:
        return Finding(
            "address",
            "warning",
            "https means a proxy, and to count tries per visitor its word is needed. "
            "Set MOCKINT_TRUSTED_PROXIES, usually to 1.",
        )
    return Finding("address", "ok", settings.base_url)


CHECKS: tuple[Callable[[Flask, datetime], Finding], ...] = (
    _database,
    _migrations,
    _clocks,
    _redis,
    _smtp,
    _imap,
    _folder,
    _secret,
    _zone_data,
    _python,
    _address,
    _worker,
    _scheduler,
)


def findings(now: datetime) -> Iterator[Finding]:
    """Look at everything a running installation needs; without settings there is no more to see.

    `now` is the real time: the installation's own clock needs its database.
    """
    try:
        settings = from_environment(os.environ)
        app = app_for(settings)
    except SettingsError as error:
        yield Finding("settings", "failed", str(error))
        return
    yield Finding("settings", "ok", f"Mode {settings.mode}.")
    for check in CHECKS:
        yield check(app, now)


@click.command(short_help="Is this installation well?")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
def doctor(as_json: bool, strict: bool) -> None:
    """Check what an installation needs, line by line; what is not ok says what to do.

    Settings, database and its version, migrations, clocks, Redis, the logins at the mail server
    and the mailbox of answers (nothing is sent or read), data folder, secret, zone data, Python,
    address, worker.
    """
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
