"""Hashing and checking passwords: argon2id through Flask-Security, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore

from flask_security import hash_password, verify_password

from mockint.domain.account import PASSWORD_MAX, require_password
from mockint.domain.errors import N_, Refusal
from mockint.models import Person

AT_ONCE = 4
"""Each hash takes 19 MiB; more at once would let strangers use up the memory."""
PATIENCE_SECONDS = 5.0

_places = BoundedSemaphore(AT_ONCE)


class Busy(Refusal):
    """Too many passwords are being checked at this moment."""

    status = 503


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE_SECONDS):
        raise Busy(N_("Too many people are signing in right now. Try again in a minute."))
    try:
        yield
    finally:
        _places.release()


def hashed(password: str, *, about: tuple[str, ...] = ()) -> str:
    """What is kept of a new password; refused when it is short or easily guessed."""
    require_password(password, about=about)
    with _place():
        return str(hash_password(password))


def fits(password: str, person: Person | None) -> bool:
    """Whether this is the person's password; the same work when there is no person or none."""
    kept = person.password if person is not None and person.active else None
    with _place():
        right = verify_password(password[:PASSWORD_MAX], kept or _nobodys())
    return bool(right) and kept is not None and len(password) <= PASSWORD_MAX


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return str(hash_password("nobody has this password"))
