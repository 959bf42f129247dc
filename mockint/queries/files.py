"""Everything an organiser sees of one booking, of one person, and of the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.orm import joinedload

from mockint.db import db
from mockint.models import (
    AuditEntry,
    Booking,
    Feedback,
    InterviewerRating,
    Invitation,
    OutboxMessage,
    Person,
    PrivateReport,
    Reply,
    SlotRequest,
)
from mockint.queries import lists, safety

MOST_REPLIES = 50
History = Sequence[tuple[AuditEntry, str | None]]
"""Audit rows, the newest first, each with the name of who did it (None: nobody or forgotten)."""


@dataclass(frozen=True, slots=True)
class BookingFile:
    """One booking with all that hangs on it."""

    booking: Booking
    feedback: Feedback | None
    rating: InterviewerRating | None
    report: PrivateReport | None
    """Only there for the safety person."""
    mails: Sequence[OutboxMessage]
    told: Mapping[str, Invitation]
    """Side to what its calendar was told and what it answered."""
    replies: Sequence[Reply]
    """Messages that came in about it, the newest first."""
    history: History


def booking(booking_id: int, *, reader_id: int) -> BookingFile | None:
    """The file of a booking for this organiser, or None when there is none."""
    found = db.session.get(Booking, booking_id)
    if found is None:
        return None
    return BookingFile(
        booking=found,
        feedback=db.session.scalar(select(Feedback).where(Feedback.booking_id == booking_id)),
        rating=db.session.get(InterviewerRating, booking_id),
        report=db.session.scalar(
            select(PrivateReport).where(PrivateReport.booking_id == booking_id)
        )
        if safety.reads(reader_id)
        else None,
        mails=db.session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.booking_id == booking_id)
            .order_by(OutboxMessage.due_at, OutboxMessage.id)
        ).all(),
        told={
            told.side: told
            for told in db.session.scalars(
                select(Invitation).where(Invitation.booking_id == booking_id)
            )
            if found.side_of(told.person_id) == told.side
        },
        replies=db.session.scalars(
            select(Reply)
            .where(Reply.booking_id == booking_id)
            .order_by(Reply.received_at.desc(), Reply.id.desc())
            .limit(MOST_REPLIES)
        ).all(),
        history=history(f"booking:{booking_id}"),
    )


def history(subject: str, *, but: str | None = None, most: int = 20) -> History:
    """What was done to one thing; a subject that ends in ":" or "_" means all that begin so,
    without those that begin with `but`."""
    column = AuditEntry.subject
    many = subject[-1] in ":_"
    about = column.startswith(subject, autoescape=True) if many else column == subject
    if but is not None:
        about = and_(about, not_(column.startswith(but, autoescape=True)))
    rows = db.session.execute(
        select(AuditEntry, Person.name)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(about)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(most)
    )
    return [(entry, name) for entry, name in rows]


@dataclass(frozen=True, slots=True)
class PersonFile:
    """One person with what is ahead and behind."""

    person: Person
    ahead: Sequence[Booking]
    behind: Sequence[Booking]
    """The last few."""
    waiting: Sequence[SlotRequest]
    history: History


def person(person_id: int, *, now: datetime, most: int = 10) -> PersonFile | None:
    """The file of a person, or None when there is none (any more)."""
    found = db.session.get(Person, person_id)
    if found is None or found.deleted_at is not None:
        return None
    mine = or_(Booking.candidate_id == person_id, Booking.interviewer_id == person_id)
    ahead = select(Booking).where(mine, Booking.state != "cancelled", Booking.end_at > now)
    behind = select(Booking).where(mine, or_(Booking.state == "cancelled", Booking.end_at <= now))
    return PersonFile(
        person=found,
        ahead=db.session.scalars(ahead.order_by(Booking.start_at)).all(),
        behind=db.session.scalars(behind.order_by(Booking.start_at.desc()).limit(most)).all(),
        waiting=db.session.scalars(
            select(SlotRequest)
            .where(SlotRequest.candidate_id == person_id, lists.waiting())
            .order_by(SlotRequest.created_at)
        ).all(),
        history=history(f"person:{person_id}"),
    )


def cancellable(ids: Sequence[int], *, now: datetime) -> list[Booking]:
    """Those of these bookings that are confirmed and ahead, the earliest first."""
    query = select(Booking).where(
        Booking.id.in_(ids), Booking.state == "confirmed", Booking.start_at > now
    )
    return list(db.session.scalars(query.order_by(Booking.start_at, Booking.id)))


def candidates(text: str, *, most: int = 20) -> Sequence[Person]:
    """People with a candidate's profile whose name or address holds `text`, by name."""
    chosen = lists.Filter(q=text, role="candidate")
    query = (
        lists.people(chosen)
        .where(Person.active, Person.candidate.has())
        .options(joinedload(Person.candidate))
    )
    return [person for person, _profile in db.session.execute(query.limit(most)).unique()]


def candidate(person_id: int) -> Person | None:
    """An open account with a candidate's profile."""
    found = db.session.get(Person, person_id)
    return found if found is not None and found.active and found.candidate is not None else None
