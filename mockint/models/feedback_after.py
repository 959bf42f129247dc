"""What is kept beside written feedback: later words, its end by an organiser, hints set aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mockint.db import Model, UtcDateTime
from mockint.models.account import one_of

ENDS = ("withdrawn", "unwritten")


class FeedbackAddendum(Model):
    """Words its author added after the seal; never changed, and no score hangs on them."""

    __tablename__ = "feedback_addendum"

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(
        ForeignKey("feedback.id", ondelete="CASCADE"), index=True
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FeedbackWithdrawal(Model):
    """How an organiser ended a feedback: taken back when it was written, or given up unwritten."""

    __tablename__ = "feedback_withdrawal"
    __table_args__ = (CheckConstraint(one_of("kind", ENDS), name="kind_known"),)

    feedback_id: Mapped[int] = mapped_column(
        ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(12))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Organisers and the author read it; the candidate does not."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ToneDismissal(Model):
    """A hint of the tone check that the author set aside, and why; only organisers read it."""

    __tablename__ = "tone_dismissal"
    __table_args__ = (UniqueConstraint("feedback_id", "step", "field", "kind", "words"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    step: Mapped[str] = mapped_column(String(40))
    field: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    """One of `domain.tone.KINDS`."""
    words: Mapped[str] = mapped_column(String(250))
    reason: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
