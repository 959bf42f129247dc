"""`mockint worker` several times over: one parent that forks, so that a killed one is back at once.

`python -m tests.prove.forks NUMBER`. Each child runs what `mockint worker` runs.
"""

from __future__ import annotations

import os
import signal
import sys

import kombu.transport.redis  # noqa: F401 - so that no child has to
from flask import Flask
from sqlalchemy import select

from mockint import clock
from mockint.app import create_app
from mockint.cli import let_go, settings_or_exit
from mockint.db import db
from mockint.models import OutboxMessage
from mockint.services import letters
from mockint.tasks.worker import run_worker
from tests.prove import unsent

FEW = 4


def warm(app: Flask) -> None:
    """Compile templates and statements once, so that a child's short life is spent on mail."""
    with app.app_context():
        now = clock.now()
        ids = db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id).limit(FEW))
        for plan, found in unsent.read(ids.all(), now):
            letters.message(plan, found, now=now)
        db.session.remove()
    let_go(app)


def keep_running(app: Flask, number: int) -> None:
    """Keep `number` children alive until SIGTERM; then let each finish what it has in hand."""
    children: set[int] = set()

    def end(signum: int, frame: object) -> None:
        for child in children:
            os.kill(child, signal.SIGTERM)
        for child in children:
            os.waitpid(child, 0)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while True:
        while len(children) < number:
            child = os.fork()
            if not child:
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                run_worker(app)
                os._exit(0)
            children.add(child)
        ended, _ = os.wait()
        children.discard(ended)


if __name__ == "__main__":
    application = create_app(settings_or_exit())
    warm(application)
    keep_running(application, int(sys.argv[1]))
