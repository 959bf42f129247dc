"""Question kits, which interview got which, and who saw what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from mockint.db import Model, UtcDateTime, Words
from mockint.domain.kit import STATES
from mockint.models.account import one_of

FLAGS = ("seen", "link")


class QuestionKit(Model):
    """One version of a question; its content never changes."""

    __tablename__ = "question_kit"
    __table_args__ = (
        UniqueConstraint("key", "version"),
        CheckConstraint(one_of("state", list(STATES)), name="state_known"),
        CheckConstraint("reviewer_id <> author_id", name="reviewed_by_another"),
        Index("ix_question_kit_track", "track", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    track: Mapped[str] = mapped_column(String(20))
    family: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))
    levels: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    languages: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    content: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the canonical JSON of `content`."""
    state: Mapped[str] = mapped_column(String(10), default="draft")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """None: it came with mockint, or its author left."""
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KitChoice(Model):
    """The question of one interview."""

    __tablename__ = "kit_choice"

    booking_id: Mapped[int] = mapped_column(
        ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    kit_id: Mapped[int] = mapped_column(ForeignKey("question_kit.id"), index=True)
    chosen_by: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the candidate could read the prompt; from then on it stays this question."""


class KitExposure(Model):
    """Somebody saw a question: a candidate its prompt, an interviewer all of it."""

    __tablename__ = "kit_exposure"

    kit_id: Mapped[int] = mapped_column(
        ForeignKey("question_kit.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    booking_id: Mapped[int] = mapped_column(
        ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    side: Mapped[str] = mapped_column(String(12))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KitFlag(Model):
    """A sign that a question is known outside."""

    __tablename__ = "kit_flag"
    __table_args__ = (
        CheckConstraint(one_of("kind", FLAGS), name="kind_known"),
        UniqueConstraint("kit_id", "booking_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kit_id: Mapped[int] = mapped_column(
        ForeignKey("question_kit.id", ondelete="CASCADE"), index=True
    )
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id", ondelete="CASCADE"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(10))
    """seen: this candidate knew it before; link: somebody found it published."""
    note: Mapped[str] = mapped_column(Text, default="")
    """Where it was found."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
