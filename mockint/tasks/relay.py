"""Send what the outbox owes."""

from __future__ import annotations

import threading

import structlog
from celery import Task, shared_task
from flask import Flask

from mockint.queries import moment
from mockint.services import relay
from mockint.settings import Settings

log = structlog.get_logger()

_sweeping = threading.Lock()
_again = threading.Event()
_ending = threading.Event()


def begin() -> None:
    """Sweeps of this process may begin."""
    _ending.clear()


def end() -> None:
    """Let the sweep under way, if any, end after the mail it has in hand."""
    _ending.set()


def once(app: Flask) -> None:
    """Sweep, in this process one at a time; who comes meanwhile makes it look once more."""
    _again.set()
    if not _sweeping.acquire(blocking=False):
        return
    try:
        while _again.is_set() and not _ending.is_set():
            _again.clear()
            _sweep(app)
    finally:
        _sweeping.release()


def _sweep(app: Flask) -> None:
    settings: Settings = app.extensions["mockint"]
    with app.app_context():
        done = relay.sweep(
            now=moment.now(), transport=relay.transport_of(settings), ending=_ending.is_set
        )
    if done.sent or done.failed or done.dead or done.trouble:
        log.info(
            "mail_swept",
            sent=done.sent,
            suppressed=done.suppressed,
            failed=done.failed,
            dead=done.dead,
            trouble=done.trouble,
            seconds=round(done.seconds, 3),
        )
    if done.more:
        _again.set()


@shared_task(name="mockint.relay.sweep", bind=True)
def sweep(self: Task) -> None:
    """Look for due mail and send it."""
    once(self.app.mockint_app)  # type: ignore[attr-defined]  # set by `queue.create`
