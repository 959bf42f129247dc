"""Wakes the workers from a thread of its own, so that no page pays for Redis or waits for it.

Wakes that are asked for while one is on its way, or a moment after it, become one. Those that a
process takes with it when it ends are no loss: workers look by themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Lock, Thread

PAUSE_S = 0.02
"""Between two wakes; under load this saves most of them, and no mail notices."""
IDLE_S = 5.0
"""After so long with nothing to do the thread ends."""


class Waker:
    """`ask` returns at once; `send` is called soon after, once or more."""

    def __init__(self, send: Callable[[], None]) -> None:
        self._send = send
        self._asked, self._lock = Event(), Lock()
        self._thread: Thread | None = None

    def ask(self) -> None:
        with self._lock:
            self._asked.set()
            if self._thread is None or not self._thread.is_alive():  # as in a forked process
                self._thread = Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._goes_on():
            self._asked.clear()
            self._send()
            time.sleep(PAUSE_S)

    def _goes_on(self) -> bool:
        if self._asked.wait(IDLE_S):
            return True
        with self._lock:
            if not self._asked.is_set():
                self._thread = None
                return False
        return True
