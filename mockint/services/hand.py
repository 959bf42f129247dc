"""What a sweep has in hand: claimed as long as it lives, marked soon after it left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

import structlog
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from mockint.db import db, transaction
from mockint.services import invitation, letters, outbox

log = structlog.get_logger()

RENEW_S = outbox.LEASE.total_seconds() / 4
MARK_S = 0.25
"""What left is marked with the rest of its turn, or this soon when a conversation drags on: what a
worker has not marked when it dies goes out a second time."""
PATIENCE_S = outbox.LEASE.total_seconds() / 2
"""How long marks wait for a database that is away; nobody else can take the rows meanwhile."""


class Hand:
    """The rows of a turn and what became of them. A thread renews their leases, since a
    conversation with a mail server may last longer than one; it ends with its process.

    Inside somebody's write unit there is none: nobody else sees these claims, and on SQLite a
    second connection would wait for the first.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._held: dict[int, int] = {}
        self._left: list[outbox.Left] = []
        self._marking = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._engine = db.engine.execution_options(immediate=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def hold(self, plans: Sequence[letters.Plan]) -> None:
        """These claimed rows are ours until `settle`."""
        self._held = {plan.row.id: plan.attempt for plan in plans}
        if self._held and self._thread is None and not db.session().info.get("writing"):
            self._thread = threading.Thread(target=self._keep, name="mockint-hand", daemon=True)
            self._thread.start()

    def sent(self, left: outbox.Left) -> None:
        """The mail server took this one."""
        with self._marking:
            self._left.append(left)

    def settle(self) -> None:
        """Mark what left and hold no row any more."""
        until = time.monotonic() + PATIENCE_S
        while not self._settled(until):
            time.sleep(MARK_S)
        self._held = {}

    def _settled(self, until: float) -> bool:
        """False when the database is away and it is not `until` yet."""
        try:
            with self._marking:
                if self._left:
                    with transaction():
                        self._mark(db.session.connection())
                    self._left.clear()
        except OperationalError:
            if time.monotonic() > until:
                raise
            return False
        return True

    def _mark(self, connection: Connection) -> None:
        outbox.mark_sent(self._left, connection)
        invitation.note_sent((one.told for one in self._left if one.told), connection)

    def _keep(self) -> None:
        """The thread: what it cannot do now it tries again at its next turn."""
        renewed = time.monotonic()
        while not self._over.wait(MARK_S):
            renews = time.monotonic() - renewed >= RENEW_S
            if not (renews or self._left):
                continue
            try:
                with self._marking:
                    with self._engine.begin() as connection:
                        if self._left:
                            self._mark(connection)
                        if renews:
                            outbox.renew(self._held, self._now(), connection)
                    self._left.clear()
            except SQLAlchemyError as error:
                log.warning("lease_not_renewed", error=str(error))
            else:
                renewed = time.monotonic() if renews else renewed
