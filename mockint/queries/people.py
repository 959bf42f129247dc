"""People, for their own pages."""

from __future__ import annotations

from sqlalchemy import select

from mockint.db import db
from mockint.models import Login, Person


def live_login(key_hash: str) -> Login | None:
    """The login with this key, unless it was ended or its person may not come in."""
    return db.session.scalar(
        select(Login)
        .join(Person, Person.id == Login.person_id)
        .where(Login.key_hash == key_hash, Login.ended_at.is_(None), Person.active)
    )
