"""Do what time alone makes due: releases, expired holds, waiting candidates."""

from __future__ import annotations

from celery import Task, shared_task
from flask import Flask

from mockint.queries import moment
from mockint.services import relay, upkeep


def once(app: Flask) -> None:
    """Every duty, in a context of its own."""
    with app.app_context():
        upkeep.run(now=moment.now())


@shared_task(name="mockint.upkeep.run", bind=True)
def run(self: Task) -> None:
    """Do what is due."""
    once(self.app.mockint_app)  # type: ignore[attr-defined]  # set by `queue.create`


@shared_task(name="mockint.upkeep.heard", bind=True)
def heard(self: Task) -> None:
    """Note that a scheduler was heard: its message came all the way to a worker."""
    with self.app.mockint_app.app_context():  # type: ignore[attr-defined]  # set by `queue.create`
        relay.beat("scheduler", now=moment.now())
