"""Celery's worker as a thread of this process, and beat beside it where no other has one."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from celery import Celery
from celery.beat import Scheduler, Service
from celery.worker import WorkController, state

log = structlog.get_logger()

START_SECONDS = 10.0
STOP_SECONDS = 35.0
"""A mail under way may take half a minute."""
POOL_THREADS = 2


def beat_of(celery: Celery) -> Service:
    """Beat with its table in memory: nothing is lost with it, and it needs no file."""
    return Service(app=celery, max_interval=1, scheduler_cls=Scheduler)


class _Worker(WorkController):
    """A worker that says when it listens (the signal `worker_ready` does not fire in a thread)."""

    listening: threading.Event

    def on_consumer_ready(self, consumer: object) -> None:
        self.listening.set()


class Threads:
    """The worker, with `beat` or without; `start` once, `stop` once."""

    def __init__(self, celery: Celery, *, beat: bool) -> None:
        self._celery = celery
        self._beat = beat_of(celery) if beat else None
        self._threads: list[threading.Thread] = []

    def start(self, wait_s: float = START_SECONDS) -> bool:
        """Start; False when the worker does not listen yet (without Redis it keeps trying)."""
        state.should_stop = None
        listening = threading.Event()

        def work() -> None:
            worker = _Worker(
                app=self._celery,
                pool_cls="threads",
                concurrency=POOL_THREADS,
                without_gossip=True,
                without_mingle=True,
                without_heartbeat=True,
            )
            worker.listening = listening
            worker.start()

        duties: list[tuple[str, Callable[[], object]]] = [("mockint-worker", work)]
        if self._beat is not None:
            duties.append(("mockint-beat", self._beat.start))
        for name, target in duties:
            thread = threading.Thread(target=_logged(target), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        return listening.wait(wait_s)

    def stop(self) -> None:
        """End; a task under way is finished."""
        if self._beat is not None:
            self._beat.stop(wait=False)
        state.should_stop = 0  # type: ignore[assignment]  # an exit code, says Celery
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._threads.clear()


def _logged(target: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        try:
            target()
        except SystemExit:  # how a worker says that it was asked to stop
            pass
        except Exception:
            log.exception("background_thread_ended")

    return run
