"""A time has opened for a candidate who found none."""

from __future__ import annotations

from datetime import datetime, timedelta

from mockint.db import db
from mockint.domain.reminder import still_useful
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models import OutboxMessage, SlotRequest
from mockint.services.mail import parts
from mockint.services.mail.parts import Mail, Suppress

USEFUL = timedelta(hours=24)
"""Later the time is probably gone."""


def time_opened(row: OutboxMessage, *, now: datetime) -> Mail | Suppress:
    """Only while the candidate still waits."""
    person = parts.recipient(row)
    request = db.session.get(SlotRequest, int(row.payload.get("request_id", 0)))
    if person is None or request is None:
        return Suppress("the request or the account is gone")
    if request.ended_at is not None:
        return Suppress("the candidate does not wait any more")
    if not still_useful(row.due_at + USEFUL, now):
        return Suppress("the time is probably gone", late=True)
    return parts.mail(
        row,
        person,
        now=now,
        track=TRACKS[request.track],
        level=LEVELS[request.level],
        minutes=request.duration_min,
        page=parts.url_of(str(row.payload["path"])),
    )


KINDS = {"time-opened": time_opened}
