"""Matching rounds: what was planned, asked, offered and decided, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from mockint.db import Model, UtcDateTime, Words
from mockint.domain.round.states import Job, MatchState, PairKind, State
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models.account import one_of

OUT = (State.PUBLISHED, State.ARCHIVED)


class MatchingRound(Model):
    """Interviews for a cohort, matched at once."""

    __tablename__ = "matching_round"
    __table_args__ = (
        CheckConstraint(one_of("state", [one.value for one in State]), name="state_known"),
        CheckConstraint(one_of("job", [one.value for one in Job]), name="job_known"),
        CheckConstraint("first_on <= last_on", name="dates"),
        CheckConstraint("(job IS NULL) = (job_at IS NULL)", name="job_asked"),
        CheckConstraint("job IS NOT NULL OR job_key IS NULL", name="job_claimed"),
        CheckConstraint("job_share BETWEEN 0 AND 1", name="job_share"),
        CheckConstraint(
            f"state <> '{State.PUBLISHED.value}' OR published_by IS NOT NULL",
            name="published_by_somebody",
        ),
        Index("ix_matching_round_state", "state", "closes_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    """Never given twice: keys of bookings and mails name it."""
    name: Mapped[str] = mapped_column(String(80))
    zone: Mapped[str] = mapped_column(String(64))
    """Whose dates `first_on` and `last_on` are."""
    first_on: Mapped[date]
    last_on: Mapped[date]
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_min: Mapped[int]
    tracks: Mapped[tuple[str, ...]] = mapped_column(Words, default=())
    state: Mapped[str] = mapped_column(String(12), default=State.DRAFT.value)
    load_price: Mapped[int] = mapped_column(default=0)
    """Points that each further interview of the same interviewer costs."""
    input_no: Mapped[int] = mapped_column(default=0)
    """Rises with every change that another result may follow from."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last match was booked or refused."""
    published_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who said so."""
    job: Mapped[str | None] = mapped_column(String(12))
    """What the worker is asked to do with it; None: nothing."""
    job_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    job_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    job_key: Mapped[str | None] = mapped_column(String(32))
    """Names the claim of the worker that has it in hand."""
    job_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then it is that worker's; a living one renews it."""
    job_share: Mapped[float] = mapped_column(Double, default=0.0)
    job_words: Mapped[str] = mapped_column(Text, default="")
    """What it is at: an untranslated sentence."""
    job_cancel: Mapped[bool] = mapped_column(default=False)
    job_trouble: Mapped[str] = mapped_column(Text, default="")
    """Why the last job came to nothing: an untranslated sentence."""


class RoundRequest(Model):
    """What a candidate asks of a round."""

    __tablename__ = "round_request"
    __table_args__ = (
        CheckConstraint(one_of("track", TRACKS), name="track_known"),
        CheckConstraint(one_of("level", LEVELS), name="level_known"),
        CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
    )

    round_id: Mapped[int] = mapped_column(
        ForeignKey("matching_round.id", ondelete="CASCADE"), primary_key=True
    )
    candidate_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    track: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(20))
    windows: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Pairs of quarter hours since 1970-01-01T00:00Z, as `domain.round.plan.Windows`."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    priority: Mapped[int | None]
    """As the last result counted it."""
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Why the last result has no match for it: kind, sentence, params and extra windows."""


class RoundCapacity(Model):
    """How many interviews an interviewer takes in a round; 0: none this time."""

    __tablename__ = "round_capacity"
    __table_args__ = (CheckConstraint("max_total >= 0", name="max_total"),)

    round_id: Mapped[int] = mapped_column(
        ForeignKey("matching_round.id", ondelete="CASCADE"), primary_key=True
    )
    interviewer_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), primary_key=True, index=True
    )
    max_total: Mapped[int]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoundPair(Model):
    """Two people an organiser wants together, or apart, in one round."""

    __tablename__ = "round_pair"
    __table_args__ = (
        CheckConstraint(one_of("kind", [one.value for one in PairKind]), name="kind_known"),
        CheckConstraint("candidate_id <> interviewer_id", name="two_people"),
        Index(
            "ix_round_pair_one_pin",
            "round_id",
            "candidate_id",
            unique=True,
            sqlite_where=text("kind = 'pin'"),
            postgresql_where=text("kind = 'pin'"),
        ),
    )

    round_id: Mapped[int] = mapped_column(
        ForeignKey("matching_round.id", ondelete="CASCADE"), primary_key=True
    )
    candidate_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    interviewer_id: Mapped[int] = mapped_column(
        ForeignKey("person.id"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RoundMatch(Model):
    """One interview of a result, and what became of it."""

    __tablename__ = "round_match"
    __table_args__ = (
        CheckConstraint(one_of("state", [one.value for one in MatchState]), name="state_known"),
        CheckConstraint(
            f"(state = '{MatchState.BOOKED.value}') = (booking_id IS NOT NULL)", name="booked"
        ),
        CheckConstraint(
            f"(state = '{MatchState.FAILED.value}') = (failure IS NOT NULL)", name="failed"
        ),
    )

    round_id: Mapped[int] = mapped_column(
        ForeignKey("matching_round.id", ondelete="CASCADE"), primary_key=True
    )
    candidate_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    interviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    start_at: Mapped[datetime] = mapped_column(UtcDateTime)
    quality: Mapped[int]
    why: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Sentence and params that say why these two."""
    state: Mapped[str] = mapped_column(String(10), default=MatchState.PROPOSED.value)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), unique=True)
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Sentence and params that say why it could not be booked."""


class RoundResult(Model):
    """What the worker found, with its proof."""

    __tablename__ = "round_result"

    round_id: Mapped[int] = mapped_column(
        ForeignKey("matching_round.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    input_no: Mapped[int]
    """The round's when it was read."""
    load_price: Mapped[int]
    solved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seconds: Mapped[float] = mapped_column(Double)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the result's text."""
    instance: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """What was solved, as gzipped JSON."""
    result: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """What came out, with the certificate, as gzipped JSON."""
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the review shows of it."""
