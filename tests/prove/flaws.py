"""Faults built into the program on purpose, which the proof must find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from sqlalchemy import update

from mockint import clock
from mockint.adapters.smtp import SmtpTransport
from mockint.db import db, transaction
from mockint.models import OutboxMessage
from mockint.services import outbox

send, record_all = SmtpTransport.send, outbox.record_all


def mark_first() -> None:
    """A mail counts as sent before the mail server has it."""

    def marking(post: SmtpTransport, message: EmailMessage, *, row_id: int, **to: str) -> None:
        settled = {"state": "sent", "sent_at": clock.now(), "leased_until": None}
        _change(row_id, **settled, subject=str(message["Subject"]))
        send(post, message, row_id=row_id, **to)

    _replace(SmtpTransport, "send", marking)


def name_anew() -> None:
    """A mail that goes out again is another mail for its reader."""

    def naming(post: SmtpTransport, message: EmailMessage, *, row_id: int, **to: str) -> None:
        name = make_msgid(domain="people.example")
        message.replace_header("Message-ID", name)
        _change(row_id, message_id=name)
        send(post, message, row_id=row_id, **to)

    _replace(SmtpTransport, "send", naming)


def commit_first() -> None:
    """The change is kept before the mail that it owes."""

    def apart(owed: Iterable[outbox.Owed], *, now: datetime) -> int:
        db.session.commit()
        return record_all(owed, now=now)

    _replace(outbox, "record_all", apart)


def _change(row_id: int, **values: object) -> None:
    with transaction():
        db.session.execute(update(OutboxMessage).where(OutboxMessage.id == row_id).values(**values))


def _replace(holder: Any, name: str, fault: Callable[..., Any]) -> None:
    setattr(holder, name, fault)


FLAWS: dict[str, Callable[[], None]] = {
    "marked before it is sent": mark_first,
    "another Message-ID each time": name_anew,
    "owed after the commit": commit_first,
}
