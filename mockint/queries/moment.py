"""What time it is for work that several machines share."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select

from mockint import clock
from mockint.db import db


def now() -> datetime:
    """The database's time on PostgreSQL, so that a machine whose clock is wrong sends nothing
    early, late or twice; on SQLite there is one machine, and its clock counts. Aware UTC.
    """
    if db.engine.dialect.name != "postgresql":
        return clock.now()
    told: datetime = db.session.scalars(select(func.clock_timestamp())).one()
    return told.astimezone(UTC) + clock.offset()
