"""Whom organisers keep apart, and what an hour of somebody is worth to others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from mockint.db import Model, UtcDateTime


class BlockedPair(Model):
    """Two people who are never to interview each other, whichever side they are on."""

    __tablename__ = "blocked_pair"
    __table_args__ = (
        CheckConstraint("one_id < other_id", name="order"),
        Index("ix_blocked_pair_other", "other_id"),
    )

    one_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    reason: Mapped[str] = mapped_column(Text)
    """For organisers alone."""
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SlotPrice(Model):
    """What others would lose if these hours of an interviewer were gone; no row: nothing."""

    __tablename__ = "slot_price"
    __table_args__ = (
        CheckConstraint("first_cell < end_cell", name="order"),
        CheckConstraint("points > 0", name="costs"),
        Index("ix_slot_price_first", "first_cell"),
    )

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    first_cell: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Quarter hours since 1970-01-01T00:00Z."""
    end_cell: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[int]
    """Points of quality, as `domain.matching` counts them."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
