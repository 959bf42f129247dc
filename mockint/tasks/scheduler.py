"""`mockint scheduler`: Celery's beat, which wakes a worker on time.

What it sends are hints to look at the database, so a second scheduler only has workers look more
often, and without any they still look by themselves, every half minute.
"""

from __future__ import annotations

import signal
from types import FrameType

import structlog
from flask import Flask

from mockint.tasks import queue
from mockint.tasks.threads import beat_of

log = structlog.get_logger()


def run_scheduler(app: Flask) -> None:
    """Send hints until SIGTERM or SIGINT; while Redis is away it keeps trying."""
    beat = beat_of(queue.create(app))

    def asked_to_stop(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)  # also out of the wait for Redis, which knows no other end

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked_to_stop)
    log.info("scheduler_started")
    try:
        beat.start()
    finally:
        log.info("scheduler_stopped")
