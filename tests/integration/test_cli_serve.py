"""`mockint serve` and `mockint worker` as processes: what they refuse, that they answer and end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from mockint.settings import Settings
from tests.support.commands import COMMAND, run_process
from tests.support.servers import free_port
from tests.support.web import ROOT, environment

sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
PATIENCE_S = 100.0


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
        process.communicate(timeout=PATIENCE_S)


def answers(url: str) -> int:
    """The status of a page that asks no database."""
    with urllib.request.urlopen(f"{url}/healthz", timeout=20) as response:
        return int(response.status)


def test_serve_answers_sweeps_and_ends_on_sigterm(settings: Settings, serving: Any) -> None:
    process, url = serving()
    assert answers(url) == 200
    patience = time.monotonic() + PATIENCE_S
    heard = "SELECT name FROM heartbeat WHERE name IN ('sweep', 'scheduler')"
    while len(rows(settings.database_url, heard)) < 2:
        assert time.monotonic() < patience, "the embedded worker and scheduler were not both heard"
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE_S) == 0


@sqlite_only
def test_a_second_embedded_process_is_refused(settings: Settings, serving: Any) -> None:
    process, url = serving()
    second = run_process("serve", "--port", str(free_port()), settings=settings)
    assert second.returncode == 2
    assert second.stderr == (
        f"Error: Another mockint runs on {settings.data_dir} already. Stop it first, or set "
        "MOCKINT_REDIS_URL to run several processes.\n"
    )
    assert answers(url) == 200
    process.terminate()
    process.wait(timeout=PATIENCE_S)
    serving()


@sqlite_only
def test_a_port_in_use_is_said(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_process("serve", "--port", str(port), settings=settings)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Error: 127.0.0.1:{port} cannot be used: ")


@sqlite_only
def test_sigterm_finishes_what_is_under_way_and_takes_nothing_new(
    settings: Settings, serving: Any
) -> None:
    process, url = serving()
    address = ("127.0.0.1", int(url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=20) as slow:
        slow.sendall(
            b"POST /login/link HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert slow.recv(100).startswith(b"HTTP/1.1 100 "), "a thread is at it"
        slow.sendall(b"half")
        process.send_signal(signal.SIGTERM)
        patience = time.monotonic() + PATIENCE_S
        while not refuses(address):
            assert time.monotonic() < patience, "it still listens"
            time.sleep(0.1)
        assert process.poll() is None
        slow.sendall(b" more")
        assert slow.recv(100).startswith(b"HTTP/1.1 400 "), "an answer, if only about the token"
    assert process.wait(timeout=PATIENCE_S) == 0


def refuses(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=5).close()
    except OSError:
        return True
    return False


@sqlite_only
def test_with_a_socket_of_systemd_nobody_is_turned_away_while_it_starts_again(
    settings: Settings,
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        process = on_socket(listening, settings)
        asked: list[int] = []
        over = threading.Event()

        def ask() -> None:
            while not over.is_set():
                asked.append(answers(url))
                time.sleep(0.02)

        with ThreadPoolExecutor(2) as pool:
            clients = [pool.submit(ask) for _ in range(2)]
            try:
                for _ in range(2):
                    time.sleep(1)
                    process.terminate()
                    process.communicate(timeout=PATIENCE_S)
                    assert process.returncode == 0
                    process = on_socket(listening, settings)
                time.sleep(1)
            finally:
                over.set()
                process.terminate()
                process.communicate(timeout=PATIENCE_S)
                listening.close()
            for client in clients:
                client.result()
    assert len(asked) >= 10
    assert set(asked) == {200}


def on_socket(listening: socket.socket, settings: Settings) -> subprocess.Popen[str]:
    """`mockint serve` with the socket as file 3, as systemd starts it; it is up when it says so."""
    given = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$@"'
    process = subprocess.Popen(
        ["sh", "-c", given, "sh", *COMMAND, "serve"],
        cwd=ROOT,
        env=environment(settings),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.dup2(listening.fileno(), 3),
        pass_fds=[3],
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said == f"mockint listens on a socket of systemd, process {process.pid}.\n", said
    return process
