"""What is asked of the expanding process, what it answers, and how both travel through a pipe."""

from __future__ import annotations

from dataclasses import dataclass

from mockint.domain.busytime import Busy, CalendarRefused, Owner
from mockint.domain.timespan import Span


@dataclass(frozen=True, slots=True)
class Job:
    """A calendar file to be read."""

    key: int
    """The caller's own number for it, for instance a row id."""
    data: bytes
    owner: Owner
    window: Span
    """Only what lies in it is answered."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: exactly one of `busy` and `refusal` is given."""

    key: int
    busy: Busy | None = None
    refusal: CalendarRefused | None = None
