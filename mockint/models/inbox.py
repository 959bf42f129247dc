"""How far the mailbox that answers come to was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mockint.db import Model, UtcDateTime


class Inbox(Model):
    """One mailbox; its row says who looks into it and where the next look begins."""

    __tablename__ = "inbox"

    name: Mapped[str] = mapped_column(String(500), primary_key=True)
    """User, server and folder, as `adapters.imap.Mailbox.name` writes them."""
    validity: Mapped[int] = mapped_column(BigInteger, default=0)
    """UIDVALIDITY (RFC 3501, 2.3.1.1): when it changes, all messages have other numbers."""
    read_to: Mapped[int] = mapped_column(BigInteger, default=0)
    """Highest UID that is done with."""
    trying: Mapped[int] = mapped_column(BigInteger, default=0)
    """UID that was begun last, as it may be what ends workers."""
    tries: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then the mailbox belongs to the worker that is looking."""
    next_look_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    """Looks in vain since the last that worked."""
    trouble: Mapped[str] = mapped_column(Text, default="")
    """Why it cannot be read, if so."""
