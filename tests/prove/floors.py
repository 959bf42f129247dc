"""Serves an application of `bench/` beside an installation, on the same PostgreSQL."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass

from tests.prove.client import Browser
from tests.prove.installation import Installation
from tests.prove.processes import Service
from tests.support.servers import PATIENCE_SECONDS, Unavailable, free_port


@dataclass(frozen=True, slots=True)
class Floor:
    """Its processes, and who looks at its pages; nobody signs in there."""

    service: Service
    browser: Browser

    def wait(self, path: str) -> None:
        """Until it answers `path`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.browser.get(path).status != 200:
            if not self.service.runs or time.monotonic() > deadline:
                raise Unavailable(f"The floor did not come up.\n{self.service.words()}")
            time.sleep(0.02)


def made(site: Installation, module: str, *, workers: int = 1, **known: str) -> Floor:
    """gunicorn with as many threads as the application, not started; `known` are its settings."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", "--no-control-socket"),
        *("--bind", f"127.0.0.1:{port}"),
        *("--threads", str(site.threads), "--workers", str(workers)),
        f"{module}:app",
    ]
    known["FLOOR_DATABASE_URL"] = site.settings.database_url
    service = Service("floor", command, os.environ | known, site.folder / "floor.log")
    site.services.append(service)
    return Floor(service, Browser(f"http://127.0.0.1:{port}", "", ""))
