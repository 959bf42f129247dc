"""What both sides bring to a round, in minutes of it.

Any choice of the starts of a `grid` that keeps the caps can be booked, in any order, by the
ordinary rules of `domain.availability`: each cap is what the bookings made so far have left of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from mockint.domain import matching, zones
from mockint.domain.availability import Offer
from mockint.domain.round.grid import rest_min
from mockint.domain.round.instance import Capacity
from mockint.domain.round.instance import Span as Group
from mockint.domain.timespan import Span, subtract

MINUTE = timedelta(minutes=1)
_WEEK = timedelta(days=7)


def capacity(offer: Offer, starts: Iterable[datetime], *, window: Span, max_total: int) -> Capacity:
    """The starts in minutes from the beginning of `window`, with what is left of each cap."""
    zone, limits = offer.hours.zone, offer.limits
    found = list(starts)
    dates = sorted({zones.local_date(zone, start) for start in found})
    mondays = sorted({_monday(day) for day in dates})
    taken = Counter(zones.local_date(zone, span.start) for span in offer.booked)
    weekly = Counter(_monday(day) for day in taken.elements())
    days: list[Group] = []
    if limits.per_day is not None:
        for day in dates:
            left = max(0, limits.per_day - taken[day])
            days += _parts(zones.day_spans(zone, day), left, window)
    weeks: list[Group] = []
    if limits.per_week is not None:
        for monday in mondays:
            left = max(0, limits.per_week - weekly[monday])
            span = Span(
                zones.first_instant(zone, monday), zones.first_instant(zone, monday + _WEEK)
            )
            weeks += _parts((span,), left, window)
    return Capacity(
        starts=[_minute(start, window) for start in found],
        gap=rest_min(limits.buffer_min),
        max_total=max_total,
        days=days,
        weeks=weeks,
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _parts(spans: Iterable[Span], left: int, window: Span) -> list[Group]:
    """One group; of a date that a zone had twice, only the first stretch can be used."""
    found = [
        (max(span.start, window.start), min(span.end, window.end), left if n == 0 else 0)
        for n, span in enumerate(spans)
    ]
    return [
        (_minute(start, window), _minute(end, window), cap)
        for start, end, cap in found
        if start < end
    ]


def _minute(instant: datetime, window: Span) -> int:
    return (instant - window.start) // MINUTE


def comfort(zone: str, starts: Iterable[datetime]) -> int:
    """How good an hour it is for the interviewer, on average over what they offer."""
    points = [matching.zone_comfort(zones.wall(zone, start).hour) for start in starts]
    return round(sum(points) / len(points)) if points else 0


def windows(asked: Iterable[Span], busy: Iterable[Span], *, window: Span) -> list[tuple[int, int]]:
    """When a candidate can, without what they have booked already, in minutes."""
    free = subtract(asked, busy)
    return [(_minute(span.start, window), _minute(span.end, window)) for span in free]
