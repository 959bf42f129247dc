"""Calendar feeds: whose a token is, and which interviews a feed shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.engine import Engine

from mockint.db import db
from mockint.models import Booking, CalendarFeed, Person

_BOOKING, _FEED, _PERSON = Booking.__table__.c, CalendarFeed.__table__.c, Person.__table__.c


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as far as reading it goes."""

    person_id: int
    token_hash: str
    changed: int
    locale: str


_OF_TOKEN = (
    select(_FEED.person_id, _FEED.token_hash, _FEED.changed, _PERSON.locale)
    .join_from(CalendarFeed.__table__, Person.__table__, _PERSON.id == _FEED.person_id)
    .where(
        _FEED.token_hash == bindparam("token_hash"),
        _PERSON.active,
        _PERSON.deleted_at.is_(None),
    )
)


@lru_cache(maxsize=4)
def _quick(engine: Engine) -> Engine:
    """For one statement alone: no transaction where a server would have to be told of it."""
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def find(token_hash: str) -> Feed | None:
    """The feed with this token, while its person may come in; every poll asks this, and most
    polls ask nothing else."""
    with _quick(db.engine).connect() as connection:
        row = connection.execute(_OF_TOKEN, {"token_hash": token_hash}).one_or_none()
    return None if row is None else Feed(*row)


def own(person_id: int) -> CalendarFeed | None:
    """The feed of somebody who looks at their own page."""
    return db.session.get(CalendarFeed, person_id)


class Line(NamedTuple):
    """An interview in a feed: which, in which state of its row, and what else its words say."""

    booking_id: int
    uid: str
    revision: int
    side: str
    other: str
    """The other side's shown name."""
    cancelled_at: datetime | None


def _shown(side: str, other: str) -> Select[Any]:
    """What is booked, and what was cancelled lately, of one side."""
    return (
        select(
            _BOOKING.id,
            _BOOKING.uid,
            _BOOKING.revision,
            literal(side).label("side"),
            _PERSON.name,
            _BOOKING.cancelled_at,
            _BOOKING.start_at,
        )
        .join_from(Booking.__table__, Person.__table__, _PERSON.id == _BOOKING[f"{other}_id"])
        .where(
            _BOOKING[f"{side}_id"] == bindparam("person_id"),
            or_(
                _BOOKING.state == "confirmed",
                and_(_BOOKING.state == "cancelled", _BOOKING.cancelled_at > bindparam("since")),
            ),
        )
    )


_BOTH = union_all(_shown("candidate", "interviewer"), _shown("interviewer", "candidate")).subquery()
_SHOWN = select(
    *(_BOTH.c[name] for name in ("id", "uid", "revision", "side", "name", "cancelled_at"))
).order_by(_BOTH.c.start_at, _BOTH.c.id)


def lines(person_id: int, *, since: datetime) -> list[Line]:
    """What the feed shows, the earliest first; of the cancelled what was so after `since`."""
    rows = db.session.execute(_SHOWN, {"person_id": person_id, "since": since})
    return [Line(*row) for row in rows]


_LAST_LEFT = select(func.max(_BOOKING.cancelled_at)).where(
    or_(
        _BOOKING.candidate_id == bindparam("person_id"),
        _BOOKING.interviewer_id == bindparam("person_id"),
    ),
    _BOOKING.state == "cancelled",
    _BOOKING.cancelled_at <= bindparam("since"),
)


def last_left(person_id: int, *, since: datetime) -> datetime | None:
    """When that was cancelled which vanished from the feed last."""
    asked = {"person_id": person_id, "since": since}
    return db.session.execute(_LAST_LEFT, asked).scalar()


def bookings(ids: Iterable[int]) -> list[Booking]:
    """Bookings with both people, to be written."""
    return list(db.session.scalars(select(Booking).where(Booking.id.in_(ids))).unique())
