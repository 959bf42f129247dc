"""The only door to mail: rows committed with the change that owes the mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.engine import Connection

from mockint.db import db, insert_all, transaction
from mockint.domain.errors import N_, Conflict, NotYours
from mockint.models import Booking, OutboxMessage
from mockint.services import audit

LEASE = timedelta(seconds=20)
"""How long a claimed row stays with a worker that is not heard of: a living one renews it, however
slow the mail server is. Longer than SQLite waits for a lock (`db`), so that no renewal is late."""

OWES = "owes_mail"
"""Set in the session's `info` when this transaction owes mail that is due at once."""


_TABLE = OutboxMessage.__table__


def _count(statement: Any) -> int:
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


_SAID = tuple(one.name for one in fields(Owed))


def record_all(owed: Iterable[Owed], *, now: datetime) -> int:
    """Owe these mails, inside the caller's transaction, in one round trip.

    A key that is owed already is stepped over; returns how many are new.
    """
    rows = [
        {name: getattr(each, name) for name in _SAID}
        | {"payload": dict(each.payload), "next_try_at": each.due_at, "created_at": now}
        for each in owed
    ]
    if any(row["due_at"] <= now for row in rows):
        db.session().info[OWES] = True
    return insert_all(_TABLE, rows)


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


def number(*, booking_id: int, side: str, kind: str, sequence: int) -> int:
    """How many mails of a kind one side was or is owed about a version of a booking."""
    owed = select(func.count()).where(
        OutboxMessage.booking_id == booking_id,
        OutboxMessage.side == side,
        OutboxMessage.kind == kind,
        OutboxMessage.sequence == sequence,
    )
    return db.session.scalar(owed) or 0


def give_up(message_ids: Sequence[int], *, reason: str) -> int:
    """Suppress these rows if nobody took them meanwhile; returns how many."""
    with transaction():
        return _count(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(message_ids), OutboxMessage.state == "pending")
            .values(state="suppressed", reason=reason)
        )


