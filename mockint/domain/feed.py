"""What a calendar feed shows and for how long; how an old copy is told from the present one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from mockint.domain.timespan import at_second, seconds_of

CANCELLED_SHOWN = timedelta(days=30)
"""So long an interview stays as a cancelled one: programs that add up what they read would keep
an entry for good that just vanished."""
ASK_AGAIN = timedelta(hours=1)
"""How often a program is asked to look; some look when they please."""


def cancelled_since(now: datetime) -> datetime:
    """What was cancelled after this is still shown."""
    return now - CANCELLED_SHOWN


def next_leaving(cancelled: Iterable[datetime | None]) -> datetime | None:
    """When the first of what is shown vanishes, by the moments at which it was cancelled."""
    moments = [at for at in cancelled if at is not None]
    return min(moments) + CANCELLED_SHOWN if moments else None


def later(changed: int, now: datetime) -> int:
    """The next number of a feed: this second, and never again one that it had."""
    return max(changed + 1, seconds_of(now))


def last_modified(changed: int, last_cancelled: datetime | None) -> datetime:
    """When the feed last read differently; what vanished had been cancelled 30 days before."""
    written = at_second(changed)
    return max(written, last_cancelled + CANCELLED_SHOWN) if last_cancelled else written


def etag(octets: bytes) -> str:
    """The same for the same octets, whoever wrote them and when (RFC 9110 8.8.3, strong)."""
    return hashlib.blake2b(octets, digest_size=20).hexdigest()
