"""What each kind of mail says: one function a kind, which reads the truth again when it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mockint.models import OutboxMessage
from mockint.services.mail import (
    account,
    answers,
    calendars,
    feedback,
    interviews,
    progress,
    rounds,
    waiting,
)
from mockint.services.mail.parts import Mail, Suppress

__all__ = ["KINDS", "Mail", "Suppress", "of"]

KINDS: dict[str, Callable[..., Mail | Suppress]] = {
    **account.KINDS,
    **interviews.KINDS,
    **answers.KINDS,
    **calendars.KINDS,
    **feedback.KINDS,
    **progress.KINDS,
    **waiting.KINDS,
    **rounds.KINDS,
}


def of(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """What this row says if it goes out now, or why it must not; inside a transaction."""
    return KINDS[row.kind](row, now=now)
