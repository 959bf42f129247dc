"""`mockint serve` and `mockint worker` as processes: what they refuse, that they answer and end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from mockint.settings import Settings
from tests.support.servers import free_port
from tests.support.web import environment

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "mockint.cli"]
NOBODY = "smtp://127.0.0.1:1"
sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


def run(
    *arguments: str, settings: Settings | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Type a command; MOCKINT_* are those of `settings` and `variables` alone."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith("MOCKINT_")}
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=(environment(settings) if settings else bare) | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    """Variables of a new development installation without any tables."""
    return {"MOCKINT_MODE": "development", "MOCKINT_DATA_DIR": str(tmp_path / "data")}


def rows(url: str, query: str) -> list[Any]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


@pytest.fixture
def serving(settings: Settings) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Start `mockint serve` and wait until it says that it listens."""
    running = []

    def start(*options: str) -> tuple[subprocess.Popen[str], str]:
        port = free_port()
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), *options],
            cwd=ROOT,
            env=environment(settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == f"mockint listens on 127.0.0.1:{port}, process {process.pid}.\n", said
        return process, f"http://127.0.0.1:{port}"

    yield start
    for process in running:
        process.terminate()
        process.communicate(timeout=40)


def answers(url: str) -> Any:
    with urllib.request.urlopen(f"{url}/healthz", timeout=20) as response:
        return json.load(response)["status"]


def test_serve_answers_sweeps_and_ends_on_sigterm(settings: Settings, serving: Any) -> None:
    process, url = serving()
    assert answers(url) == "ok"
    patience = time.monotonic() + 20
    while not rows(settings.database_url, "SELECT name FROM heartbeat WHERE name = 'sweep'"):
        assert time.monotonic() < patience, "the embedded worker never ran"
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=40) == 0


@sqlite_only
def test_a_second_embedded_process_is_refused(settings: Settings, serving: Any) -> None:
    process, url = serving()
    second = run("serve", "--port", str(free_port()), settings=settings)
    assert second.returncode == 1
    assert second.stderr == (
        f"Error: Another mockint runs on {settings.data_dir} already. Stop it first, or set "
        "MOCKINT_REDIS_URL to run several processes.\n"
    )
    assert answers(url) == "ok"
    process.terminate()
    process.wait(timeout=40)
    serving()


@sqlite_only
def test_a_port_in_use_is_said(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port), settings=settings)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: 127.0.0.1:{port} cannot be used: ")


def test_serve_refuses_production_without_mail(folder: dict[str, str]) -> None:
    for command in ("serve", "worker"):
        done = run(command, **folder | {"MOCKINT_MODE": "production"})
        assert done.returncode == 1
        assert "MOCKINT_SMTP_URL is not set, so no invitation could be sent." in done.stderr


def test_serve_refuses_a_database_without_tables(folder: dict[str, str]) -> None:
    done = run("serve", **folder | {"MOCKINT_MODE": "production", "MOCKINT_SMTP_URL": NOBODY})
    assert (done.returncode, done.stderr) == (
        1,
        "Error: The database has no tables yet. Run `mockint migrate` first.\n",
    )


@sqlite_only
def test_serve_refuses_tables_of_another_version(settings: Settings) -> None:
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    engine.dispose()
    for command in ("serve", "verify"):
        done = run(command, settings=settings)
        assert done.returncode == 1
        assert "The tables are of another version of mockint." in done.stderr


def test_a_database_that_is_down_is_one_sentence(folder: dict[str, str]) -> None:
    url = "postgresql://mockint:hush@127.0.0.1:1/mockint"
    for command in ("serve", "verify", "migrate"):
        done = run(command, **folder | {"MOCKINT_DATABASE_URL": url})
        assert done.returncode == 1
        assert done.stderr.startswith("Error: The database does not answer: ")
        assert done.stderr.count("\n") == 1
        assert "hush" not in done.stderr


def test_a_worker_of_its_own_needs_redis(folder: dict[str, str]) -> None:
    done = run("worker", **folder)
    assert done.returncode == 2
    assert "Without MOCKINT_REDIS_URL the web process does this itself." in done.stderr
