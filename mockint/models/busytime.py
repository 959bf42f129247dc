"""Interviewers' own calendars: where they are, when they are busy, and nothing of what or whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import JSON

from mockint.db import Model, UtcDateTime
from mockint.models.account import Person

KINDS = ("url", "file")


class BusyCalendar(Model):
    """A calendar of an interviewer's own: an address that is read again and again, or a file that
    was read once."""

    __tablename__ = "busy_calendar"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("(kind = 'url') = (url <> '')", name="url"),
        CheckConstraint("(kind = 'url') = (next_look_at IS NOT NULL)", name="looks"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(255))
    """What its owner calls it, or its host; the name of a file."""
    url: Mapped[str] = mapped_column(Text, default="")
    """A secret, as who has it can read the calendar: never shown, never logged."""
    etag: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str] = mapped_column(String(64), default="")
    """Of the octets that were read last."""
    read_as: Mapped[str] = mapped_column(String(64), default="")
    """See `domain.owncalendars.read_as`."""
    caveats: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """What was read by a guess: pairs of an untranslated sentence and what it is about."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its busy times were last known to be right."""
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(Text, default="")
    """Why it failed last: an untranslated sentence."""
    trouble_about: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What stands in the places of that sentence."""
    closed: Mapped[bool] = mapped_column(default=False)
    """It has failed for so long that it counts as busy throughout."""
    next_look_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """Whoever looks moves it first, so that nobody else does."""

    person: Mapped[Person] = relationship()


class BusyTime(Model):
    """A stretch of quarter hours in which a calendar is busy; those of one calendar neither
    overlap nor touch."""

    __tablename__ = "busy_time"
    __table_args__ = (CheckConstraint("first_cell < end_cell", name="order"),)

    calendar_id: Mapped[int] = mapped_column(
        ForeignKey("busy_calendar.id", ondelete="CASCADE"), primary_key=True
    )
    first_cell: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    end_cell: Mapped[int]
    """The first cell after it."""


class BusyQuestion(Model):
    """An interviewer was asked what becomes of an interview at a time their calendar is busy."""

    __tablename__ = "busy_question"

    booking_id: Mapped[int] = mapped_column(
        ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    start_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    """When the interview was to start; where it is moved to, they may be asked again."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """They said that it stays; nothing is shown any more."""
