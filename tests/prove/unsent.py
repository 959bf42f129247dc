"""What letters say, without owing one less."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mockint.db import transaction
from mockint.services import letters, mail


class _Undone(Exception):
    """Raised to roll back claims that were only needed for their letters."""


def read(ids: Sequence[int], now: datetime) -> list[tuple[letters.Plan, mail.Mail]]:
    """The letters of these rows of the outbox, which stay as they are."""
    found: list[tuple[letters.Plan, mail.Mail]] = []
    try:
        with transaction():
            for plan in letters.prepare(ids, now=now):
                assert isinstance(plan.found, mail.Mail), plan.found
                found.append((plan, plan.found))
            raise _Undone
    except _Undone:
        return found
