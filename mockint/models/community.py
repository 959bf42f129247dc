"""Settings an organiser changed, who changed what, and the heartbeat and offset of the clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from mockint.db import Model, UtcDateTime


class CommunitySetting(Model):
    """A setting that differs from the default of `domain.community.Community`."""

    __tablename__ = "community_setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEntry(Model):
    """Who changed what, from what to what; never personal text."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(60))
    """noun.verb, such as setting.change or feedback.release."""
    subject: Mapped[str] = mapped_column(String(80))
    """table:id, such as booking:42."""
    before: Mapped[Any] = mapped_column(JSON, default=None)
    after: Mapped[Any] = mapped_column(JSON, default=None)


class ClockOffset(Model):
    """How far the clock of a demo, development or test installation runs ahead."""

    __tablename__ = "clock_offset"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[int] = mapped_column(default=0)


class Heartbeat(Model):
    """When a background duty last ran to its end, and what it came to over all machines."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    runs: Mapped[int] = mapped_column(BigInteger, default=0)
    seconds: Mapped[float] = mapped_column(Double, default=0.0)
    """How long all runs took together."""
    failures: Mapped[int] = mapped_column(BigInteger, default=0)
    """Tries in vain: of mail, that is each time a server or a fault kept one from leaving."""
    trouble: Mapped[str] = mapped_column(Text, default="")
    """Why the mail server takes nothing, if that was so the last time it was asked."""
