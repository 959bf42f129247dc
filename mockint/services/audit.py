"""Who changed what: one row per change, in the change's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert

from mockint.db import db
from mockint.models import AuditEntry

_ENTRY = insert(AuditEntry.__table__).inline()  # type: ignore[arg-type]  # it is a Table


def record(
    action: str,
    subject: str,
    *,
    by: int | None,
    now: datetime,
    before: Any = None,
    after: Any = None,
) -> None:
    """Add an entry; `action` is noun.verb, `subject` is table:id; no personal text."""
    entry = {"at": now, "actor_id": by, "action": action, "subject": subject}
    entry |= {"before": before, "after": after}
    db.session.execute(_ENTRY, entry)
