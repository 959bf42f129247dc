"""What the desk answers without a click, and what needs an organiser, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select

from mockint.db import db
from mockint.models import (
    Booking,
    Feedback,
    InterviewerProfile,
    OutboxMessage,
    Person,
    PrivateReport,
    SlotRequest,
)
from mockint.queries import lists

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Answers:
    """The five numbers of the desk, each with what its sentence needs."""

    unfilled: int
    unfilled_oldest: datetime | None
    done: int
    running: int
    to_come: int
    absences: int
    disputes: int
    overdue: int
    overdue_oldest: datetime | None
    """End of the interview that has waited longest."""
    mail_dead: int
    mail_retrying: int
    mail_sent: int
    """Of the last seven days."""

    @property
    def today(self) -> int:
        """Interviews of the reader's local day."""
        return self.done + self.running + self.to_come


def answers(*, now: datetime, today: tuple[datetime, datetime], deadline: timedelta) -> Answers:
    """Counted afresh; `today` is the organiser's local day."""
    unfilled, oldest = db.session.execute(
        select(func.count(), func.min(SlotRequest.created_at)).where(SlotRequest.ended_at.is_(None))
    ).one()
    confirmed = Booking.state == "confirmed"
    in_day = and_(confirmed, Booking.start_at >= today[0], Booking.start_at < today[1])
    overdue, overdue_oldest = db.session.execute(
        select(func.count(), func.min(Booking.end_at))
        .select_from(Booking)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .where(lists.overdue(now, deadline))
    ).one()
    return Answers(
        unfilled=unfilled,
        unfilled_oldest=oldest,
        done=_count(in_day, Booking.end_at <= now),
        running=_count(in_day, Booking.start_at <= now, Booking.end_at > now),
        to_come=_count(in_day, Booking.start_at > now),
        absences=_count(lists.absence(), Booking.start_at > now - 2 * WEEK),
        disputes=_count(lists.disputed(), Booking.start_at > now - 4 * WEEK),
        overdue=overdue,
        overdue_oldest=overdue_oldest,
        mail_dead=_mails(OutboxMessage.state == "dead"),
        mail_retrying=_mails(OutboxMessage.state == "pending", OutboxMessage.attempts > 0),
        mail_sent=_mails(OutboxMessage.state == "sent", OutboxMessage.sent_at > now - WEEK),
    )


def _count(*where: object) -> int:
    query = select(func.count()).select_from(Booking).where(*where)  # type: ignore[arg-type]  # SQL
    return db.session.scalar(query) or 0


def _mails(*where: object) -> int:
    query = select(func.count()).select_from(OutboxMessage).where(*where)  # type: ignore[arg-type]  # SQL
    return db.session.scalar(query) or 0


@dataclass(frozen=True, slots=True)
class Need:
    """One thing an organiser should do; `since` is how long it has waited."""

    kind: str
    """report, disputed, overdue, volunteer or no_link."""
    since: datetime
    person: Person
    booking: Booking | None = None


def needs(*, now: datetime, deadline: timedelta, most: int = 12) -> list[Need]:
    """What waits for an organiser: reports first, then disputes, overdue feedback, the rest."""
    found: list[Need] = []
    for report, booking in db.session.execute(
        select(PrivateReport, Booking)
        .join(Booking, Booking.id == PrivateReport.booking_id)
        .where(PrivateReport.closed_at.is_(None))
        .order_by(PrivateReport.created_at)
    ):
        found.append(Need("report", report.created_at, booking.candidate, booking))
    for booking in db.session.scalars(
        select(Booking)
        .where(lists.disputed(), Booking.start_at > now - 4 * WEEK)
        .order_by(Booking.start_at)
        .limit(most)
    ):
        found.append(Need("disputed", booking.end_at, booking.candidate, booking))
    for booking in db.session.scalars(
        select(Booking)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .where(lists.overdue(now, deadline))
        .order_by(Booking.end_at)
        .limit(most)
    ):
        found.append(Need("overdue", booking.end_at + deadline, booking.interviewer, booking))
    for booking in db.session.scalars(
        select(Booking)
        .where(
            Booking.state == "confirmed",
            Booking.start_at > now,
            Booking.start_at < now + 2 * WEEK,
            Booking.meeting_link == "",
        )
        .order_by(Booking.start_at)
        .limit(most)
    ):
        found.append(Need("no_link", booking.start_at, booking.interviewer, booking))
    for profile in db.session.scalars(
        select(InterviewerProfile)
        .where(InterviewerProfile.state == "applied")
        .order_by(InterviewerProfile.applied_at)
        .limit(most)
    ):
        found.append(Need("volunteer", profile.applied_at, profile.person))
    return found


def open_requests() -> list[tuple[str, str, int]]:
    """(track, level, how many candidates wait to be told), the most wanted first."""
    rows = db.session.execute(
        select(SlotRequest.track, SlotRequest.level, func.count())
        .where(SlotRequest.ended_at.is_(None))
        .group_by(SlotRequest.track, SlotRequest.level)
        .order_by(func.count().desc(), SlotRequest.track, SlotRequest.level)
    )
    return [(track, level, count) for track, level, count in rows]
