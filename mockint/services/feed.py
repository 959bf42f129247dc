"""One secret, revocable calendar feed a person, and which transactions change what it shows.

Every feed that a transaction changes gets a higher number as it commits. Rows that go through the
session are noticed here; who writes what is booked past it says so with `touch`. Feeds are
written last and locked in order of people, so nobody holds one while waiting for anything else.
`services.polls` answers who reads them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Integer,
    Update,
    bindparam,
    case,
    event,
    inspect,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from mockint import clock
from mockint.adapters import links
from mockint.db import db, transaction
from mockint.domain import feed as rules
from mockint.domain.timespan import seconds_of
from mockint.models import Booking, CalendarFeed, CommunitySetting, Person
from mockint.services.links import token_hash
from mockint.settings import active

SEED_BYTES = 16
EVERYBODY = 0
"""No person has this id."""
_IN_WORDS = ("name", "locale")
"""Columns of a person that entries are written with, also those of whom they meet."""


# The address


def make(person_id: int, *, now: datetime) -> CalendarFeed:
    """A new secret address; the one there was ends at once."""
    seed = secrets.token_hex(SEED_BYTES)
    with transaction():
        db.session.get_one(Person, person_id, with_for_update={"of": Person})
        row = db.session.get(CalendarFeed, person_id)
        if row is None:
            row = CalendarFeed(person_id=person_id, changed=0)
            db.session.add(row)
        row.seed, row.token_hash = seed, token_hash(_token(seed))
        row.made_at, row.changed = now, rules.later(row.changed, now)
    return row


def revoke(person_id: int) -> None:
    """End the address; where there is none, nothing changes."""
    with transaction():
        row = db.session.get(CalendarFeed, person_id)
        if row is not None:
            db.session.delete(row)


def address(row: CalendarFeed) -> str | None:
    """The absolute address, or None when it cannot be shown any more.

    The installation's key makes the token of the row's seed. After the key was changed the
    address still works, as its hash is kept, but nobody can tell it.
    """
    token = _token(row.seed)
    if not secrets.compare_digest(token_hash(token), row.token_hash):
        return None
    return links.absolute(active().base_url, "feeds", f"{token}.ics")


def _token(seed: str) -> str:
    return links.derive(active(), "feed", seed)


# What changes it


def touch(ids: Iterable[int]) -> None:
    """What the feeds of these people show is another when the transaction commits."""
    _noted(db.session(), "feeds").update(ids)


@event.listens_for(db.session, "after_flush")
def _notice(session: Session, context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Booking):
            if row.state != "held":
                gave = inspect(row).attrs.interviewer_id.history.deleted or ()
                _noted(session, "feeds").update((row.candidate_id, row.interviewer_id, *gave))
        elif isinstance(row, Person):
            if any(inspect(row).attrs[name].history.has_changes() for name in _IN_WORDS):
                _noted(session, "feeds_around").add(row.id)
        elif isinstance(row, CommunitySetting) and row.name == "name":
            _noted(session, "feeds").add(EVERYBODY)


def _noted(session: Session, name: str) -> set[int]:
    found: set[int] = session.info.setdefault(name, set())
    return found


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    """What was undone changed nothing; a savepoint's part is not told apart and stays."""
    if not session.in_nested_transaction():
        session.info.pop("feeds", None)
        session.info.pop("feeds_around", None)


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint is released; the end is yet to come
        return
    session.flush()
    people, renamed = session.info.pop("feeds", set()), session.info.pop("feeds_around", set())
    if not people and not renamed:
        return
    asked = {"now": seconds_of(clock.now())}
    if len(people) == len(_BOTH) and not renamed and EVERYBODY not in people:
        session.execute(_OF_BOTH, asked | dict(zip(_BOTH, people, strict=True)))
    else:
        session.execute(_renewal(_of(people, renamed)), asked)


_FEED = CalendarFeed.__table__
_BOTH = ("one", "other")


def _renewal(those: ColumnElement[bool]) -> Update:
    """`domain.feed.later` of these feeds."""
    which = select(_FEED.c.person_id).where(those).order_by(_FEED.c.person_id)
    now = bindparam("now", type_=_FEED.c.changed.type)
    later = case((_FEED.c.changed < now, now), else_=_FEED.c.changed + 1)
    renewal = update(CalendarFeed).where(_FEED.c.person_id.in_(which.with_for_update()))
    return renewal.values(changed=later).execution_options(synchronize_session=False)


_OF_BOTH = _renewal(_FEED.c.person_id.in_([bindparam(name, type_=Integer) for name in _BOTH]))
"""Of the two of an interview, as most are; built once."""


def _of(people: set[int], renamed: set[int]) -> ColumnElement[bool]:
    """The feeds of these people, and of all who met the renamed."""
    if EVERYBODY in people:
        return true()
    person_id = _FEED.c.person_id
    conditions: list[ColumnElement[bool]] = [person_id.in_(sorted(people | renamed))]
    if renamed:
        met = ((Booking.candidate_id, Booking.interviewer_id),)
        for mine, theirs in (*met, *((b, a) for a, b in met)):
            conditions.append(person_id.in_(select(mine).where(theirs.in_(sorted(renamed)))))
    return or_(*conditions)
