"""The slot rule said again, minute by minute and without any cleverness, to test against."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mockint.domain.hours import Hours

MINUTE = timedelta(minutes=1)


def hours_of(hours: Hours, day: date) -> tuple[tuple[int, int], ...]:
    """The hours of a local date: weekly ones, unless an exception names the date."""
    blocks = hours.weekly[day.weekday()]
    for exception in hours.exceptions:
        if exception.first <= day <= exception.last:
            blocks = exception.blocks
    return blocks


def is_open(hours: Hours, instant: datetime) -> bool:
    """The wall clock at `instant` reads inside the hours of that local date."""
    clock = instant.astimezone(ZoneInfo(hours.zone))
    minute = clock.hour * 60 + clock.minute
    return any(start <= minute < end for start, end in hours_of(hours, clock.date()))


def starts(
    hours: Hours, low: datetime, high: datetime, duration_min: int, step_min: int
) -> list[datetime]:
    """Walk minute by minute; every `step_min` minutes of a block is a start if there is room."""
    instant = low.replace(second=0, microsecond=0)
    while is_open(hours, instant - MINUTE):
        instant -= MINUTE
    found: list[datetime] = []
    offered: list[datetime] = []
    age = 0
    while instant < high:
        if is_open(hours, instant):
            if age % step_min == 0:
                offered.append(instant)
            age += 1
        else:
            age, offered = 0, []
        instant += MINUTE
        ended = instant - duration_min * MINUTE
        if age and ended in offered and ended >= low and instant <= high:
            found.append(ended)
    return [start for start in found if start.timestamp() % 900 == 0]
