"""A moment for every mail that follows from somebody who cannot come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Booking, Invitation, OutboxMessage, Person
from tests import factories
from tests.support.declines import MARA
from tests.support.letters import HOUR, NOW, START, booked, owe, owe_both, told


def scene_declined(side: str) -> Callable[[], datetime]:
    """The candidate's cut-off or the twelve hours are ahead."""

    def scene() -> datetime:
        booking = booked()
        told(booking)
        with transaction():
            for row in db.session.scalars(select(Invitation).where(Invitation.side == side)):
                row.partstat, row.declined_at = "DECLINED", NOW
                row.comment = "A fever since this morning,\nsorry."
        owe_both("declined", booking, "interviewer" if side == "candidate" else "candidate")
        return NOW

    return scene


def scene_comes_again() -> datetime:
    booking = booked()
    told(booking)
    owe_both("declined", booking)
    with transaction():
        for row in db.session.scalars(select(OutboxMessage)):
            row.state, row.sent_at = "sent", NOW
        for told_one in db.session.scalars(select(Invitation)):
            told_one.partstat = "TENTATIVE" if told_one.side == "candidate" else "ACCEPTED"
    owe_both("comes-again", booking)
    return NOW


def scene_proposed() -> datetime:
    booking = booked()
    told(booking)
    start = START + 3 * HOUR
    with transaction():
        for row in db.session.scalars(select(Invitation)):
            row.proposed_start, row.comment = start, "My flight lands at two."
    owe_both("proposed", booking, payload={"start": start.isoformat()})
    return NOW


def _handed_over() -> tuple[Booking, Person]:
    """Jonas cannot come, and Mara has taken over."""
    booking = booked(sequence=1, updated_at=NOW + HOUR)
    told(booking)
    jonas = booking.interviewer
    mara = factories.interviewer(MARA, company="Ondas", now=NOW)
    with transaction():
        booking.interviewer_id = mara.id
        db.session.flush()
        db.session.expire(booking, ["interviewer"])
        booking.meeting_link = "https://meet.example/mara"
    return booking, jonas


def scene_update_handover() -> datetime:
    booking, jonas = _handed_over()
    owe_both("update", booking, "candidate", payload={"instead_of": jonas.id})
    return NOW + HOUR


def scene_replaced() -> datetime:
    booking, jonas = _handed_over()
    times = {"old_start": START.isoformat(), "old_end": (START + HOUR).isoformat()}
    about = {"booking_id": booking.id, "side": "interviewer", "sequence": 1}
    owe("replaced", jonas, payload=times, **about)
    return NOW + HOUR


def scene_cancellation_declined(*sides: str) -> Callable[[], datetime]:
    def scene() -> datetime:
        booking = booked(
            state="cancelled",
            sequence=1,
            cancelled_side=sides[0],
            cancel_reason="A fever since this morning, sorry." if len(sides) == 1 else "",
            updated_at=NOW + HOUR,
        )
        told(booking)
        after = (START + 26 * HOUR).isoformat() if sides == ("interviewer",) else None
        why = {"declined": list(sides), "next_start": after}
        owe_both("cancellation", booking, payload=why)
        return NOW + HOUR

    return scene


SCENES: dict[str, Callable[[], datetime]] = {
    "declined": scene_declined("interviewer"),
    "declined-by-candidate": scene_declined("candidate"),
    "comes-again": scene_comes_again,
    "proposed": scene_proposed,
    "replaced": scene_replaced,
    "update-handover": scene_update_handover,
    "cancellation-declined": scene_cancellation_declined("interviewer"),
    "cancellation-candidate-declined": scene_cancellation_declined("candidate"),
}
