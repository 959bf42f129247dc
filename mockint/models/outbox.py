"""Mail that is owed, and mail that the local mailbox keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from mockint.db import Model, UtcDateTime
from mockint.models.account import one_of

OUTBOX_STATES = ("pending", "sending", "sent", "suppressed", "dead")


class OutboxMessage(Model):
    """One mail owed; committed with the change that owes it, sent by a sweep."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(one_of("state", OUTBOX_STATES), name="state_known"),
        Index("ix_outbox_message_due", "state", "due_at"),
        Index("ix_outbox_message_booking", "booking_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    address: Mapped[str] = mapped_column(String(254), default="")
    """Set when the mail goes elsewhere than to the person's address of the moment."""
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    side: Mapped[str | None] = mapped_column(String(12))
    sequence: Mapped[int | None]
    """The SEQUENCE it announces; a resend says the same."""
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the template needs beyond the rows; emptied once sent, as it may hold a link."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message_id: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was suppressed, or what the mail server said."""
    subject: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeptMail(Model):
    """A mail as it went out, for the mailbox page of demo and development."""

    __tablename__ = "kept_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_message.id", ondelete="SET NULL"), index=True
    )
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
