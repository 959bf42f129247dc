"""Devices that are logged in: one row each; ending the row ends the login at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, update

from mockint.db import db, transaction
from mockint.domain.account import LOGIN_LIFE
from mockint.domain.errors import N_, Invalid, NotYours
from mockint.models import Login

KEPT_AFTER_END = timedelta(days=30)


def start(
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


def touch(login_id: int, *, now: datetime) -> None:
    """The device was seen."""
    with transaction():
        db.session.execute(update(Login).where(Login.id == login_id).values(seen_at=now))


def rekey(login_id: int, *, key_hash: str, role: str | None = None) -> None:
    """Exchange the device's key and, when given, the role it looks through."""
    with transaction():
        login = db.session.get_one(Login, login_id)
        if role is not None and role not in login.person.role_names:
            raise Invalid("role", N_("You do not have this role."))
        login.key_hash = key_hash
        login.role = role or login.role


def end(login_id: int, *, person_id: int, now: datetime) -> None:
    """End one device of this person; ending an ended one changes nothing."""
    with transaction():
        login = db.session.get(Login, login_id)
        if login is None or login.person_id != person_id:
            raise NotYours()
        _end(Login.id == login_id, now=now)


def end_all(person_id: int, *, but: int | None = None, now: datetime) -> int:
    """End every device of this person, except the login `but`; returns how many."""
    with transaction():
        return _end(Login.person_id == person_id, Login.id != (but or 0), now=now)


def drop_old(*, now: datetime) -> int:
    """Remove the rows of logins that ended long ago."""
    with transaction():
        gone = delete(Login).where(
            (Login.ended_at < now - KEPT_AFTER_END)
            | (Login.created_at < now - LOGIN_LIFE - KEPT_AFTER_END)
        )
        return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a cursor result


def _end(*which: ColumnElement[bool], now: datetime) -> int:
    result = db.session.execute(
        update(Login).where(*which, Login.ended_at.is_(None)).values(ended_at=now)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
