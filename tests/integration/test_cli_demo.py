"""`mockint demo` as a process: filled once, kept, started again, its clock moved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, text

from mockint.cli.demo import MARK
from mockint.demo.seed import GUIDES, PASSWORD
from mockint.models import ClockOffset
from tests.support import databases
from tests.support import demo as community
from tests.support.servers import free_port

ROOT = Path(__file__).resolve().parents[2]


def variables(folder: Path) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MOCKINT_")}
    return bare | {"MOCKINT_DATA_DIR": str(folder)}


@contextmanager
def demo(folder: Path, *options: str, until: str = "Stop with Ctrl+C") -> Iterator[tuple[str, str]]:
    """A running demo from the moment it says `until`: its address and what it said."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "mockint.cli", "demo", "--port", str(port), *options],
        cwd=ROOT,
        env=variables(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        said = ""
        assert process.stdout is not None
        for line in process.stdout:
            said += line
            if until in line:
                break
        yield f"http://127.0.0.1:{port}", said
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=100)
    ended = 0 if until == "Stop with Ctrl+C" else -signal.SIGTERM
    assert process.returncode == ended, rest


def mockint(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mockint.cli", *arguments],
        cwd=ROOT,
        env=variables(folder) | {"MOCKINT_MODE": "demo"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path, _sqlite_template: Path) -> Path:
    """Where a demo is about to begin in the quarter of an hour in which `demo_file` was filled."""
    engine = create_engine(databases.sqlite_copy(_sqlite_template, tmp_path))
    begins = community.NOW.replace(minute=0, second=30)  # fourteen minutes are left
    ahead = (begins - datetime.now(UTC)).total_seconds()
    with engine.begin() as connection:
        connection.execute(insert(ClockOffset).values(id=1, seconds=round(ahead)))
    engine.dispose()
    (tmp_path / MARK).touch()
    return tmp_path


def people(folder: Path) -> list[str]:
    engine = create_engine(f"sqlite:///{folder / 'mockint.db'}")
    with engine.connect() as connection:
        found = connection.scalars(text("SELECT fs_uniquifier FROM person ORDER BY id"))
        names = [str(name) for name in found]
    engine.dispose()
    return names


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode("utf-8"))


@pytest.mark.timeout(900)
def test_a_demo_is_filled_kept_moved_and_begun_anew(folder: Path, demo_file: Path) -> None:
    with demo(folder) as (url, said):
        for name, email in GUIDES.values():
            assert name in said
            assert email in said
        assert PASSWORD in said
        assert "look-around" in page(f"{url}/login")
        first = people(folder)
        assert len(first) > 90
        here, there = (community.story(file) for file in (folder / "mockint.db", demo_file))
        assert here == there, "the same day gives the same community, in any process"
        before = page(f"{url}/mailbox")
        assert "It is now" in mockint(folder, "demo", "advance", "24h")
        assert page(f"{url}/mailbox") != before, "a day later there is more mail"
        assert mockint(folder, "verify") == "Everything holds.\n"
    with demo(folder) as (url, said):
        assert "Filling" not in said
        assert people(folder) == first
    with demo(folder, "--fresh", until="Filling"):
        assert people(folder) == [], "what was there is forgotten before anything else"
