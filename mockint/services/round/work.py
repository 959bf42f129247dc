"""A job on a round in a worker's hand: claimed as long as the worker lives, told how far it is.

A claim is a conditional update whose row count says who won, and a lease that a thread renews;
what a killed worker had in hand is free when the lease has run out.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

import structlog
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import SQLAlchemyError

from mockint.db import db, forget, transaction
from mockint.domain.errors import N_
from mockint.domain.round.solution import Cancelled
from mockint.domain.round.states import Job
from mockint.models import MatchingRound
from mockint.services.outbox import LEASE
from mockint.services.round.asks import ASKS

log = structlog.get_logger()

_ROUND: Any = MatchingRound.__table__
NOTE_S = 0.5
"""How often the thread writes down how far the work is, and looks whether it should end."""
FAILED = N_(
    "Something went wrong on our side. Start it again; if it fails again, tell whoever runs this"
    " installation."
)
_NOTHING: dict[str, Any] = {
    "job": None,
    "job_at": None,
    "job_by": None,
    "job_key": None,
    "job_until": None,
    "job_share": 0.0,
    "job_words": "",
    "job_cancel": False,
}


def ask(found: MatchingRound, job: Job, *, by: int, now: datetime) -> None:
    """Ask the worker for it; the row is locked. The commit wakes a worker."""
    drop(found, "")
    found.job, found.job_at, found.job_by = job.value, now, by
    db.session().info[ASKS] = True


def drop(found: MatchingRound, trouble: str) -> None:
    """Ask for nothing any more; the row is locked, and no worker has it in hand."""
    for name, value in (_NOTHING | {"job_trouble": trouble}).items():
        setattr(found, name, value)


def let_go() -> None:
    """End what was only read, so that nothing is held open during long work; in somebody's write
    unit everything stays theirs."""
    if not db.session().info.get("writing"):
        db.session.rollback()


class Lost(Exception):
    """Another worker has it by now, or nobody wants it any more."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Which job of which round, and who said so."""

    round_id: int
    job: Job
    by: int
    key: str

    def holds(self) -> ColumnElement[bool]:
        """True of the round's row while the claim stands."""
        return and_(_ROUND.c.id == self.round_id, _ROUND.c.job_key == self.key)


def claim(job: Job, *, now: datetime) -> Claim | None:
    """Take one of the jobs that nobody alive has in hand."""
    free = and_(
        _ROUND.c.job == job.value,
        or_(_ROUND.c.job_until.is_(None), _ROUND.c.job_until <= now),
    )
    key = uuid.uuid4().hex
    for round_id in db.session.scalars(select(_ROUND.c.id).where(free).order_by(_ROUND.c.job_at)):
        with transaction():
            taken = db.session.execute(
                update(_ROUND)
                .where(_ROUND.c.id == round_id, free)
                .values(job_key=key, job_until=now + LEASE)
                .returning(_ROUND.c.job_by)
            ).one_or_none()
        if taken is not None:
            return Claim(round_id, job, taken.job_by, key)
    return None


class Hand:
    """One claimed job under way. `note` says how far it is and raises when it should end."""

    def __init__(self, claimed: Claim, *, now: datetime) -> None:
        self.claim = claimed
        self._began, self._clock = now, time.monotonic()
        self._share, self._words = 0.0, ""
        self._cancelled, self._lost, self._over = (threading.Event() for _ in range(3))
        self._thread: threading.Thread | None = None
        self._engine = db.engine.execution_options(immediate=True)

    @property
    def now(self) -> datetime:
        """The moment the job was taken, moved on by how long it has lasted."""
        return self._began + timedelta(seconds=time.monotonic() - self._clock)

    def __enter__(self) -> Self:
        if not db.session().info.get("writing"):  # nobody else would see it then
            self._thread = threading.Thread(target=self._keep, name="mockint-round", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def note(self, share: float, words: str) -> None:
        """The job is so far, 0 to 1, and at this."""
        self._share, self._words = min(1.0, max(0.0, share)), words
        if self._lost.is_set():
            raise Lost()
        if self._cancelled.is_set():
            raise Cancelled()

    def require(self) -> None:
        """Inside a transaction: the claim stands until it ends."""
        found = select(_ROUND.c.id).where(self.claim.holds()).with_for_update()
        if db.session.scalar(found) is None:
            raise Lost()

    def end(self, trouble: str = "", **values: Any) -> None:
        """Inside a transaction: the job is done, or came to nothing for this reason."""
        self._change(_NOTHING | {"job_trouble": trouble} | values)

    def go_on(self, job: Job, **values: Any) -> None:
        """Inside a transaction: the job is done, and this one follows in the same hand."""
        self._share, self._words = 0.0, ""
        self._change({"job": job.value, "job_share": 0.0, "job_words": ""} | values)

    def _change(self, values: Mapping[str, Any]) -> None:
        changed = update(_ROUND).where(self.claim.holds()).values(values)
        done: CursorResult[Any] = db.session.execute(changed)  # type: ignore[assignment]
        if done.rowcount == 0:
            raise Lost()
        forget(MatchingRound, self.claim.round_id)

    def _keep(self) -> None:
        """The thread: what it cannot write now it writes at its next turn."""
        told: tuple[float, str] | None = None
        renewed = time.monotonic()
        while not self._over.wait(NOTE_S):
            present = (self._share, self._words)
            due = time.monotonic() - renewed > LEASE.total_seconds() / 4
            try:
                with self._engine.begin() as connection:
                    values: dict[str, Any] = {"job_share": present[0], "job_words": present[1]}
                    if due:
                        values["job_until"] = self.now + LEASE
                    if due or present != told:
                        connection.execute(update(_ROUND).where(self.claim.holds()).values(values))
                    row = connection.execute(
                        select(_ROUND.c.job_cancel).where(self.claim.holds())
                    ).one_or_none()
            except SQLAlchemyError as error:
                log.warning("round_not_noted", error=str(error))
                continue
            told, renewed = present, time.monotonic() if due else renewed
            if row is None:
                self._lost.set()
            elif row.job_cancel:
                self._cancelled.set()
