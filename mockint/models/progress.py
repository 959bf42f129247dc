"""What only the candidate decides on: their own view, and who else may read their feedback."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mockint.db import Model, UtcDateTime


class SelfAssessment(Model):
    """One dimension as the candidate sees it, said before the release; a skipped one has no row."""

    __tablename__ = "self_assessment"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 4", name="score_range"),)

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    dimension: Mapped[str] = mapped_column(String(40), primary_key=True)
    score: Mapped[int]
    rubric_set_id: Mapped[int] = mapped_column(ForeignKey("rubric_set.id"))
    anchor_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the anchor text that was chosen."""
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProgressShare(Model):
    """A secret address that shows chosen feedback; ending it deletes the row."""

    __tablename__ = "progress_share"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    """For whom it is; only its owner reads it."""
    seed: Mapped[str] = mapped_column(String(40))
    """What the installation's own key makes the token of; it opens nothing by itself."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the address."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody last pressed its button."""

    items: Mapped[list[ProgressShareItem]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", passive_deletes=True
    )


class ProgressShareItem(Model):
    """One interview that a link shows."""

    __tablename__ = "progress_share_item"

    share_id: Mapped[int] = mapped_column(
        ForeignKey("progress_share.id", ondelete="CASCADE"), primary_key=True
    )
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)


class PracticeSharing(Model):
    """The candidate lets later interviewers see what is practised, once their scores are in."""

    __tablename__ = "practice_sharing"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    since: Mapped[datetime] = mapped_column(UtcDateTime)
