"""Organisers keep two people apart, after a bad experience: nobody else decides or learns of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select

from mockint.db import db, transaction
from mockint.domain.account import clean_text
from mockint.domain.errors import N_, Invalid, NotYours
from mockint.models import BlockedPair, Person
from mockint.services import audit, occupancy, stamps

LONGEST_REASON = 500


def keep_apart(one_id: int, other_id: int, *, reason: str, by: int, now: datetime) -> None:
    """Let the two never be matched, held or booked together; said again, the reason is replaced.

    What is booked already stays, for an organiser to decide. Both are locked as for a booking, so
    of a confirmation and this one sees the other.
    """
    words = clean_text("reason", reason, LONGEST_REASON, required=True)
    if one_id == other_id:
        raise Invalid("name", N_("Choose somebody else: this is the person themself."))
    with transaction():
        first, second = _locked(one_id, other_id)
        found = db.session.get(BlockedPair, (first, second))
        if found is not None:
            found.reason = words
            return
        made = BlockedPair(one_id=first, other_id=second, reason=words, made_by=by, made_at=now)
        db.session.add(made)
        stamps.touch((first, second))
        _note("pair.block", first, second, by=by, now=now)


def allow(one_id: int, other_id: int, *, by: int, now: datetime) -> None:
    """Let the two meet again; allowing it twice changes nothing."""
    with transaction():
        first, second = _locked(one_id, other_id)
        found = db.session.get(BlockedPair, (first, second))
        if found is None:
            return
        db.session.delete(found)
        stamps.touch((first, second))
        _note("pair.allow", first, second, by=by, now=now)


def forget(person_id: int) -> None:
    """Who left is kept apart from nobody."""
    mine = or_(BlockedPair.one_id == person_id, BlockedPair.other_id == person_id)
    db.session.execute(delete(BlockedPair).where(mine))


def _locked(one_id: int, other_id: int) -> tuple[int, int]:
    """Both, the lower number first."""
    first, second = sorted((one_id, other_id))
    occupancy.lock_people((first, second))
    here = select(Person.id).where(Person.id.in_((first, second)), Person.deleted_at.is_(None))
    if len(db.session.scalars(here).all()) < 2:
        raise NotYours()
    return first, second


def _note(action: str, first: int, second: int, *, by: int, now: datetime) -> None:
    """In the history of both."""
    for person_id, other_id in ((first, second), (second, first)):
        audit.record(action, f"person:{person_id}", by=by, now=now, after={"with": other_id})
