"""People's accounts: signing up, one-time links, addresses, passwords and logins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, update

from mockint.db import db, transaction
from mockint.models import Login


# Logins


def start_login(
    person_id: int, *, key_hash: str, old_key_hash: str, role: str, device: str, now: datetime
) -> Login:
    """A device comes in; what it was logged in with before ends."""
    with transaction():
        _end(Login.key_hash == old_key_hash, now=now)
        login = Login(
            person_id=person_id,
            key_hash=key_hash,
            role=role,
            device=device[:200],
            created_at=now,
            seen_at=now,
        )
        db.session.add(login)
    return login


def touch_login(login_id: int, *, now: datetime) -> None:
    """The device was seen."""
    with transaction():
        db.session.execute(update(Login).where(Login.id == login_id).values(seen_at=now))


def rekey_login(login_id: int, *, key_hash: str) -> None:
    """Exchange the device's key."""
    with transaction():
        db.session.execute(update(Login).where(Login.id == login_id).values(key_hash=key_hash))


def _end(*which: ColumnElement[bool], now: datetime) -> int:
    result = db.session.execute(
        update(Login).where(*which, Login.ended_at.is_(None)).values(ended_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
