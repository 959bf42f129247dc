"""The `mockint` command as an operator types it: in this process, or as one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

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
