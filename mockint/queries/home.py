"""What waits for a person when they come in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_, select
from sqlalchemy.orm import lazyload

from mockint.db import db
from mockint.domain import interview
from mockint.domain.community import Community
from mockint.domain.feedback import VISIBLE, WRITTEN, opens_without_rating
from mockint.models import Booking, Feedback, InterviewerRating, PracticeItem
from mockint.queries import feedback, interviews, progress
from mockint.queries.feedback import Draft
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


_AHEAD = Booking.end_at > bindparam("now")
_MINE = interviews.with_answers(
    select(Booking, Feedback.state, InterviewerRating.booking_id)
    .outerjoin(Feedback, Feedback.booking_id == Booking.id)
    .outerjoin(InterviewerRating, InterviewerRating.booking_id == Booking.id)
    .options(lazyload(Booking.candidate))  # who looks
    .where(
        Booking.candidate_id == bindparam("person_id"),
        or_(
            and_(Booking.state == "held", Booking.held_until > bindparam("now")),
            and_(
                Booking.state == "confirmed",
                or_(Booking.end_at > bindparam("late_from"), Feedback.state.in_(VISIBLE)),
            ),
        ),
    )
    .order_by(Booking.start_at, Booking.id),
    _AHEAD,
)


def candidate(person_id: int, *, community: Community, now: datetime) -> Candidate:
    """Everything the first page of a candidate shows."""
    asked = {"person_id": person_id, "now": now, "late_from": now - timedelta(days=LATE_DAYS)}
    rows = db.session.execute(_MINE, asked).all()
    read = any(state in VISIBLE for _booking, state, *_rest in rows)
    groups = progress.of(person_id) if read else []
    booked = [row for row in rows if row[0].state == "confirmed"]
    over = [row for row in reversed(booked) if row[0].end_at <= now]
    to_read, to_rate, awaited = _after(over, community, now)
    return Candidate(
        ahead=[interviews.seen(*row, side="candidate") for row in booked if row[0].end_at > now],
        held=next((booking for booking, *_rest in rows if booking.state == "held"), None),
        to_read=to_read,
        to_rate=to_rate,
        awaited=awaited,
        latest=groups[0] if groups else None,
        practice=list(groups[0].feedback[-1].practice) if groups else [],
    )


def _after(
    rows: Iterable[Row[*tuple[Any, ...]]], community: Community, now: datetime
) -> tuple[list[Booking], list[Booking], list[tuple[Booking, bool]]]:
    """Interviews that are over: to read, to rate, and only to wait for."""
    to_read: list[Booking] = []
    to_rate: list[Booking] = []
    awaited: list[tuple[Booking, bool]] = []
    for booking, state, rated, *_told in rows:
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


@dataclass(frozen=True, slots=True)
class Interviewer:
    """An interviewer's first page."""

    ahead: list[Interview]
    """Booked and not over, the next one first."""
    owed: list[Draft]
    """Feedback to write, the most urgent first."""


_GIVEN = interviews.with_answers(
    select(Booking, Feedback, InterviewerRating.booking_id, feedback.OWED)
    .outerjoin(Feedback, Feedback.booking_id == Booking.id)
    .outerjoin(InterviewerRating, InterviewerRating.booking_id == Booking.id)
    .options(*feedback.ONE_INTERVIEW)
    .where(
        Booking.interviewer_id == bindparam("interviewer_id"),
        Booking.state == "confirmed",
        or_(_AHEAD, feedback.OWED),
    )
    .order_by(Booking.start_at, Booking.id),
    _AHEAD,
)


def interviewer(person_id: int, *, now: datetime) -> Interviewer:
    """What an interviewer has ahead, and owes."""
    rows = db.session.execute(_GIVEN, {"interviewer_id": person_id, "now": now}).all()
    owed = [(booking, found) for booking, found, _rated, owes, *_told in rows if owes]
    return Interviewer(
        ahead=[
            interviews.seen(booking, found and found.state, rated, *told, side="interviewer")
            for booking, found, rated, _owes, *told in rows
            if booking.end_at > now
        ],
        owed=feedback.drafts(sorted(owed, key=lambda row: row[0].end_at)),
    )
