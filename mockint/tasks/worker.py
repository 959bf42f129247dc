"""`mockint worker`: a loop over the database, which Celery and Redis only wake sooner."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

import structlog
from flask import Flask

from mockint.tasks import calendars, calibration, inbox, queue, relay, rounds, upkeep
from mockint.tasks.threads import Threads

log = structlog.get_logger()


def run_worker(app: Flask) -> None:
    """Work until SIGTERM or SIGINT; also while Redis is away. A mail under way is finished."""
    stop = threading.Event()

    def asked_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()
        relay.end()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked_to_stop)
    relay.begin()
    inbox.reading.begin()
    calendars.reading.begin()
    rounds.working.begin()
    calibration.working.begin()
    threads = Threads(queue.create(app), beat=False)
    threads.start(wait_s=0)  # mail must not wait for Redis
    log.info("worker_started")
    tidied = looked = float("-inf")
    while not stop.is_set():
        if time.monotonic() - looked > queue.LOOK_EVERY_S:
            _attempt("inbox", inbox.reading.once, app)
            looked = time.monotonic()
        _attempt("calendars", calendars.reading.once, app)
        _attempt("rounds", rounds.working.once, app)
        _attempt("calibration", calibration.working.once, app)
        _attempt("sweep", relay.once, app)
        if not stop.is_set() and time.monotonic() - tidied > queue.UPKEEP_EVERY_S:
            _attempt("upkeep", upkeep.once, app)
            tidied = time.monotonic()
        stop.wait(queue.SWEEP_EVERY_S)
    inbox.reading.end()
    calendars.reading.end()
    rounds.working.end()
    calibration.working.end()
    threads.stop()
    log.info("worker_stopped")


def _attempt(name: str, duty: Callable[[Flask], None], app: Flask) -> None:
    """A database that is away for a minute ends no worker."""
    try:
        duty(app)
    except Exception:
        log.exception("background_duty_failed", duty=name)