def is_due(now: datetime) -> ColumnElement[bool]:
    """Owed and its time has come, or claimed by a worker that is not heard of any more.

    Nothing is tried before it is due, and saying so lets the index find the few among the many.
    """
    return and_(
        OutboxMessage.due_at <= now,
        or_(
            and_(OutboxMessage.state == "pending", OutboxMessage.next_try_at <= now),
            and_(OutboxMessage.state == "sending", OutboxMessage.leased_until <= now),
        ),
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A row whose time has come."""

    id: int
    tried: bool = False
    """Whether it was tried before, or taken by a worker that was not heard of again."""
    orphaned: bool = False
    """Its worker was not heard of again, and it may be what ended it."""
    line: tuple[int, str] | None = None
    """The booking and side whose mails leave one after the other."""


def due(*, now: datetime, most: int) -> list[Due]:
    """What is due: first what was never tried, so that nothing that fails delays it; then by age.

    A booking's rows keep the order they were owed in all the same, see `claim`.
    """
    row = OutboxMessage
    tried = row.attempts > 0
    found = db.session.execute(
        select(row.id, tried, row.state, row.booking_id, row.side)
        .where(is_due(now))
        .order_by(tried, row.due_at, row.id)
        .limit(most)
    )
    return [
        Due(
            row_id,
            tried=bool(was_tried),
            orphaned=state == "sending",
            line=None if booking_id is None else (booking_id, str(side)),
        )
        for row_id, was_tried, state, booking_id, side in found
    ]


def claim(message_ids: Sequence[int], *, now: datetime) -> list[OutboxMessage]:
    """Take those of these due rows that nobody else has, until the lease ends.

    The locks on the bookings put their claims in a row: while an earlier mail to the same side is
    under way or due, a later one waits, so that a calendar hears of changes in their order.
    """
    with transaction():
        ahead = _first_in_line(message_ids, now)
        rows = db.session.scalars(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(ahead), is_due(now))
            .values(state="sending", leased_until=now + LEASE, attempts=OutboxMessage.attempts + 1)
            .returning(OutboxMessage)
            .execution_options(synchronize_session=False, populate_existing=True)
        ).all()
        return sorted(rows, key=lambda row: (row.due_at, row.id))


def _first_in_line(message_ids: Sequence[int], now: datetime) -> list[int]:
    """Those rows that wait for no earlier one; their bookings are locked from here on."""
    found = db.session.execute(
        select(OutboxMessage.id, OutboxMessage.booking_id).where(OutboxMessage.id.in_(message_ids))
    )
    bookings = {row.id: row.booking_id for row in found}
    concerned = {booking_id for booking_id in bookings.values() if booking_id is not None}
    if not concerned:
        return list(bookings)
    locked = db.session.scalars(
        select(Booking.id)
        .where(Booking.id.in_(concerned))
        .order_by(Booking.id)
        .with_for_update(skip_locked=len(message_ids) > 1)
    ).all()
    waiting = db.session.execute(
        select(OutboxMessage.id, OutboxMessage.booking_id, OutboxMessage.side)
        .where(
            OutboxMessage.booking_id.in_(locked),
            or_(
                and_(OutboxMessage.state == "sending", OutboxMessage.leased_until > now),
                is_due(now),
            ),
        )
        .order_by(OutboxMessage.due_at.desc(), OutboxMessage.id.desc())
    )
    first = {(booking_id, side): row_id for row_id, booking_id, side in waiting}
    heads = set(first.values())
    return [row_id for row_id, booking in bookings.items() if booking is None or row_id in heads]


def give_back(claimed: Mapping[int, int]) -> None:
    """Let go of rows that were claimed but not tried; they are given as id to attempt."""
    if not claimed:
        return
    with transaction():
        for row_id, attempt in claimed.items():
            mark(row_id, attempt=attempt, state="pending", attempts=attempt - 1)


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


@dataclass(frozen=True, slots=True)
class Left:
    """A claimed row that the mail server took."""

    id: int
    attempt: int
    at: datetime
    subject: str
    payload: Mapping[str, Any]
    """What stays of it; a link for one use does not."""
    told: tuple[int, str, int, int] | None = None
    """Set when it had a calendar object, see `invitation.note_sent`."""


_OURS = update(OutboxMessage).where(_TABLE.c.state == "sending")
_LEFT = _OURS.where(
    _TABLE.c.id == bindparam("row"), _TABLE.c.attempts == bindparam("attempt")
).values(state="sent", leased_until=None, reason="", sent_at=bindparam("at"),
         subject=bindparam("words"), payload=bindparam("rest"))  # fmt: skip


def mark_sent(left: Sequence[Left], connection: Connection) -> None:
    """Settle what left in one round trip; what another worker has by now is stepped over."""
    connection.execute(
        _LEFT,
        [
            {"row": one.id, "attempt": one.attempt, "at": one.at, "words": one.subject[:300],
             "rest": dict(one.payload)}
            for one in left
        ],
    )  # fmt: skip


def renew(held: Mapping[int, int], now: datetime, connection: Connection) -> None:
    """Keep claimed rows, given as id to attempt, for another lease."""
    ours = tuple_(_TABLE.c.id, _TABLE.c.attempts).in_(list(held.items()))
    connection.execute(_OURS.where(ours).values(leased_until=now + LEASE))


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


def came_back(message_id: int, words: str, *, now: datetime) -> bool:
    """A mail that was sent could not be delivered; organisers see it as any that was given up.

    `next_try_at` keeps the moment, as it does there.
    """
    reason = f"it came back: {words}" if words else "it came back"
    return bool(
        _count(
            update(OutboxMessage)
            .where(OutboxMessage.id == message_id, OutboxMessage.state.in_(("sent", "sending")))
            .values(state="dead", leased_until=None, next_try_at=now, reason=reason)
        )
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
