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


KEPT = "community"
"""Where a session keeps what it read, for the length of the transaction that read it."""


def current() -> Community:
    """The defaults, overlaid with what an organiser changed; unknown old names are ignored."""
    session = db.session()
    transaction, found = session.info.get(KEPT, (None, None))
    if found is not None and transaction is session.get_transaction():
        return found
    names = {f.name for f in fields(Community)}
    changed: dict[str, Any] = {
        row.name: tuple(row.value) if isinstance(row.value, list) else row.value
        for row in session.scalars(select(CommunitySetting))
        if row.name in names
    }
    found = replace(Community(), **changed)
    session.info[KEPT] = (session.get_transaction(), found)
    return found


def forget() -> None:
    """Read again in the same transaction, which has just changed them."""
    db.session().info.pop(KEPT, None)
