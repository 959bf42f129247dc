"""One process does everything: worker and beat as threads, the queue in memory."""

from __future__ import annotations

import structlog
from flask import Flask

from mockint.tasks import calendars, calibration, inbox, queue, relay, rounds
from mockint.tasks.threads import Threads

log = structlog.get_logger()

_running: Threads | None = None


def start(app: Flask) -> None:
    """Start the background threads of this web process, once."""
    global _running
    if _running is not None:
        return
    relay.begin()
    inbox.reading.begin()
    calendars.reading.begin()
    rounds.working.begin()
    calibration.working.begin()
    celery = queue.create(app)
    _running = Threads(celery, beat=True)
    if not _running.start():
        log.warning("worker_slow_to_start")
    app.extensions[queue.BOUND] = celery
    queue.wake(celery)


def stop() -> None:
    """End them; a mail under way is sent first."""
    global _running
    if _running is not None:
        relay.end()
        inbox.reading.end()
        calendars.reading.end()
        rounds.working.end()
        calibration.working.end()
        _running.stop()
        _running = None
