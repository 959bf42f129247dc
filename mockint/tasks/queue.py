"""The Celery app, its beat table, and the hook that wakes the worker after a commit."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

import structlog
from celery import Celery
from flask import Flask, current_app
from kombu import Queue
from kombu.exceptions import OperationalError
from sqlalchemy import event
from sqlalchemy.orm import Session

from mockint.db import db
from mockint.services.outbox import OWES
from mockint.services.round.asks import ASKS
from mockint.settings import Settings
from mockint.tasks import calendars, calibration, inbox, relay, rounds, upkeep
from mockint.tasks.waking import Waker

log = structlog.get_logger()

SWEEP_EVERY_S = 30.0
"""How often a worker looks for mail by itself, so that nothing waits for Redis or a scheduler."""
BEAT_EVERY_S = 10.0
"""How often a scheduler has one of the workers look."""
EMBEDDED_SWEEP_EVERY_S = 5.0
"""In one process a look costs nothing, and a moved clock shows at once."""
UPKEEP_EVERY_S = 60.0
LOOK_EVERY_S = 60.0
"""How often somebody looks for answers; the mailbox itself says when it is due."""
REDIS_SECONDS = 3.0
"""How long Redis may take to connect or to answer."""
COMMIT_SECONDS = 0.5
"""The same for a commit that wakes a worker: somebody waits for its page."""
SULK_SECONDS = 10.0
"""How long nobody is woken after Redis did not answer, so that pages do not wait for it too."""
HINTS = Queue("mockint", no_ack=True)
"""Taken is done, as a lost hint costs seconds; two whose receipt Redis refused would make a worker
deaf until it is started again."""
MEMORY = "memory://"
BOUND = "celery"
"""Where an app keeps the queue that its commits wake."""


class _OurLog(logging.Handler):
    """Says what Celery complains about in our own log, one line each."""

    def emit(self, record: logging.LogRecord) -> None:
        log.warning("celery_complains", words=record.getMessage().partition("\n")[0])


_OUR_LOG = _OurLog(logging.WARNING)


def create(app: Flask, *, patience_s: float = REDIS_SECONDS) -> Celery:
    """The Celery app over Redis, or in this process's memory when there is no Redis."""
    settings: Settings = app.extensions["mockint"]
    logging.getLogger("celery").addHandler(_OUR_LOG)
    celery = Celery("mockint", set_as_current=False)
    celery.conf.update(
        broker_url=settings.redis_url or MEMORY,
        broker_transport_options=_transport_options(settings, patience_s),
        broker_connection_timeout=patience_s,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue=HINTS.name,
        task_queues=[HINTS],
        task_ignore_result=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_enable_remote_control=False,
        beat_enable_remote_control=False,
        enable_utc=True,
        timezone="UTC",
        beat_schedule=beat_table(settings),
    )
    celery.mockint_wakers = {  # type: ignore[attr-defined]  # for commits: what each asks for
        OWES: Waker(partial(wake, celery)),
        ASKS: Waker(partial(wake, celery, rounds.work.name)),
    }
    celery.mockint_app = app  # type: ignore[attr-defined]  # where the tasks find it
    celery.set_default()
    return celery


def _transport_options(settings: Settings, patience_s: float) -> dict[str, Any]:
    """How long to wait for Redis; in memory, how often to look."""
    if settings.embedded:
        return {"polling_interval": 0.05}
    return {
        "socket_connect_timeout": patience_s,
        "socket_timeout": patience_s,
        "max_retries": 0,  # of a connection for sending; consumers and beat keep trying
    }


def beat_table(settings: Settings) -> dict[str, dict[str, Any]]:
    """What beat asks for, and how often in seconds; doing it twice changes nothing."""
    sweep_every = EMBEDDED_SWEEP_EVERY_S if settings.embedded else BEAT_EVERY_S
    table = [
        (relay.sweep.name, sweep_every),
        (upkeep.heard.name, sweep_every),
        (calendars.look.name, sweep_every),
        (rounds.work.name, sweep_every),
        (calibration.work.name, sweep_every),
        (upkeep.run.name, UPKEEP_EVERY_S),
    ]
    if settings.imap_url:
        table.append((inbox.look.name, LOOK_EVERY_S))
    return {
        name: {"task": name, "schedule": every, "options": {"expires": every}}
        for name, every in table
    }


_silent_until = float("-inf")


def wake(celery: Celery, task: str = relay.sweep.name) -> None:
    """Ask for a sweep now; without Redis the next look finds the mail just as well."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        celery.send_task(task, retry=False, expires=SWEEP_EVERY_S)
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + SULK_SECONDS
        log.warning("worker_not_woken", error=str(error))


@event.listens_for(db.session, "after_commit")
def _after_commit(session: Session) -> None:
    """Wake the worker when what was committed owes mail that is due at once, or asks for a job."""
    if session.in_nested_transaction():
        return
    wanted = [one for one in (OWES, ASKS) if session.info.pop(one, False)]
    celery = current_app.extensions.get(BOUND) if wanted else None
    if celery is not None:
        for one in wanted:
            celery.mockint_wakers[one].ask()


@event.listens_for(db.session, "after_rollback")
def _after_rollback(session: Session) -> None:
    session.info.pop(OWES, None)
    session.info.pop(ASKS, None)


def install(app: Flask) -> None:
    """Bind a web process of a Redis installation to its queue (embedded: see `embedded.start`)."""
    settings: Settings = app.extensions["mockint"]
    if not settings.embedded:
        app.extensions[BOUND] = create(app, patience_s=COMMIT_SECONDS)
