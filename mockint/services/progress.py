"""Ticking off what was given to practise."""

from __future__ import annotations

from datetime import datetime

from mockint.db import transaction
from mockint.domain.errors import NotYours
from mockint.models import PracticeItem
from mockint.queries import progress as progress_query


def tick(item_id: int, *, candidate_id: int, done: bool, now: datetime) -> PracticeItem:
    """Mark a practice item as done, or as open again; the first tick's time stays."""
    with transaction():
        item = progress_query.item_of(item_id, candidate_id=candidate_id)
        if item is None:
            raise NotYours
        if done != (item.done_at is not None):
            item.done_at = now if done else None
    return item
