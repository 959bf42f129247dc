"""What calibration found, and who asked for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from mockint.db import Model, UtcDateTime


class CalibrationJob(Model):
    """The one job there is: calibrate every track."""

    __tablename__ = "calibration_job"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("asked_at IS NOT NULL OR claim IS NULL", name="claimed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None: nothing is asked for."""
    claim: Mapped[str | None] = mapped_column(String(32))
    """Names the worker that has it in hand."""
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    """How often a process died over it."""
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(Text, default="")
    """Why the last one came to nothing: an untranslated sentence."""


class CalibrationRun(Model):
    """One fit of one track; a new one only when the ratings or the model changed."""

    __tablename__ = "calibration_run"
    __table_args__ = (Index("ix_calibration_run_track", "track", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    track: Mapped[str] = mapped_column(String(20))
    model_version: Mapped[str] = mapped_column(String(20))
    data_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the ratings, whatever their order."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seconds: Mapped[float] = mapped_column(Double)
    feedbacks: Mapped[int]
    candidates: Mapped[int]
    raters: Mapped[int]
    fitted: Mapped[bool]
    components: Mapped[int]
    """Groups of candidates that never met through a rater."""
    mixed_gap: Mapped[float | None] = mapped_column(Double)
    """Furthest from the linear mixed model, in points."""
    spread: Mapped[dict[str, float]] = mapped_column(JSON)
    """Standard deviations of the priors, in logits, and the gain a visit."""
    agreement: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Dimension to what two raters of one interview agree on."""


class CandidateLevel(Model):
    """What the newest fit says of one candidate at one target level; see `domain.calibration`."""

    __tablename__ = "candidate_level"

    run_id: Mapped[int] = mapped_column(
        ForeignKey("calibration_run.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    level: Mapped[str] = mapped_column(String(10), primary_key=True)
    """The target level."""
    estimate: Mapped[dict[str, Any]] = mapped_column(JSON)


class RaterTendency(Model):
    """How one interviewer judges in one track, as of a run."""

    __tablename__ = "rater_tendency"

    run_id: Mapped[int] = mapped_column(
        ForeignKey("calibration_run.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    feedbacks: Mapped[int]
    severity: Mapped[float] = mapped_column(Double)
    """Logits; positive is harsher."""
    points: Mapped[float] = mapped_column(Double)
    """Points that this interviewer takes away on the 1 to 4 scale, with a 90 % interval."""
    points_low: Mapped[float] = mapped_column(Double)
    points_high: Mapped[float] = mapped_column(Double)
    drift: Mapped[float | None] = mapped_column(Double)
    drift_z: Mapped[float | None] = mapped_column(Double)
    halo: Mapped[float | None] = mapped_column(Double)
    middle: Mapped[float | None] = mapped_column(Double)
    infit: Mapped[float | None] = mapped_column(Double)
