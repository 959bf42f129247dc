"""What follows from an interview that was no yes: a note at once, and one mail to who is idle.

One in four interviews differs by a full point from the person's other ones, so the next one is
likely to be better by itself; who stops after a single weak one never learns that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mockint.domain.rubric import BAR

MAIL_AFTER = timedelta(days=3)
"""After the release, if nothing was booked meanwhile."""
USEFUL_FOR = timedelta(days=14)
"""After the release; later the plan is old."""


def is_weak(recommendation: int | None) -> bool:
    """No or strong no."""
    return recommendation is not None and recommendation < BAR


def mail_due(recommendation: int | None, released_at: datetime) -> datetime | None:
    """When the mail is owed; None after a yes."""
    return released_at + MAIL_AFTER if is_weak(recommendation) else None


def useful(released_at: datetime, now: datetime) -> bool:
    """Whether the mail still helps."""
    return now < released_at + USEFUL_FOR
