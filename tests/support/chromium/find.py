"""Finds a Chromium. Standard library only: bin/environment.py asks before anything is installed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

UNPACKED = Path(__file__).resolve().parents[3] / ".cache" / "chromium"
"""Where unpack.mjs puts the one from the npm registry."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def _candidates() -> Iterator[str | Path | None]:
    yield os.environ.get("TEST_CHROMIUM")
    playwright = os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright")
    yield from sorted(Path(playwright).glob("chromium-*/chrome-linux*/chrome"), reverse=True)
    yield from map(shutil.which, NAMES)
    yield from APPLICATIONS


def installed() -> Path | None:
    """The Chromium this machine has without our doing."""
    return next((Path(c) for c in _candidates() if c and Path(c).is_file()), None)


def find() -> Path | None:
    """The Chromium to use: the machine's, or the one that was fetched for the tests."""
    fetched = UNPACKED / "bin" / "chromium"
    return installed() or (fetched if fetched.is_file() else None)
