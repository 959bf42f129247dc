"""When reminders and nudges are due, and until when they are of use."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

OFFSETS_MIN = (1440, 60)
"""Minutes before the start."""

NUDGES = (
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(hours=12),
    timedelta(hours=20),
    timedelta(hours=24),
    timedelta(hours=48),
    timedelta(hours=72),
)
"""After the end, to an interviewer who owes feedback: soon, before the deadline, then daily."""

ESCALATE_AFTER = timedelta(hours=72)
"""The organisers take over: nobody is nudged any more."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Due:
    """A message owed at `due_at`; at `useful_until` and later it is dropped unsent."""

    name: str
    """Unique within the booking and side, part of the outbox key: "reminder-60m", "nudge-1"."""
    number: int
    """Minutes before the start for a reminder, which one in the row for a nudge."""
    due_at: datetime
    useful_until: datetime


def reminders(
    start: datetime, *, now: datetime, offsets_min: Iterable[int] = OFFSETS_MIN
) -> list[Due]:
    """Reminders still ahead of an interview booked or moved now, earliest first.

    One whose moment has already passed is not owed: the invitation just sent says the same.
    """
    return [
        Due(f"reminder-{minutes}m", minutes, due_at, start)
        for minutes in sorted(set(offsets_min), reverse=True)
        if minutes > 0 and (due_at := start - timedelta(minutes=minutes)) > now
    ]


def nudges(end: datetime, *, now: datetime | None = None) -> list[Due]:
    """Nudges for feedback on an interview that ends at `end`; with `now`, only those ahead.

    Each is of use until the next one replaces it; the last one for a day.
    """
    dues = [end + after for after in NUDGES]
    ends = [*dues[1:], dues[-1] + timedelta(days=1)]
    return [
        Due(f"nudge-{number}", number, due_at, until)
        for number, (due_at, until) in enumerate(zip(dues, ends, strict=True), start=1)
        if now is None or due_at > now
    ]


def still_useful(useful_until: datetime, now: datetime) -> bool:
    """False from `useful_until` on: no reminder at or after the start, ever."""
    return now < useful_until


def newest_only(
    items: Sequence[Item],
    *,
    group: Callable[[Item], Hashable],
    due: Callable[[Item], datetime],
) -> tuple[list[Item], list[Item]]:
    """Of messages due at once, the newest of each group to send, and the rest to drop.

    After an outage a person gets one reminder of an interview, not all that were missed.
    """
    newest: dict[Hashable, Item] = {}
    for item in sorted(items, key=due):
        newest[group(item)] = item
    chosen = {id(item) for item in newest.values()}
    return (
        [item for item in items if id(item) in chosen],
        [item for item in items if id(item) not in chosen],
    )
