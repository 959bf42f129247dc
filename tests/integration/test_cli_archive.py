"""`mockint backup`, `restore` and `db copy` as processes, also such that are killed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine

from mockint.settings import Settings
from tests.integration.test_archive import other_url  # noqa: F401 - a fixture
from tests.support import everything, world
from tests.support.content import content
from tests.support.web import environment

ROOT = Path(__file__).resolve().parents[2]
sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture
def full(app: Flask, settings: Settings, set_clock: Callable[[datetime], None]) -> None:
    set_clock(world.NOW)
    everything.build(app, settings)


@contextmanager
def started(url: str, folder: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """`mockint WORDS` on the database at `url`, with pipes on all sides."""
    settings = Settings(mode="test", database_url=url, data_dir=str(folder), secret_key="x" * 40)
    process = subprocess.Popen(
        [sys.executable, "-m", "mockint.cli", *words],
        cwd=ROOT,
        env=environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            assert pipe is not None
            pipe.close()


def run(url: str, folder: Path, *words: str, given: bytes = b"") -> tuple[int, bytes, str]:
    """Exit code, standard output and standard error."""
    with started(url, folder, *words) as process:
        out, err = process.communicate(given, timeout=100)
    return process.returncode, out, err.decode()


@sqlite_only
@pytest.mark.usefixtures("full")
def test_a_backup_is_one_file_for_its_owner(engine_url: str, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "community.backup"
    file.parent.mkdir()
    code, out, err = run(engine_url, tmp_path, "backup", str(file))
    assert (code, err) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    *counts, total, digest = out.decode().splitlines()
    assert digest == f"sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}"
    found = {line.split()[1]: int(line.split()[0].replace(",", "")) for line in counts}
    assert found == {table: int(rows.split()[0]) for table, rows in content(engine_url).items()}
    rows = sum(found.values())
    assert total.split(maxsplit=1)[1] == f"rows, {file.stat().st_size:,} bytes"
    assert total.split()[0] == f"{rows:,}"
    before = file.read_bytes()
    code, out, err = run(engine_url, tmp_path, "backup", str(file))
    assert (code, out) == (2, b"")
    assert f"{file} is there already. Choose another name." in err
    assert file.read_bytes() == before


@sqlite_only
def test_a_folder_that_is_not_there(engine_url: str, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "file"
    code, _, err = run(engine_url, tmp_path, "backup", str(file))
    assert (code, err) == (1, f"Error: {file} cannot be written: No such file or directory.\n")
    code, _, err = run(engine_url, tmp_path, "restore", str(file))
    assert (code, err) == (1, f"Error: {file} cannot be read: No such file or directory.\n")


@pytest.mark.usefixtures("full")
def test_through_pipes_from_one_to_the_other(
    engine_url: str,
    other_url: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    (tmp_path / "there").mkdir()
    code, packed, err = run(engine_url, tmp_path, "backup", "-")
    assert code == 0
    assert f"sha256 {hashlib.sha256(packed).hexdigest()}" in err
    code, out, err = run(other_url, tmp_path / "there", "restore", "-", given=packed)
    assert (code, err) == (0, "")
    assert re.fullmatch(
        r"Restored [\d,]+ rows, as they were at [\d-]+ [\d:]+ UTC\.\n", out.decode()
    )
    assert content(other_url) == content(engine_url)
    code, out, err = run(other_url, tmp_path / "there", "restore", "-", given=packed)
    assert (code, out) == (1, b"")
    assert err.startswith("Error: The database is in use: its table ")
    code, _, _ = run(other_url, tmp_path / "there", "restore", "--replace", "-", given=packed)
    assert code == 0
    assert content(other_url) == content(engine_url)


@pytest.mark.usefixtures("full")
def test_a_restore_that_is_killed_leaves_the_database_empty(
    engine_url: str,
    other_url: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """All but the last bytes went in, so nearly every row was there for a moment."""
    (tmp_path / "there").mkdir()
    _, packed, _ = run(engine_url, tmp_path, "backup", "-")
    before = content(other_url)
    with started(other_url, tmp_path / "there", "restore", "-") as process:
        assert process.stdin is not None
        process.stdin.write(packed[:-40])
        process.stdin.flush()
        time.sleep(3)
        assert process.poll() is None, "it waits for the rest"
        process.kill()
        process.wait()
    assert content(other_url) == before
    code, _, err = run(other_url, tmp_path / "there", "restore", "-", given=packed)
    assert code == 0, err
    assert content(other_url) == content(engine_url)


@sqlite_only
@pytest.mark.parametrize("other_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("full")
def test_a_running_community_is_not_restored_over(
    engine_url: str,
    other_url: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    assert run(engine_url, tmp_path, "backup", str(file))[0] == 0
    folder = tmp_path / "there"
    folder.mkdir()
    with (folder / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, err = run(other_url, folder, "restore", str(file))
    assert code == 2
    assert f"Another mockint runs on {folder} already." in err


# Copying


@pytest.fixture
def empty_url(other_url: str) -> str:  # noqa: F811
    """The address of a database without any tables."""
    engine = create_engine(Settings(database_url=other_url).database)
    if engine.dialect.name == "sqlite":
        os.unlink(other_url.removeprefix("sqlite:///"))
    else:
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return other_url


@pytest.mark.usefixtures("full")
def test_a_copy_makes_the_tables_where_there_are_none(
    engine_url: str, empty_url: str, tmp_path: Path
) -> None:
    code, out, err = run(engine_url, tmp_path, "db", "copy", engine_url, empty_url)
    assert (code, err) == (0, "")
    rows = sum(int(rows.split()[0]) for rows in content(engine_url).values())
    assert out.decode() == f"Copied {rows:,} rows.\n"
    assert content(empty_url) == content(engine_url)
    assert run(empty_url, tmp_path, "verify")[1] == run(engine_url, tmp_path, "verify")[1]
    code, out, err = run(engine_url, tmp_path, "db", "copy", engine_url, empty_url)
    assert (code, out) == (1, b"")
    assert err.startswith("Error: The database is in use: its table ")
    assert content(empty_url) == content(engine_url)


@sqlite_only
def test_addresses_that_cannot_be_copied(engine_url: str, tmp_path: Path) -> None:
    for from_url, to_url, words in (
        (engine_url, engine_url, "Both addresses are of the same database."),
        (engine_url, "mockint.db", "Write both addresses like sqlite:////path/mockint.db or"),
        ("mysql://u:hush@h/d", engine_url, "Write both addresses like sqlite:////path/mockint.db"),
        (f"sqlite:///{tmp_path}/none.db", engine_url, f"There is no database at {tmp_path}/none"),
    ):
        code, _, err = run(engine_url, tmp_path, "db", "copy", from_url, to_url)
        assert code == 2
        assert words in err
        assert "hush" not in err
    assert not (tmp_path / "none.db").exists()
