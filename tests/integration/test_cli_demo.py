"""`mockint demo` as a process: filled once, kept, started again at once, its clock moved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mockint.demo.seed import GUIDES, PASSWORD
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
        rest, _ = process.communicate(timeout=40)
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


@pytest.mark.timeout(400)
def test_a_demo_is_filled_kept_moved_and_begun_anew(tmp_path: Path) -> None:
    with demo(tmp_path) as (url, said):
        for name, email in GUIDES.values():
            assert name in said
            assert email in said
        assert PASSWORD in said
        assert "look-around" in page(f"{url}/login")
        first = people(tmp_path)
        assert len(first) > 90
        before = page(f"{url}/mailbox")
        assert "It is now" in mockint(tmp_path, "demo", "advance", "24h")
        assert page(f"{url}/mailbox") != before, "a day later there is more mail"
        assert mockint(tmp_path, "verify") == "Everything holds.\n"
    began = time.monotonic()
    with demo(tmp_path) as (url, said):
        took = time.monotonic() - began
        assert "Filling" not in said
        assert people(tmp_path) == first
    assert took < 15, "two seconds on an idle machine"
    with demo(tmp_path, "--fresh", until="Filling"):
        assert people(tmp_path) == [], "what was there is forgotten before anything else"
