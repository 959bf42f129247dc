"""The only door to mail: rows committed with the change that owes the mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    Update,
    and_,
    cast,
    literal,
    or_,
    select,
    update,
)

from mockint.db import db, insert, transaction
from mockint.domain.errors import N_, Conflict, NotYours
from mockint.models import Booking, OutboxMessage
from mockint.services import audit

LEASE = timedelta(minutes=2)
"""How long a claimed row belongs to its worker; longer than the mail server may take."""

OWES = "owes_mail"
"""Set in the session's `info` when this transaction owes mail that is due at once."""


BLANK = {
    "state": "pending",
    "attempts": 0,
    "message_id": "",
    "reason": "",
    "subject": "",
}
"""How every row begins."""


def _count(statement: Update) -> int:
    """How many rows a write touched: the row count says who won."""
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]  # a cursor result


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One mail owed: `kind` names a folder of templates/mail; not before `due_at`."""

    key: str
    kind: str
    due_at: datetime
    person_id: int | None = None
    address: str = ""
    booking_id: int | None = None
    side: str | None = None
    sequence: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


def record_all(owed: Iterable[Owed], *, now: datetime) -> int:
    """Owe these mails, inside the caller's transaction, in one statement.

    A key that is owed already is stepped over; returns how many are new.
    """
    rows = [
        {f.name: getattr(each, f.name) for f in fields(each)}
        | {"payload": dict(each.payload), "next_try_at": each.due_at, "created_at": now}
        | BLANK
        for each in owed
    ]
    if not rows:
        return 0
    if any(row["due_at"] <= now for row in rows):
        db.session().info[OWES] = True
    statement = (
        insert(OutboxMessage)
        .values(rows)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(OutboxMessage.id)
    )
    return len(db.session.execute(statement).all())


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
    """Owe one mail; False when its key is owed already. See `Owed` for the fields."""
    owed = Owed(
        key=key,
        kind=kind,
        due_at=due_at,
        person_id=person_id,
        address=address,
        booking_id=booking_id,
        side=side,
        sequence=sequence,
        payload=payload or {},
    )
    return bool(record_all([owed], now=now))


def suppress(*, booking_id: int, kinds: tuple[str, ...], reason: str) -> int:
    """Give up the pending mails of these kinds for a booking, saying why; returns how many."""
    return _count(
        update(OutboxMessage)
        .where(
            OutboxMessage.booking_id == booking_id,
            OutboxMessage.kind.in_(kinds),
            OutboxMessage.state == "pending",
        )
        .values(state="suppressed", reason=reason)
    )


def give_up(message_ids: Sequence[int], *, reason: str) -> int:
    """Suppress these rows if nobody took them meanwhile; returns how many."""
    with transaction():
        return _count(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(message_ids), OutboxMessage.state == "pending")
            .values(state="suppressed", reason=reason)
        )


def is_due(now: datetime) -> ColumnElement[bool]:
    """Owed and its time has come, or claimed by a worker that is not heard of any more."""
    return or_(
        and_(OutboxMessage.state == "pending", OutboxMessage.next_try_at <= now),
        and_(OutboxMessage.state == "sending", OutboxMessage.leased_until <= now),
    )


def due(*, now: datetime, most: int) -> list[int]:
    """Ids of due rows, the longest owed first; a booking's rows in the order they were owed."""
    return list(
        db.session.scalars(
            select(OutboxMessage.id)
            .where(is_due(now))
            .order_by(OutboxMessage.due_at, OutboxMessage.id)
            .limit(most)
        )
    )


def claim(message_id: int, *, now: datetime) -> OutboxMessage | None:
    """Take a due row for this worker until the lease ends, or None when another has it.

    The lock on the booking puts its claims in a row: while an earlier mail to the same side is
    under way, a later one waits, so that a calendar hears of changes in their order.
    """
    with transaction():
        row = db.session.get(OutboxMessage, message_id, populate_existing=True)
        if row is None or (row.booking_id is not None and _is_behind(row, now)):
            return None
        won = _count(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, is_due(now))
            .values(state="sending", leased_until=now + LEASE, attempts=OutboxMessage.attempts + 1)
        )
        if not won:
            return None
        db.session.refresh(row)
        return row


def _is_behind(row: OutboxMessage, now: datetime) -> bool:
    """Whether an earlier mail of this booking and side is being sent, or is due itself."""
    db.session.execute(select(Booking.id).where(Booking.id == row.booking_id).with_for_update())
    earlier = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.booking_id == row.booking_id,
            OutboxMessage.side == row.side,
            or_(
                OutboxMessage.due_at < row.due_at,
                and_(OutboxMessage.due_at == row.due_at, OutboxMessage.id < row.id),
            ),
            or_(
                and_(OutboxMessage.state == "sending", OutboxMessage.leased_until > now),
                is_due(now),
            ),
        )
        .limit(1)
    )
    return db.session.scalar(earlier) is not None


def mark(message_id: int, *, attempt: int, **values: Any) -> bool:
    """Settle a claimed row; False when the lease ran out and another worker has it now."""
    with transaction():
        return bool(
            _count(
                update(OutboxMessage)
                .where(
                    OutboxMessage.id == message_id,
                    OutboxMessage.state == "sending",
                    OutboxMessage.attempts == attempt,
                )
                .values(leased_until=None, **values)
            )
        )


def send_again(message_id: int, *, by: int, now: datetime) -> None:
    """Owe the same row once more, with the same Message-ID; an organiser asks for it."""
    with transaction():
        row = db.session.get(OutboxMessage, message_id, populate_existing=True)
        if row is None:
            raise NotYours()
        if row.booking_id is None and row.state == "sent" and row.payload.get("link_removed"):
            raise Conflict(
                N_("This mail held a link for one use, so it is not kept. A new one is needed.")
            )
        if row.state == "pending" and not row.attempts and row.next_try_at > now:
            raise Conflict(N_("This mail is not due yet. It goes out by itself at its time."))
        state = row.state
        won = _count(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, OutboxMessage.state != "sending")
            .values(state="pending", next_try_at=now, attempts=0, reason="", sent_at=None)
        )
        if not won:
            raise Conflict(N_("This mail is on its way already."))
        db.session().info[OWES] = True
        audit.record(
            "mail.send_again",
            f"outbox_message:{message_id}",
            by=by,
            now=now,
            before={"state": state},
            after={"state": "pending"},
        )


def revive(*, booking_id: int, kinds: tuple[str, ...], reason: str, now: datetime) -> int:
    """Owe again what was given up for this reason and is still ahead; returns how many."""
    result = db.session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.booking_id == booking_id,
            OutboxMessage.kind.in_(kinds),
            OutboxMessage.state == "suppressed",
            OutboxMessage.reason == reason,
            OutboxMessage.due_at > now,
        )
        .values(state="pending", reason="")
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result


def count_as_sent(*, before: datetime, host: str) -> None:
    """Mark everything due by `before` as sent at its hour, for a history that is only told."""
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == "pending", OutboxMessage.due_at <= before)
        .values(
            state="sent",
            sent_at=OutboxMessage.due_at,
            payload={},
            message_id=literal("<told-").concat(cast(OutboxMessage.id, String)).concat(f"@{host}>"),
        )
        .execution_options(synchronize_session=False)
    )
