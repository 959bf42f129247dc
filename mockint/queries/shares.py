"""Links to chosen feedback: one's own, and what one of them shows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from mockint.db import db
from mockint.models import Booking, Feedback, Person, PracticeItem, PracticeSharing, ProgressShare
from mockint.queries import progress

SEALED = ("sealed", "released", "acknowledged")
"""The author can no longer change a score."""


def of_token(token_hash: str) -> ProgressShare | None:
    """The link, while its owner may come in."""
    return db.session.scalar(
        select(ProgressShare)
        .join(Person, Person.id == ProgressShare.person_id)
        .where(ProgressShare.token_hash == token_hash, Person.active, Person.deleted_at.is_(None))
    )


def owner(share: ProgressShare) -> Person:
    """Whose link it is."""
    return db.session.get_one(Person, share.person_id)


def own(person_id: int) -> Sequence[ProgressShare]:
    """One's own links, the newest first."""
    return db.session.scalars(
        select(ProgressShare)
        .where(ProgressShare.person_id == person_id)
        .order_by(ProgressShare.made_at.desc(), ProgressShare.id.desc())
    ).all()


def shown(share: ProgressShare) -> list[Feedback]:
    """The chosen feedback that its owner can read, the newest first."""
    chosen = {item.booking_id for item in share.items}
    readable = progress.released(share.person_id)
    return [row for row in reversed(readable) if row.booking_id in chosen]


def shows_practice(person_id: int) -> bool:
    """Whether this candidate lets later interviewers see what is practised."""
    return db.session.get(PracticeSharing, person_id) is not None


def practised(booking: Booking, *, state: str) -> list[PracticeItem]:
    """What the candidate practises, for the interviewer of a later interview on the same track.

    Nothing before the scores can no longer change, so that the goal does not colour them.
    """
    if state not in SEALED or not shows_practice(booking.candidate_id):
        return []
    earlier = [
        row
        for row in progress.released(booking.candidate_id)
        if row.booking.track == booking.track and row.booking.start_at < booking.start_at
    ]
    return [item for row in reversed(earlier) for item in row.practice]
