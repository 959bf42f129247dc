"""What waits for a person when they come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from mockint.db import db
from mockint.domain import interview
from mockint.domain.community import Community
from mockint.domain.feedback import VISIBLE, WRITTEN, opens_without_rating
from mockint.models import Booking, Feedback, InterviewerRating, PracticeItem
from mockint.queries import bookings, interviews, progress
from mockint.queries.interviews import Interview

LATE_DAYS = 14
"""How long feedback that never came stays on the first page."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate's first page."""

    ahead: list[Interview]
    """Booked and not over, the next one first."""
    held: Booking | None
    to_read: list[Booking]
    """Feedback was released and not yet read, the newest first."""
    to_rate: list[Booking]
    """The interviewer was not rated, and the feedback waits for it."""
    awaited: list[tuple[Booking, bool]]
    """Over, rated or too late for it, and the feedback is not there yet; True: it is written."""
    latest: progress.Group | None
    practice: list[PracticeItem]
    """What the newest feedback gave to practise, done or not."""

    @property
    def new(self) -> bool:
        """Nothing is booked, and nothing was."""
        return not (self.ahead or self.held or self.latest or self.to_rate or self.awaited)


def candidate(person_id: int, *, community: Community, now: datetime) -> Candidate:
    """Everything the first page of a candidate shows."""
    groups = progress.of(person_id)
    to_read, to_rate, awaited = _after(person_id, community, now)
    return Candidate(
        ahead=interviews.upcoming(person_id, side="candidate", now=now),
        held=bookings.own_hold(person_id, now=now),
        to_read=to_read,
        to_rate=to_rate,
        awaited=awaited,
        latest=groups[0] if groups else None,
        practice=list(groups[0].feedback[-1].practice) if groups else [],
    )


def _after(
    person_id: int, community: Community, now: datetime
) -> tuple[list[Booking], list[Booking], list[tuple[Booking, bool]]]:
    """Interviews that are over: to read, to rate, and only to wait for."""
    rows = db.session.execute(
        select(Booking, Feedback.state, InterviewerRating.booking_id)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .outerjoin(InterviewerRating, InterviewerRating.booking_id == Booking.id)
        .where(
            Booking.candidate_id == person_id,
            Booking.state == "confirmed",
            Booking.end_at <= now,
            or_(Feedback.state == "released", Booking.end_at > now - timedelta(days=LATE_DAYS)),
        )
        .order_by(Booking.start_at.desc(), Booking.id.desc())
    ).unique()
    to_read: list[Booking] = []
    to_rate: list[Booking] = []
    awaited: list[tuple[Booking, bool]] = []
    for booking, state, rated in rows:
        reports = booking.interviewer_attendance, booking.candidate_attendance
        opens = opens_without_rating(booking.end_at, community.rating_window_hours)
        if state == "released":
            to_read.append(booking)
        elif state in (*VISIBLE, "withdrawn") or not interview.feedback_owed(*reports):
            continue
        elif rated is None and now < opens:
            to_rate.append(booking)
        else:
            awaited.append((booking, state in WRITTEN))
    return to_read, to_rate, awaited
