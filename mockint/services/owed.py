"""What a booking owes by mail: rows of the outbox, written with the change that owes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from mockint.domain import reminder
from mockint.domain.community import Community
from mockint.domain.timespan import Span
from mockint.models import Booking
from mockint.models.booking import SIDES
from mockint.queries.parties import Meeting
from mockint.services import outbox

RATE_AFTER = timedelta(minutes=5)
MOST_NEWS = 5
PLANNED = ("reminder", "rate-interviewer", "feedback-nudge", "feedback-late")
"""Kinds that are due later, so a move or an end of the booking makes them void."""


def invitation(booking: Booking | Meeting, *, community: Community, now: datetime) -> None:
    """Booked: invite both, and plan what comes before and after."""
    owed = _told("invitation", booking, now=now)
    outbox.record_all([*owed, *_planned(booking, community=community, now=now)], now=now)


def move(booking: Booking, old: Span, *, community: Community, now: datetime) -> None:
    """Moved: tell both the new time, and plan anew."""
    moved_from = {"old_start": old.start.isoformat(), "old_end": old.end.isoformat()}
    outbox.suppress(booking_id=booking.id, kinds=PLANNED, reason="superseded: the interview moved")
    owed = _told("update", booking, now=now, payload=moved_from)
    outbox.record_all([*owed, *_planned(booking, community=community, now=now)], now=now)


def new_link(booking: Booking, *, community: Community, now: datetime) -> None:
    """Elsewhere: tell both the new place. Plans carry the SEQUENCE, so they are made anew too."""
    outbox.suppress(booking_id=booking.id, kinds=PLANNED, reason="superseded: new meeting link")
    owed = _told("update", booking, now=now, payload={"link": True})
    outbox.record_all([*owed, *_planned(booking, community=community, now=now)], now=now)


def hand_over(
    booking: Booking, left: int, old: Span, *, community: Community, now: datetime
) -> None:
    """Another interviewer takes over: invite them, tell the candidate, and call `left` off."""
    outbox.suppress(booking_id=booking.id, kinds=PLANNED, reason="superseded: another interviewer")
    times = {"old_start": old.start.isoformat(), "old_end": old.end.isoformat()}
    moved = times if old.start != booking.start_at else {}
    called_off = outbox.Owed(
        key=f"booking:{booking.id}:interviewer:replaced:{booking.sequence}",
        kind="replaced",
        person_id=left,
        booking_id=booking.id,
        side="interviewer",
        sequence=booking.sequence,
        payload=times,
        due_at=now,
    )
    news = {"instead_of": left} | moved
    owed = [
        called_off,
        _owed(booking, "interviewer", "invitation", due_at=now),
        _owed(booking, "candidate", "update", due_at=now, payload=news),
    ]
    outbox.record_all([*owed, *_planned(booking, community=community, now=now)], now=now)


def cancellation(
    booking: Booking, *, by_side: str, why: Mapping[str, Any] | None = None, now: datetime
) -> None:
    """Cancelled: tell both, and nothing more."""
    payload = {"by_side": by_side, **(why or {})}
    told = _told("cancellation", booking, now=now, payload=payload)
    outbox.record_all(told, now=now)
    outbox.suppress(booking_id=booking.id, kinds=PLANNED, reason="the interview was cancelled")


def news(
    booking: Booking,
    kind: str,
    *,
    by_side: str,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """One side cannot come, comes after all, or proposes another time: tell the other.

    Minds change, so these are numbered; what is no news any more is dropped when its turn comes.
    After `MOST_NEWS` of a kind only the page tells.
    """
    other = "interviewer" if by_side == "candidate" else "candidate"
    told = outbox.number(booking_id=booking.id, side=other, kind=kind, sequence=booking.sequence)
    if told < MOST_NEWS:
        name = f"{kind}-{told + 1}" if told else kind
        row = _owed(booking, other, kind, name=name, due_at=now, payload=payload)
        outbox.record_all([row], now=now)


def practice(booking: Booking, *, due_at: datetime, now: datetime) -> None:
    """After a weak interview: remind of the plan, unless another one is booked by then."""
    outbox.record_all([_owed(booking, "candidate", "practise-next", due_at=due_at)], now=now)


def _told(
    kind: str,
    booking: Booking | Meeting,
    *,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
) -> list[outbox.Owed]:
    return [_owed(booking, side, kind, due_at=now, payload=payload) for side in SIDES]


def _planned(
    booking: Booking | Meeting, *, community: Community, now: datetime
) -> list[outbox.Owed]:
    end = booking.end_at
    late = end + timedelta(hours=community.feedback_deadline_hours)
    before = reminder.reminders(booking.start_at, now=now, offsets_min=community.reminders_min)
    planned = [
        _owed(
            booking,
            side,
            "reminder",
            name=due.name,
            due_at=due.due_at,
            payload={"offset_min": due.number},
        )
        for due in before
        for side in SIDES
    ]
    planned += [
        _owed(
            booking,
            "interviewer",
            "feedback-nudge",
            name=f"feedback-{due.name}",
            due_at=due.due_at,
            payload={"nth": due.number},
        )
        for due in reminder.nudges(end)
    ]
    planned.append(_owed(booking, "candidate", "rate-interviewer", due_at=end + RATE_AFTER))
    planned.append(_owed(booking, "candidate", "feedback-late", due_at=late))
    return planned


def _owed(
    booking: Booking | Meeting,
    side: str,
    kind: str,
    *,
    name: str = "",
    due_at: datetime,
    payload: Mapping[str, Any] | None = None,
) -> outbox.Owed:
    person = {"candidate": booking.candidate_id, "interviewer": booking.interviewer_id}
    return outbox.Owed(
        key=f"booking:{booking.id}:{side}:{name or kind}:{booking.sequence}",
        kind=kind,
        person_id=person[side],
        booking_id=booking.id,
        side=side,
        sequence=booking.sequence,
        payload=payload or {},
        due_at=due_at,
    )
