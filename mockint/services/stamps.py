"""Which interviewers' calendars a transaction changes: each gets a new stamp as it commits.

Rows that go through the session are noticed here; who writes in bulk says so with `touch`, and so
do looks at own calendars, most of which change no answer. The stamps are written last and in order
of id, so nobody holds one while waiting for anything else.

A hold that is confirmed or extended before it ran out needs no stamp: whoever keeps an answer
asks again when the deadline it knows has passed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from mockint.db import db, insert
from mockint.models import (
    AvailabilityException,
    AvailabilityRule,
    Booking,
    CalendarStamp,
    InterviewerProfile,
    Occupancy,
    Person,
)

STAMP_BITS = 40
"""Two changes get the same stamp once in 2**40; a million stamps add up to less than 2**63."""

_AT_ONCE = 1000
_OF_A_PERSON = (InterviewerProfile, AvailabilityRule, AvailabilityException, Occupancy)
_DECIDE = ("name", "zone", "active", "deleted_at")
"""Columns of a person that searches show or count on."""


def touch(ids: Iterable[int]) -> None:
    """Give these people new stamps when the transaction commits; others than interviewers have
    none."""
    _touch(db.session(), ids)


def _touch(session: Session, ids: Iterable[int]) -> None:
    session.info.setdefault("touched", set()).update(ids)


@event.listens_for(db.session, "after_flush")
def _notice(session: Session, context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, _OF_A_PERSON):
            _touch(session, [row.person_id])
        elif isinstance(row, Person) and any(
            inspect(row).attrs[name].history.has_changes() for name in _DECIDE
        ):
            _touch(session, [row.id])
        elif isinstance(row, Booking) and row in session.deleted:
            _touch(session, [row.candidate_id, row.interviewer_id])


@event.listens_for(db.session, "do_orm_execute")
def _notice_bulk(state: ORMExecuteState) -> None:
    """Many rows in one statement name their people; others must say so with `touch`."""
    mapper = state.bind_mapper
    if not state.is_insert or mapper is None or not issubclass(mapper.class_, _OF_A_PERSON):
        return
    given = state.parameters or []
    rows = [given] if isinstance(given, Mapping) else given
    _touch(state.session, (row["person_id"] for row in rows if "person_id" in row))


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    """What was undone changed nothing; a savepoint's part is not told apart and stays."""
    if not session.in_nested_transaction():
        session.info.pop("touched", None)


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint is released; the end is yet to come
        return
    session.flush()
    touched = sorted(session.info.pop("touched", ()))
    for first in range(0, len(touched), _AT_ONCE):
        _stamp(session, touched[first : first + _AT_ONCE])


def _stamp(session: Session, ids: list[int]) -> None:
    asked: dict[str, Any] = {"fresh": secrets.randbits(STAMP_BITS)}
    pair = len(ids) == len(_PAIR)
    asked |= dict(zip(_PAIR, ids, strict=True)) if pair else {"ids": ids}
    session.execute(_renewal(db.engine.dialect.name, pair=pair), asked)


_PAIR = ("one", "other")


@cache
def _renewal(dialect: str, *, pair: bool) -> Any:
    """The statement is built once for each `dialect`, and for two people, as most are."""
    profile, stamp = InterviewerProfile.__table__, CalendarStamp.__table__
    one_of: Any = bindparam("ids", expanding=True)
    if pair:
        one_of = [bindparam(name, type_=Integer) for name in _PAIR]
    people = (
        select(profile.c.person_id, bindparam("fresh", type_=stamp.c.stamp.type))
        .where(profile.c.person_id.in_(one_of))
        .order_by(profile.c.person_id)
    )
    renewed = insert(stamp).from_select(["person_id", "stamp"], people)
    return renewed.on_conflict_do_update(
        index_elements=["person_id"], set_={"stamp": renewed.excluded.stamp}
    )
