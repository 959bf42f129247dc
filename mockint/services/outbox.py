"""The only door to mail: rows committed with the change that owes the mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, update
from sqlalchemy.dialects import postgresql, sqlite

from mockint.db import db
from mockint.models import OutboxMessage


def _insert(table: Any) -> Any:
    """The dialect's INSERT that knows ON CONFLICT."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)


def record(
    *,
    key: str,
    kind: str,
    due_at: datetime,
    now: datetime,
    person_id: int | None = None,
    address: str = "",
    booking_id: int | None = None,
    side: str | None = None,
    sequence: int | None = None,
    payload: Mapping[str, Any] | None = None,
) -> bool:
    """Owe one mail, inside the caller's transaction; False when `key` is owed already.

    `kind` names a folder of templates/mail; `due_at` is when it may go out at the earliest.
    """
    statement: Insert = (
        _insert(OutboxMessage)
        .values(
            key=key,
            kind=kind,
            person_id=person_id,
            address=address,
            booking_id=booking_id,
            side=side,
            sequence=sequence,
            payload=dict(payload or {}),
            due_at=due_at,
            next_try_at=due_at,
            created_at=now,
            state="pending",
            attempts=0,
            message_id="",
            reason="",
            subject="",
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )
    return bool(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]  # a cursor result


def suppress(*, booking_id: int, kinds: tuple[str, ...], reason: str) -> int:
    """Give up the pending mails of these kinds for a booking, saying why; returns how many."""
    result = db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.booking_id == booking_id,
            OutboxMessage.kind.in_(kinds),
            OutboxMessage.state == "pending",
        )
        .values(state="suppressed", reason=reason)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
