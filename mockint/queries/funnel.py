"""From a booking to the next one: how many interviews go how far."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from mockint.db import db
from mockint.domain import interview
from mockint.domain.feedback import WRITTEN
from mockint.models import Booking, Feedback, Person

AGAIN_WITHIN = timedelta(days=14)
"""How soon after an interview the next booking counts as following from it."""
GROUP_LEAST = 5
"""Of fewer people nothing is told: one of them could be recognised."""
WEAK = frozenset({1, 2})
"""Recommendations that would not pass."""


@dataclass(slots=True)
class Funnel:
    """Interviews of one track that should have ended in the window."""

    track: str
    booked: int = 0
    held: int = 0
    """Not cancelled, and nobody was absent."""
    in_time: int = 0
    """Feedback handed in by the deadline."""
    written: int = 0
    acknowledged: int = 0
    again: int = 0
    """Whose candidate booked another one within fourteen days."""
    weak: int = 0
    """Held, and the recommendation was that it would not pass yet."""
    weak_again: int = 0
    weak_people: set[int] = field(default_factory=set)

    @property
    def weak_told(self) -> bool:
        """Whether there are enough people to tell what followed a weak result."""
        return len(self.weak_people) >= GROUP_LEAST


@dataclass(slots=True)
class Writing:
    """What became of one interviewer's interviews."""

    person_id: int
    name: str
    held: int = 0
    in_time: int = 0
    late: int = 0

    @property
    def missing(self) -> int:
        return self.held - self.in_time - self.late


_ENDED = (
    select(
        Booking.id,
        Booking.track,
        Booking.candidate_id,
        Booking.interviewer_id,
        Person.name,
        Booking.end_at,
        Booking.state,
        Booking.candidate_attendance,
        Booking.interviewer_attendance,
        Feedback.state.label("feedback"),
        Feedback.submitted_at,
        Feedback.recommendation,
    )
    .join(Person, Person.id == Booking.interviewer_id)
    .outerjoin(Feedback, Feedback.booking_id == Booking.id)
    .where(Booking.confirmed_at.is_not(None))
)


def funnel(
    *, now: datetime, days: int, deadline: timedelta
) -> tuple[Sequence[Funnel], Sequence[Writing]]:
    """By track and by interviewer, each by name; what ended in the last `days` days counts."""
    since = now - timedelta(days=days)
    tracks: dict[str, Funnel] = {}
    people: dict[int, Writing] = {}
    confirmed = _confirmed(since)
    for row in db.session.execute(_ENDED.where(Booking.end_at > since, Booking.end_at <= now)):
        track = tracks.setdefault(row.track, Funnel(row.track))
        track.booked += 1
        came = interview.verdict(row.candidate_attendance, row.interviewer_attendance)
        if row.state != "confirmed" or not interview.counts_for_progress(came):
            continue
        one = people.setdefault(row.interviewer_id, Writing(row.interviewer_id, row.name))
        _add(row, track, one, deadline, again=_books(confirmed[row.candidate_id], row.end_at))
    return (
        [tracks[name] for name in sorted(tracks)],
        sorted(people.values(), key=lambda one: (one.name.lower(), one.person_id)),
    )


def _add(row: Any, track: Funnel, one: Writing, deadline: timedelta, *, again: bool) -> None:
    written = row.feedback in WRITTEN
    in_time = written and row.submitted_at <= row.end_at + deadline
    weak = written and row.recommendation in WEAK
    track.held += 1
    track.written += written
    track.in_time += in_time
    track.acknowledged += row.feedback == "acknowledged"
    track.again += again
    track.weak += weak
    track.weak_again += weak and again
    if weak:
        track.weak_people.add(row.candidate_id)
    one.held += 1
    one.in_time += in_time
    one.late += written and not in_time


def _confirmed(since: datetime) -> Mapping[int, list[datetime]]:
    """Candidate to when they booked, in order."""
    found: dict[int, list[datetime]] = defaultdict(list)
    for candidate_id, at in db.session.execute(
        select(Booking.candidate_id, Booking.confirmed_at)
        .where(Booking.confirmed_at > since)
        .order_by(Booking.confirmed_at)
    ):
        if at is not None:
            found[candidate_id].append(at)
    return found


def _books(moments: Sequence[datetime], end: datetime) -> bool:
    """Whether one of these follows the end soon enough."""
    place = bisect_right(moments, end)
    return place < len(moments) and moments[place] <= end + AGAIN_WITHIN
