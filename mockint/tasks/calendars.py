"""Read interviewers' own calendars."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from celery import Task, shared_task

from mockint.queries import moment
from mockint.tasks.aside import Aside

log = structlog.get_logger()


def _look(ending: Callable[[], bool]) -> None:
    from mockint.services import looks  # only where calendars are read

    done = looks.look(now=moment.now(), ending=ending)
    if done.seen:
        log.info(
            "calendars_read",
            parsed=done.parsed,
            unchanged=done.unchanged,
            failed=done.failed,
            seconds=round(done.seconds, 3),
        )


reading = Aside("calendars", _look)


@shared_task(name="mockint.calendars.look", bind=True)
def look(self: Task) -> None:
    """Read what is due."""
    reading.once(self.app.mockint_app)  # type: ignore[attr-defined]  # set by `queue.create`
