"""Rubric versions, feedback given on them, practice items and ratings of interviewers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from mockint.db import Model, Revisioned, UtcDateTime, Words
from mockint.models.account import one_of
from mockint.models.booking import Booking

FEEDBACK_STATES = ("draft", "submitted", "sealed", "released", "acknowledged", "withdrawn")


class RubricSet(Model):
    """One published version of the rubrics of all tracks; never changed afterwards."""

    __tablename__ = "rubric_set"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    """Large, and read only where the parsed set is not at hand: see `queries.rubric`."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the canonical JSON of `content`."""
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Feedback(Revisioned, Model):
    """Scores, evidence and advice by one interviewer on one interview."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint(one_of("state", FEEDBACK_STATES), name="state_known"),
        CheckConstraint("recommendation BETWEEN 1 AND 4", name="recommendation_range"),
        CheckConstraint("usefulness BETWEEN 1 AND 4", name="usefulness_range"),
        Index("ix_feedback_state", "state", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    rubric_set_id: Mapped[int] = mapped_column(ForeignKey("rubric_set.id"))
    state: Mapped[str] = mapped_column(String(14), default="draft")
    recommendation: Mapped[int | None]
    """1 strong no, 2 no, 3 yes, 4 strong yes: a judgement, never computed."""
    reason_for_difference: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    strengths: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    organiser_note: Mapped[str] = mapped_column(Text, default="")
    """Only organisers read it; the form says that it can be disclosed on request."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    usefulness: Mapped[int | None]
    """Said after reading; apart from the ratings, as it depends on the verdict."""

    booking: Mapped[Booking] = relationship(lazy="joined")
    rubric_set: Mapped[RubricSet] = relationship(lazy="joined")
    scores: Mapped[list[FeedbackScore]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="FeedbackScore.position"
    )
    practice: Mapped[list[PracticeItem]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="PracticeItem.position"
    )


class FeedbackScore(Model):
    """One dimension: what was seen, and the anchor it supports."""

    __tablename__ = "feedback_score"
    __table_args__ = (CheckConstraint("score BETWEEN 1 AND 4", name="score_range"),)

    feedback_id: Mapped[int] = mapped_column(
        ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True
    )
    dimension: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    """Taken during the interview; only its author reads it."""
    evidence: Mapped[str] = mapped_column(Text, default="")
    score: Mapped[int | None]
    not_observed: Mapped[bool] = mapped_column(default=False)
    anchor_hash: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the anchor text the score was given on."""


class PracticeItem(Model):
    """What to practise next; the candidate ticks it off."""

    __tablename__ = "practice_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(
        ForeignKey("feedback.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(default=0)
    focus: Mapped[str] = mapped_column(String(40), default="")
    """A dimension key."""
    gap: Mapped[str] = mapped_column(Text, default="")
    aim: Mapped[str] = mapped_column(Text, default="")
    exercise: Mapped[str] = mapped_column(Text, default="")
    amount: Mapped[str] = mapped_column(String(200), default="")
    check: Mapped[str] = mapped_column(Text, default="")
    resource: Mapped[str] = mapped_column(String(500), default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InterviewerRating(Model):
    """The candidate's rating of the interviewer, on the same four points."""

    __tablename__ = "interviewer_rating"
    __table_args__ = tuple(
        CheckConstraint(f"{key} BETWEEN 1 AND 4", name=f"{key}_range")
        for key in ("clarity", "realism", "help", "respect")
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    clarity: Mapped[int]
    realism: Mapped[int]
    help: Mapped[int]
    respect: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")
    after_release: Mapped[bool] = mapped_column(default=False)
    """Given after the feedback was read: left out of the interviewer's means."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PrivateReport(Model):
    """Opened by a 1 on respect: for organisers only, never shown to the interviewer."""

    __tablename__ = "private_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
