"""The local mailbox of demo, development and tests: mails are kept instead of sent."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Self

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import KeptMail, OutboxMessage


class KeepTransport:
    """Keeps each message as a mail server would have got it.

    A mail that is sent again takes the first one's place, as mailboxes
    show one of the two.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, message: EmailMessage, *, sender: str, recipient: str, row_id: int) -> None:
        """Put the message into the mailbox; `sender` would get the bounces."""
        with transaction():
            kept = db.session.scalar(select(KeptMail).where(KeptMail.outbox_id == row_id))
            kept = kept or KeptMail(outbox_id=row_id)
            row = db.session.get(OutboxMessage, row_id)
            kept.person_id = row.person_id if row else None
            kept.recipient = recipient
            kept.subject = str(message["Subject"])[:300]
            kept.kept_at = message["Date"].datetime
            kept.raw = message.as_bytes()
            db.session.add(kept)
