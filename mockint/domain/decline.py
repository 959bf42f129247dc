"""Somebody cannot come: how long the interview waits for a click, and what time alone then does.

Who declines is taken at their word. Nothing ends without a click before the moment that
`waits_until` names; what was said after the start has no effect, as attendance decides from then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mockint.domain.booking import last_moment, nearest

REOPENS_AFTER = timedelta(hours=12)
"""How long an interviewer's hour is kept for a candidate who may change their mind."""
LEAST_NOTICE = timedelta(minutes=30)
"""Nobody waits longer than this before the start, however short the cut-off is."""
CHOICES = 3
"""So many other times are offered."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Since when each side of an interview has said that it cannot come; None: it has not."""

    start: datetime
    candidate_at: datetime | None = None
    interviewer_at: datetime | None = None

    def _counts(self, at: datetime | None) -> bool:
        return at is not None and at < self.start

    @property
    def sides(self) -> tuple[str, ...]:
        """Who cannot come, as far as it was said before the start."""
        said = {"candidate": self.candidate_at, "interviewer": self.interviewer_at}
        return tuple(side for side, at in said.items() if self._counts(at))


def last_call(start: datetime, cutoff_min: int) -> datetime:
    """The cut-off for cancelling, but half an hour before the start at the latest."""
    return min(last_moment(start, cutoff_min), start - LEAST_NOTICE)


def waits_until(declined: Declined, *, cutoff_min: int) -> datetime | None:
    """When the interview ends unless somebody acts before; None while both may come.

    At once when both have declined, or when the cut-off is over already.
    """
    moments = [
        at
        for side, at in (
            ("candidate", declined.candidate_at),
            ("interviewer", declined.interviewer_at),
        )
        if at is not None and side in declined.sides
    ]
    if not moments:
        return None
    latest = max(moments)
    if len(moments) > 1:
        return latest
    end = last_call(declined.start, cutoff_min)
    if declined.sides == ("candidate",):
        end = min(end, latest + REOPENS_AFTER)
    return max(latest, end)


def instead(starts: Iterable[datetime], lost: datetime) -> list[datetime]:
    """Other times to choose from, the nearest ones in their order."""
    return sorted(nearest(starts, lost, CHOICES))


def next_start(starts: Iterable[datetime], lost: datetime) -> datetime | None:
    """What is offered for an interview that ended: the first start after it, else the last one."""
    others = sorted(set(starts) - {lost})
    return next((start for start in others if start > lost), others[-1] if others else None)
