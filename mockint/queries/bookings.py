"""Bookings as the booking pages show them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from mockint.db import db
from mockint.domain.timespan import Span
from mockint.models import Booking, InterviewerProfile, Person


def find(booking_id: int) -> Booking | None:
    """A booking with both people and their profiles."""
    return db.session.get(Booking, booking_id)


def own_hold(candidate_id: int, *, now: datetime) -> Booking | None:
    """The time this candidate holds, until it runs out."""
    return db.session.scalar(
        select(Booking).where(
            Booking.candidate_id == candidate_id,
            Booking.state == "held",
            Booking.held_until > now,
        )
    )


def taken_at(
    span: Span, *, interviewer_ids: Collection[int], but: int, now: datetime
) -> datetime | None:
    """When somebody other than `but` took a time of these interviewers that overlaps `span`."""
    return db.session.scalar(
        select(func.max(func.coalesce(Booking.confirmed_at, Booking.created_at))).where(
            Booking.interviewer_id.in_(interviewer_ids),
            Booking.candidate_id != but,
            Booking.start_at < span.end,
            Booking.end_at > span.start,
            or_(
                Booking.state == "confirmed",
                and_(Booking.state == "held", Booking.held_until > now),
            ),
        )
    )


def interviewer(person_id: int) -> InterviewerProfile | None:
    """The public profile of an approved interviewer."""
    return db.session.scalar(
        select(InterviewerProfile)
        .join(Person, Person.id == InterviewerProfile.person_id)
        .where(
            InterviewerProfile.person_id == person_id,
            InterviewerProfile.state == "approved",
            Person.active,
            Person.deleted_at.is_(None),
        )
    )
