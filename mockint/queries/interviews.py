"""A person's interviews, ahead and past, and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import aliased

from mockint.db import db
from mockint.domain import feedback as rules
from mockint.domain import interview
from mockint.domain.errors import NotYours
from mockint.models import Booking, Feedback, InterviewerRating, Invitation
from mockint.queries.paging import Page, page


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview from one side; `feedback` is the state the side may know."""

    booking: Booking
    side: str
    """candidate or interviewer: the side of whoever looks."""
    feedback: str
    """State of the feedback, "" before a draft; candidates learn of it once it is handed in."""
    rated: bool
    mine: Invitation | None = None
    """What the reader's own calendar was told, and whether they said they come."""
    theirs: Invitation | None = None
    """The same of the other side."""

    @property
    def other_side(self) -> str:
        """The side that is met."""
        return "interviewer" if self.side == "candidate" else "candidate"

    @property
    def verdict(self) -> interview.Verdict:
        """Who came, as far as both reports say."""
        return interview.verdict(
            self.booking.interviewer_attendance, self.booking.candidate_attendance
        )

    @property
    def my_report(self) -> str:
        """What this side said about the other."""
        return str(getattr(self.booking, f"{self.other_side}_attendance"))

    @property
    def owed(self) -> bool:
        """Whether feedback is owed as far as attendance goes."""
        return interview.feedback_owed(
            self.booking.interviewer_attendance, self.booking.candidate_attendance
        )


Told = Invitation | None
Row = tuple[Booking, str | None, int | None, Told, Told]


def with_answers(
    query: Select[*tuple[Any, ...]], *which: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """A select of bookings that also says, last of all, what the candidate's calendar was told, and
    the interviewer's; of `which` bookings, when not of all."""
    for side in ("candidate", "interviewer"):
        told = aliased(Invitation)
        query = query.add_columns(told).outerjoin(
            told,
            and_(
                told.booking_id == Booking.id,
                told.side == side,
                told.person_id == getattr(Booking, f"{side}_id"),
                *which,
            ),
        )
    return query


def _query() -> Select[*Row]:
    return with_answers(
        select(Booking, Feedback.state, InterviewerRating.booking_id)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .outerjoin(InterviewerRating, InterviewerRating.booking_id == Booking.id)
        .where(Booking.state != "held")
    )


def seen(
    booking: Booking,
    state: str | None,
    rated: int | None,
    candidate: Told,
    interviewer: Told,
    *,
    side: str,
) -> Interview:
    """From a row of `Booking`, the state of its feedback, whether there is a rating, and what
    `with_answers` adds."""
    known = state or ""
    if side == "candidate":
        known = "" if known == "draft" else known  # who waits need not know of drafts
        return Interview(booking, side, known, rated is not None, candidate, interviewer)
    return Interview(booking, side, known, rated is not None, interviewer, candidate)


def _own(side: str, person_id: int) -> Select[*Row]:
    return _query().where(getattr(Booking, f"{side}_id") == person_id)


def upcoming(person_id: int, *, side: str, now: datetime) -> list[Interview]:
    """What is booked and not over, the next one first."""
    rows = db.session.execute(
        _own(side, person_id)
        .where(Booking.state == "confirmed", Booking.end_at > now)
        .order_by(Booking.start_at, Booking.id)
    ).unique()
    return [seen(*row, side=side) for row in rows]


def past(person_id: int, *, side: str, now: datetime, number: int) -> tuple[Page, list[Interview]]:
    """What is over or cancelled, the latest first, a page at a time."""
    found = page(
        _own(side, person_id)
        .where((Booking.end_at <= now) | (Booking.state == "cancelled"))
        .order_by(Booking.start_at.desc(), Booking.id.desc()),
        number,
    )
    return found, [seen(*row, side=side) for row in found.rows]


def one(booking_id: int, *, person_id: int) -> Interview:
    """The interview from this person's side; NotYours for a stranger."""
    row = db.session.execute(_query().where(Booking.id == booking_id)).unique().one_or_none()
    if row is not None:
        for side in ("candidate", "interviewer"):
            if getattr(row[0], f"{side}_id") == person_id:
                return seen(*row, side=side)
    raise NotYours


def released(found: Interview) -> bool:
    """Whether the candidate reads the feedback."""
    return found.feedback in rules.VISIBLE
