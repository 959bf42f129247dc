"""The calendar feed somebody subscribes to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from mockint.db import Model, UtcDateTime


class CalendarFeed(Model):
    """A person's one secret address; without the row there is none."""

    __tablename__ = "calendar_feed"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seed: Mapped[str] = mapped_column(String(40))
    """What the installation's own key makes the token of; it opens nothing by itself."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the address."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed: Mapped[int] = mapped_column(BigInteger)
    """When what it shows last changed, in seconds since 1970; another number after every change,
    always a higher one, so a process may keep what it worked out; see `services.feed_changes`."""
