"""The community's settings of the moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import ColumnElement, event, select
from sqlalchemy.orm import Session

from mockint.db import db
from mockint.domain.community import Community
from mockint.models import CommunitySetting
from mockint.queries import nested

_NAMES = frozenset(f.name for f in fields(Community))
_TABLE = CommunitySetting.__table__
_CHANGED = select(_TABLE.c.name, _TABLE.c.value)


def changed() -> ColumnElement[Any]:
    """A column with what an organiser changed, for a select that is made anyway; see `note`."""
    return nested.rows(_CHANGED)


def note(rows: Iterable[Sequence[Any]] | None) -> Community:
    """Know the settings for the rest of the transaction, from what that column said."""
    found: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in rows or ()
        if name in _NAMES
    }
    db.session().info["community"] = known = replace(Community(), **found)
    return known


def current() -> Community:
    """The defaults, overlaid with what an organiser changed; unknown old names are ignored.

    Read once in a transaction, and again after anything was written in it.
    """
    session = db.session()
    known = session.info.get("community") if session.in_transaction() else None
    return known or note(session.execute(_CHANGED).all())


@event.listens_for(db.session, "after_begin")
def _begun(session: Session, *_rest: object) -> None:
    session.info.pop("community", None)


@event.listens_for(db.session, "after_flush")
def _written(session: Session, *_rest: object) -> None:
    session.info.pop("community", None)
