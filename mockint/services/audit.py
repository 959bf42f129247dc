"""Who changed what: one row per change, in the change's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mockint.db import db, insert
from mockint.models import AuditEntry


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
    db.session.execute(insert(AuditEntry.__table__).inline(), entry)
