"""The `mockint` command as an operator types it: in this process, or as one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockint import clock
from mockint.cli import main
from mockint.settings import Settings
from tests.support.web import ROOT, environment

COMMAND = [sys.executable, "-m", "mockint.cli"]


def _ours(settings: Settings | None) -> dict[str, str]:
    wanted = environment(settings) if settings else {}
    return {name: value for name, value in wanted.items() if name.startswith("MOCKINT_")}


def run(
    *arguments: str, given: str = "", settings: Settings | None = None, **variables: str
) -> Result:
    """Type a command; MOCKINT_* are those of `settings` and `variables` alone."""
    none: dict[str, str | None] = {name: None for name in os.environ if name.startswith("MOCKINT_")}
    env = none | _ours(settings) | variables
    clock.move_by(timedelta)  # as in a process of its own
    try:
        return CliRunner().invoke(main, arguments, input=given, env=env, catch_exceptions=False)
    finally:
        clock.move_by(timedelta)


def run_process(
    *arguments: str, settings: Settings | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own."""
    bare = {name: text for name, text in os.environ.items() if not name.startswith("MOCKINT_")}
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=bare | _ours(settings) | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def running(settings: Settings, log: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that stays, such as `worker`, with its words in `log`; it must end in order."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*COMMAND, *command],
            cwd=ROOT,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            assert process.wait(30) in (0, -signal.SIGKILL), log.read_text(errors="replace")
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def until(true: Callable[[], Any], what: str, *, patience_s: float = 40.0) -> float:
    """Wait for it; returns how many seconds it took."""
    started = time.monotonic()
    while not true():
        if time.monotonic() - started > patience_s:
            pytest.fail(f"waited in vain until {what}")
        time.sleep(0.05)
    return time.monotonic() - started
