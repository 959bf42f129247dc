"""The invariants that must hold on any database; each broken one is said in words.

I1 no person in two places; I2 holds and bookings own their time and nothing else does;
I3 what was told or logged is there; I4 no state change without its mail and no mail without one;
I5 nothing owed is forgotten; I6 repeats carry one Message-ID; I7 no reminder after the start;
I9 the promised wall time holds; I10 rounds say of their matches what is so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy.engine import Connection

from mockint.db import db
from mockint.queries.snapshot import snapshot
from mockint.queries.verify import mails, places, promises, rounds

CHECKS: tuple[Callable[[Connection, datetime], Iterator[str]], ...] = (
    places.two_places,
    places.cells,
    promises.what_was_told,
    promises.what_was_logged,
    promises.numbers_given,
    promises.rows_that_are_missing,
    mails.mail_for_every_change,
    mails.no_mail_without_change,
    mails.nothing_forgotten,
    mails.ends_are_told,
    mails.one_message_id,
    mails.no_late_reminder,
    promises.wall_time,
    promises.sealed_before_release,
    rounds.matches,
    rounds.bookings,
)


def violations(*, now: datetime) -> Iterator[str]:
    """Every broken invariant as a sentence naming the rows; all are looked at in one snapshot."""
    with snapshot(db.engine) as connection:
        if connection.dialect.name == "postgresql":
            # Sorts of millions of rows stay off the disk; compiling takes longer than it saves.
            connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
            connection.exec_driver_sql("SET LOCAL jit = off")
        for check in CHECKS:
            yield from check(connection, now)
