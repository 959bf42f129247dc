"""Messages that came back: answers to invitations, and mails that could not be delivered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mockint.db import Model, UtcDateTime
from mockint.domain.reply import Outcome
from mockint.models.account import one_of


class Reply(Model):
    """One message that concerned an interview or a mail of ours, and what became of it."""

    __tablename__ = "reply"
    __table_args__ = (
        CheckConstraint(one_of("outcome", [one.value for one in Outcome]), name="outcome_known"),
        Index("ix_reply_booking", "booking_id", "side"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Hash of its Message-ID and its calendar part: the same message twice is one row."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    outcome: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    """The sentence behind the outcome; nothing that the message said."""
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    side: Mapped[str | None] = mapped_column(String(12))
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    link_id: Mapped[int | None] = mapped_column(
        ForeignKey("one_time_link.id", ondelete="SET NULL"), index=True
    )
    """The link that confirms it, while it is held; that row has the hash of the token."""
    method: Mapped[str] = mapped_column(String(10), default="")
    """REPLY or COUNTER; empty: no answer."""
    partstat: Mapped[str] = mapped_column(String(16), default="")
    sequence: Mapped[int | None]
    stamp: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """DTSTAMP of the answer."""
    comment: Mapped[str] = mapped_column(Text, default="")
    proposed_start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proposed_end: Mapped[datetime | None] = mapped_column(UtcDateTime)
