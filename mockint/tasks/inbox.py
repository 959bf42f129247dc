"""Look for answers, in a thread of its own: a mailbox that hangs holds up nothing else."""

from __future__ import annotations

import threading

import structlog
from celery import Task, shared_task
from flask import Flask

from mockint.queries import moment
from mockint.settings import Settings

log = structlog.get_logger()

END_SECONDS = 5.0
"""How long the end of a process waits for a look; what it had in hand is read again."""

_starting = threading.Lock()
_ending = threading.Event()
_thread: threading.Thread | None = None


def begin() -> None:
    """Looks of this process may begin."""
    _ending.clear()


def end() -> None:
    """Let the look under way, if any, end after the message it has in hand."""
    _ending.set()
    thread = _thread
    if thread is not None:
        thread.join(END_SECONDS)


def once(app: Flask) -> None:
    """Begin a look unless one is under way in this process; returns at once."""
    global _thread
    settings: Settings = app.extensions["mockint"]
    if not settings.imap_url:
        return
    with _starting:
        if _ending.is_set() or (_thread is not None and _thread.is_alive()):
            return
        _thread = threading.Thread(target=_look, args=(app,), name="mockint-inbox", daemon=True)
        _thread.start()


def _look(app: Flask) -> None:
    from mockint.services import inbox  # only where a mailbox is read

    try:
        with app.app_context():
            done = inbox.look(now=moment.now(), ending=_ending.is_set)
    except Exception:
        log.exception("background_duty_failed", duty="inbox")
        return
    if done.total or done.trouble:
        log.info(
            "inbox_read",
            **done.outcomes,
            too_large=done.too_large,
            aside=done.aside,
            trouble=done.trouble,
        )


@shared_task(name="mockint.inbox.look", bind=True)
def look(self: Task) -> None:
    """Look for answers."""
    once(self.app.mockint_app)  # type: ignore[attr-defined]  # set by `queue.create`
