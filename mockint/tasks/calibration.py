"""Calibrate what was asked for, in a thread that looks after the process that does it."""

from __future__ import annotations

from collections.abc import Callable

from celery import Task, shared_task

from mockint.services import calibration
from mockint.tasks.aside import Aside


def _work(ending: Callable[[], bool]) -> None:
    while not ending() and calibration.work_due(ending):
        pass


working = Aside("calibration", _work)


@shared_task(name="mockint.calibration.work", bind=True)
def work(self: Task) -> None:
    """Do what was asked for."""
    working.once(self.app.mockint_app)  # type: ignore[attr-defined]  # set by `queue.create`
