"""When an interviewer can: weekly hours and dates that differ, in the interviewer's own zone."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
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


class CalendarStamp(Model):
    """Another number after every change to when, and to whom, this interviewer can be booked.

    Equal stamps mean equal answers, so a process may keep what it worked out; see
    `services.stamps` for who writes it and `queries.calendars` for who trusts it.
    """

    __tablename__ = "calendar_stamp"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("interviewer_profile.person_id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    stamp: Mapped[int] = mapped_column(BigInteger)
    """Random, so that no other database and no restored backup can have it by chance."""
