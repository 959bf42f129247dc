"""Starts of one interviewer that do not exclude each other."""

from __future__ import annotations

from datetime import datetime, timedelta

from mockint.domain.availability import Offer, Terms, free_starts
from mockint.domain.timespan import CELL_MIN, Span


def rest_min(buffer_min: int) -> int:
    """The rest as it is counted: whole quarter hours."""
    return -(-buffer_min // CELL_MIN) * CELL_MIN


def grid(
    offer: Offer, *, window: Span, duration_min: int, now: datetime, terms: Terms
) -> list[datetime]:
    """Free starts that leave room for each other: from each free stretch its first start, then
    the next one that leaves the rest between."""
    apart = timedelta(minutes=duration_min + rest_min(offer.limits.buffer_min))
    chosen: list[datetime] = []
    free = free_starts(offer, window=window, duration_min=duration_min, now=now, terms=terms)
    for start in free:
        if not chosen or start - chosen[-1] >= apart:
            chosen.append(start)
    return chosen
