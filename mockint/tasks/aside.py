"""A duty in a thread of its own: a server that hangs holds up nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from flask import Flask

log = structlog.get_logger()

END_SECONDS = 5.0
"""How long the end of a process waits for a duty; what it had in hand is claimed anew later."""


class Aside:
    """One duty, in this process one at a time."""

    def __init__(self, name: str, duty: Callable[[Callable[[], bool]], None]) -> None:
        """`duty` runs in an app context; it is told how to ask whether it should end."""
        self._name, self._duty = name, duty
        self._starting = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """It may run in this process."""
        self._ending.clear()

    def end(self) -> None:
        """Let it end, if it is under way, after what it has in hand."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(END_SECONDS)

    def once(self, app: Flask) -> None:
        """Begin it unless it is under way; returns at once."""
        with self._starting:
            if self._ending.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(
                target=self._run, args=(app,), name=f"mockint-{self._name}", daemon=True
            )
            self._thread.start()

    def _run(self, app: Flask) -> None:
        try:
            with app.app_context():
                self._duty(self._ending.is_set)
        except Exception:
            log.exception("background_duty_failed", duty=self._name)
