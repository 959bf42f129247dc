"""`mockint backup`, `mockint restore` and `mockint db copy`: everything, elsewhere."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import replace as changed
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO, cast

import click
from flask import Flask
from sqlalchemy.engine import Engine

from mockint import clock
from mockint import db as database
from mockint.cli import app_for, settings_or_exit
from mockint.cli.database import bring_up_to_date, has_tables, newest_revision, require_tables
from mockint.cli.serve import only_process
from mockint.demo.progress import Advance, bar
from mockint.services import archive
from mockint.settings import SettingsError, from_environment

STREAM = "-"


class Measured:
    """Passes bytes on, and knows how many they were and what they add up to."""

    def __init__(self, sink: IO[bytes]) -> None:
        self.size, self.hash, self._sink = 0, sha256(), sink

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.hash.update(data)
        return self._sink.write(data)


@contextmanager
def _progress(words: str) -> Iterator[Advance]:
    """A bar for whoever looks; a log gets nothing."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with bar(words) as advance:
        yield advance


def _engine(app: Flask) -> Engine:
    with app.app_context():
        return database.db.engine


# Backup


@click.command(short_help="Write everything into one file.")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database into FILE (- is standard output), while everybody works on."""
    app = app_for(settings_or_exit())
    require_tables(app)
    to_stream = str(file) == STREAM
    if to_stream and sys.stdout.isatty():
        raise click.UsageError("An archive is not for the eye. Name a file, or use a pipe.")
    opened = nullcontext(sys.stdout.buffer) if to_stream else _new_file(file)
    with opened as sink, _progress("Writing the backup") as advance:
        measured = Measured(sink)
        contents = archive.write(
            _engine(app),
            cast(BinaryIO, measured),
            revision=newest_revision(app),
            now=clock.now(),
            progress=advance,
        )
        sink.flush()
    for table, count in contents.rows.items():
        if count:
            click.echo(f"{count:>12,} {table}", err=to_stream)
    click.echo(f"{contents.total:>12,} rows, {measured.size:,} bytes", err=to_stream)
    click.echo(f"sha256 {measured.hash.hexdigest()}", err=to_stream)


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that has its name only once it is whole and on the disk; nobody else may read it."""
    if path.exists():
        raise click.UsageError(f"{path} is there already. Choose another name.")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as draft:
            yield draft
            draft.flush()
            os.fsync(draft.fileno())
            os.link(draft.name, path)  # refuses a file that came into being meanwhile
        _sync_folder(path.parent)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from error


def _sync_folder(folder: Path) -> None:
    """A name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# Restore


@click.command(short_help="Fill the database from such a file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Lose what the database holds now.")
def restore(file: Path, replace: bool) -> None:
    """Fill the database from FILE (- is standard input), all of it or nothing."""
    settings = settings_or_exit()
    app = app_for(settings)
    require_tables(app)
    alone = only_process(settings) if settings.embedded else nullcontext()
    with alone, _source(file) as source, _progress("Restoring") as advance:
        contents = archive.restore(
            _engine(app),
            source,
            revision=newest_revision(app),
            replace=replace,
            progress=advance,
        )
    click.echo(
        f"Restored {contents.total:,} rows, as they were at {contents.made_at:%Y-%m-%d %H:%M} UTC."
    )


@contextmanager
def _source(file: Path) -> Iterator[BinaryIO]:
    if str(file) == STREAM:
        yield sys.stdin.buffer
        return
    try:
        with file.open("rb") as source:
            yield source
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from error


# Copy


@click.group()
def db() -> None:
    """The database as a whole."""


@db.command("copy")
@click.argument("from_url")
@click.argument("to_url")
def copy(from_url: str, to_url: str) -> None:
    """Copy everything from one database to an empty one, whatever their engines."""
    _require_file(from_url)
    source, target = _app_at(from_url), _app_at(to_url)
    if _engine(source).url == _engine(target).url:
        raise click.UsageError("Both addresses are of the same database.")
    require_tables(source)
    if has_tables(target):
        require_tables(target)
    else:
        bring_up_to_date(target)
    with _progress("Copying") as advance:
        total = _pipe(source, target, advance)
    click.echo(f"Copied {total:,} rows.")


def _pipe(source: Flask, target: Flask, advance: Advance) -> int:
    """A backup whose bytes a restore reads as they come; returns the number of rows."""
    revision = newest_revision(source)
    reading, writing = os.pipe()

    def write() -> None:
        with open(writing, "wb") as sink:
            archive.write(_engine(source), sink, revision=revision, now=clock.now())

    with ThreadPoolExecutor(1) as pool:
        backup_side = pool.submit(write)
        try:
            with open(reading, "rb") as stream:
                contents = archive.restore(
                    _engine(target), stream, revision=revision, progress=advance
                )
        except archive.Damaged:
            backup_side.result()  # why the stream ended
            raise
        backup_side.result()
    return contents.total


def _app_at(url: str) -> Flask:
    """The application on another database."""
    try:
        from_environment({"MOCKINT_DATABASE_URL": url})
    except SettingsError as error:
        raise click.UsageError(
            "Write both addresses like sqlite:////path/mockint.db or "
            "postgresql://user:password@host/name."
        ) from error
    return app_for(changed(settings_or_exit(), database_url=url))


def _require_file(url: str) -> None:
    """Opening a SQLite file that is not there would make it."""
    scheme, _, path = url.partition(":///")
    if scheme == "sqlite" and not Path(path).exists():
        raise click.UsageError(f"There is no database at {path}.")
