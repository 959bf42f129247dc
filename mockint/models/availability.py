"""When an interviewer can: weekly hours and dates that differ, in the interviewer's own zone."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from mockint.db import Model


class AvailabilityRule(Model):
    """One block of weekly hours; minutes of the local day, 1440 = 24:00."""

    __tablename__ = "availability_rule"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("start_min >= 0 AND end_min <= 1440 AND start_min < end_min", name="order"),
        CheckConstraint("start_min % 15 = 0 AND end_min % 15 = 0", name="cells"),
    )

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    weekday: Mapped[int] = mapped_column(primary_key=True)
    """0 is Monday."""
    start_min: Mapped[int] = mapped_column(primary_key=True)
    end_min: Mapped[int]


class AvailabilityException(Model):
    """Dates whose hours replace the weekly ones, also on a weekday that is off; no blocks: away."""

    __tablename__ = "availability_exception"
    __table_args__ = (CheckConstraint("first_on <= last_on", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    first_on: Mapped[date]
    last_on: Mapped[date]
    blocks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Pairs of minutes of the local day, as in `AvailabilityRule`."""
