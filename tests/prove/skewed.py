"""`mockint` on a machine whose clock is wrong: `python -m tests.prove.skewed FILE WORDS...`.

FILE holds the seconds by which this machine's clock runs ahead; it may change at any moment. The
system clock is never touched.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace

from mockint import clock
from mockint.cli import run


def make_wrong(file: Path) -> None:
    """Let this process's clock run ahead by what `file` says."""

    def now(zone: tzinfo | None = None) -> datetime:
        return datetime.now(zone) + timedelta(seconds=float(file.read_text(encoding="ascii")))

    clock.datetime = SimpleNamespace(now=now)  # type: ignore[assignment,attr-defined,misc]  # all it asks


if __name__ == "__main__":
    make_wrong(Path(sys.argv.pop(1)))
    run()
