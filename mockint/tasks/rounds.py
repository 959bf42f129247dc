"""Solve rounds and book what was published."""

from __future__ import annotations

from collections.abc import Callable

from celery import Task, shared_task
from sqlalchemy import select

from mockint.db import db
from mockint.models import MatchingRound
from mockint.queries import moment
from mockint.tasks.aside import Aside

_ASKED = select(MatchingRound.id).where(MatchingRound.job.is_not(None)).limit(1)


def _work(ending: Callable[[], bool]) -> None:
    """One job after the other, until nothing is left to take."""
    while not ending() and db.session.scalar(_ASKED) is not None:
        from mockint.services.round import publishing, solving  # numpy, only where there is work

        now = moment.now()
        if not (publishing.publish_due(now) or solving.solve_due(now)):
            return  # another worker has it in hand


working = Aside("rounds", _work)


@shared_task(name="mockint.rounds.work", bind=True)
def work(self: Task) -> None:
    """Do what was asked for."""
    working.once(self.app.mockint_app)  # type: ignore[attr-defined]  # set by `queue.create`
