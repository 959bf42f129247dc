"""What each side said about coming to an interview: one row a side, with its invitation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from mockint.db import db
from mockint.domain.reply import Partstat
from mockint.models import Booking, Invitation
from mockint.services import audit

_OPEN = {"partstat": Partstat.NEEDS_ACTION, "comment": "", "declined_at": None}
_NO_PROPOSAL = {"proposed_start": None, "proposed_end": None}


def ask_again(booking: Booking) -> None:
    """The time moved: what was said of the old one counts no more. Inside the caller's change."""
    db.session.execute(
        update(Invitation)
        .where(Invitation.booking_id == booking.id)
        .values(**_OPEN, **_NO_PROPOSAL)
        .execution_options(synchronize_session="fetch")
    )


def keep(
    told: Invitation,
    *,
    partstat: Partstat,
    sequence: int,
    stamp: datetime,
    comment: str,
    now: datetime,
) -> bool:
    """Note an answer, inside the caller's transaction; True when it is another than before.

    An answer to the time as it stands also ends a proposal of another one.
    """
    before, told.partstat = told.partstat, partstat.value
    told.comment = comment
    told.proposed_start = told.proposed_end = None
    if partstat is not Partstat.DECLINED:
        told.declined_at = None
    elif told.declined_at is None:
        told.declined_at = now
    _answered(told, sequence=sequence, stamp=stamp, now=now)
    if before != partstat:
        audit.record(
            "booking.answer",
            f"booking:{told.booking_id}",
            by=told.person_id,
            now=now,
            before={"partstat": before},
            after={"partstat": partstat.value},
        )
    return before != partstat


def propose(
    told: Invitation,
    start: datetime,
    end: datetime | None,
    *,
    sequence: int,
    stamp: datetime,
    comment: str,
    now: datetime,
) -> None:
    """Note another time that this side would like; the booking keeps its own."""
    told.proposed_start, told.proposed_end = start, end
    told.comment = comment
    _answered(told, sequence=sequence, stamp=stamp, now=now)
    audit.record("booking.propose", f"booking:{told.booking_id}", by=told.person_id, now=now)


def _answered(told: Invitation, *, sequence: int, stamp: datetime, now: datetime) -> None:
    told.answered_sequence, told.answered_stamp, told.answered_at = sequence, stamp, now
    db.session.flush()
