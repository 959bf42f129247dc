"""An organiser at the desk, and what tests of those pages need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import OutboxMessage, Person
from mockint.services import outbox, rubric
from tests import factories
from tests.support.web import Client

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def cast(client: Client, set_clock: Callable[[datetime], None]) -> tuple[Person, Person, Person]:
    """Sanjana, Jonas and Amina at NOW; Amina is signed in as organiser."""
    set_clock(NOW)
    rubric.publish_default(now=NOW)
    found = factories.candidate(now=NOW), factories.interviewer(now=NOW), factories.organiser()
    factories.login(client, found[2], role="organiser")
    return found


def refreshed(row: Any) -> Any:
    """The row as it is in the database now."""
    db.session.refresh(row)
    return row


def mail(key: str, to: Person, *, kind: str = "login-link", **values: object) -> OutboxMessage:
    """A mail owed since NOW, in whatever state."""
    with transaction():
        outbox.record(key=key, kind=kind, due_at=NOW, now=NOW, person_id=to.id)
        row = db.session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)
    return row
