"""Whom organisers keep apart; candidates and interviewers learn of it nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, or_, select

from mockint.db import db
from mockint.models import BlockedPair, Person

_PAIR = BlockedPair.__table__.c
_HERE: Any = bindparam("person_id")
_OTHER = case((_PAIR.one_id == _HERE, _PAIR.other_id), else_=_PAIR.one_id)
_MINE = or_(_PAIR.one_id == _HERE, _PAIR.other_id == _HERE)
_ALL = select(_PAIR.one_id, _PAIR.other_id)
_MAKER = Person.__table__.alias("maker").c
_SHOWN = (
    select(
        Person.id.label("other_id"),
        Person.name,
        BlockedPair.reason,
        BlockedPair.made_at,
        select(_MAKER.name).where(_MAKER.id == BlockedPair.made_by).scalar_subquery().label("by"),
    )
    .join(Person, Person.id == _OTHER)
    .where(_MINE)
    .order_by(func.lower(Person.name), Person.id)
)


def by_person() -> dict[int, frozenset[int]]:
    """Everybody who is kept apart from somebody, with whom."""
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in db.session.execute(_ALL):
        found[one].add(other)
        found[other].add(one)
    return {person_id: frozenset(others) for person_id, others in found.items()}


def between(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether two people of a larger select are kept apart."""
    return exists().where(
        or_(
            and_(_PAIR.one_id == one, _PAIR.other_id == other),
            and_(_PAIR.one_id == other, _PAIR.other_id == one),
        )
    )


@dataclass(frozen=True, slots=True)
class Apart:
    """One entry on a person's page at the desk."""

    other_id: int
    name: str
    reason: str
    made_at: datetime
    by: str | None
    """The organiser's name; None when they have left."""


def shown(person_id: int) -> Sequence[Apart]:
    """Whom a person is kept apart from, by name, for organisers."""
    return [Apart(*row) for row in db.session.execute(_SHOWN, {"person_id": person_id})]


def called(text: str, *, but: int, most: int = 8) -> Sequence[Person]:
    """People with these words in their name or address, by name; who is called exactly so is the
    only one meant."""
    words = text.strip().lower()
    if not words:
        return []
    name, email = func.lower(Person.name), func.lower(Person.email)
    found = db.session.scalars(
        select(Person)
        .where(Person.deleted_at.is_(None), Person.id != but)
        .where(or_(name.contains(words, autoescape=True), email.contains(words, autoescape=True)))
        .order_by(name, Person.id)
        .limit(most)
    ).all()
    exactly = [one for one in found if words in (one.name.lower(), one.email.lower())]
    return exactly if len(exactly) == 1 else found
