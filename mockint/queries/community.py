"""The community's settings of the moment."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, cast

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mockint.db import db
from mockint.domain.community import Community
from mockint.models import CommunitySetting

_NAMES = frozenset(f.name for f in fields(Community))
_TABLE = CommunitySetting.__table__
_CHANGED = select(_TABLE.c.name, _TABLE.c.value)


def current() -> Community:
    """The defaults, overlaid with what an organiser changed; unknown old names are ignored.

    Read once in a transaction, and again after anything was written in it.
    """
    known = db.session().info
    if "community" not in known or not db.session().in_transaction():
        changed: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in db.session.execute(_CHANGED)
            if name in _NAMES
        }
        known["community"] = replace(Community(), **changed)
    return cast("Community", known["community"])


@event.listens_for(db.session, "after_begin")
def _begun(session: Session, *_rest: object) -> None:
    session.info.pop("community", None)


@event.listens_for(db.session, "after_flush")
def _written(session: Session, *_rest: object) -> None:
    session.info.pop("community", None)
