"""Look for answers in the mailbox they come to."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from celery import Task, shared_task

from mockint.queries import moment
from mockint.settings import active
from mockint.tasks.aside import Aside

log = structlog.get_logger()


def _look(ending: Callable[[], bool]) -> None:
    if not active().imap_url:
        return
    from mockint.services import inbox  # only where a mailbox is read

    done = inbox.look(now=moment.now(), ending=ending)
    if done.total or done.trouble:
        log.info(
            "inbox_read",
            **done.outcomes,
            too_large=done.too_large,
            aside=done.aside,
            trouble=done.trouble,
        )


reading = Aside("inbox", _look)


@shared_task(name="mockint.inbox.look", bind=True)
def look(self: Task) -> None:
    """Look for answers."""
    reading.once(self.app.mockint_app)  # type: ignore[attr-defined]  # set by `queue.create`
