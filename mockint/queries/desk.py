"""What the desk answers without a click, and what needs an organiser, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import contains_eager

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
from mockint.queries import busytime, lists, promises

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
        select(func.count(), func.min(SlotRequest.created_at)).where(lists.waiting())
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


def _count(*where: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Booking).where(*where)) or 0


def _mails(*where: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(OutboxMessage).where(*where)) or 0


@dataclass(frozen=True, slots=True)
class Need:
    """One thing an organiser should do; `since` is how long it has waited."""

    kind: str
    """report, disputed, promise, declined, delegated, overdue, calendar, volunteer or no_link."""
    since: datetime
    person: Person
    booking: Booking | None = None
    ahead: bool = False
    """Whether `since` is the start of an interview to come."""


def needs(*, now: datetime, deadline: timedelta, most: int = 12) -> list[Need]:
    """What waits for an organiser: reports first, then disputes, who cannot come, the rest.

    At most `most` of each kind, so that one bad day does not hide the other kinds.
    """
    return [
        *_reports(most),
        *_bookings("disputed", lists.disputed(), Booking.start_at > now - 4 * WEEK, most=most),
        *(
            Need("promise", one.start_at, one.interviewer, one, ahead=True)
            for one in promises.asked(now, most=most)
        ),
        *(
            need
            for kind in ("declined", "delegated")
            for need in _bookings(
                kind,
                Booking.state == "confirmed",
                Booking.start_at > now,
                lists.answered(kind.upper()),
                most=most,
            )
        ),
        *_overdue(now, deadline, most),
        *_bookings(
            "no_link",
            Booking.state == "confirmed",
            Booking.start_at > now,
            Booking.start_at < now + 2 * WEEK,
            Booking.meeting_link == "",
            most=most,
        ),
        *_calendars(now, most),
        *_volunteers(most),
    ]


def _reports(most: int) -> list[Need]:
    rows = db.session.execute(
        select(PrivateReport, Booking)
        .join(Booking, Booking.id == PrivateReport.booking_id)
        .where(PrivateReport.closed_at.is_(None))
        .order_by(PrivateReport.created_at)
        .limit(most)
    )
    return [Need("report", one.created_at, booking.candidate, booking) for one, booking in rows]


def _bookings(kind: str, *where: ColumnElement[bool], most: int) -> list[Need]:
    """Bookings in need of something since they ended, or before they start."""
    found = db.session.scalars(select(Booking).where(*where).order_by(Booking.start_at).limit(most))
    ahead = kind != "disputed"
    return [Need(kind, b.start_at if ahead else b.end_at, b.interviewer, b, ahead) for b in found]


def _overdue(now: datetime, deadline: timedelta, most: int) -> list[Need]:
    found = db.session.scalars(
        select(Booking)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .where(lists.overdue(now, deadline))
        .order_by(Booking.end_at)
        .limit(most)
    )
    return [Need("overdue", b.end_at + deadline, b.interviewer, b) for b in found]


def _calendars(now: datetime, most: int) -> list[Need]:
    found = busytime.troubled(now=now, most=most)
    return [
        Need("calendar", one.failing_since, one.person)
        for one in found
        if one.failing_since is not None
    ]


def _volunteers(most: int) -> list[Need]:
    rows = db.session.execute(
        select(Person, InterviewerProfile.applied_at)
        .join(Person.interviewer)
        .options(contains_eager(Person.interviewer))
        .where(InterviewerProfile.state == "applied", Person.deleted_at.is_(None))
        .order_by(InterviewerProfile.applied_at)
        .limit(most)
    )
    return [Need("volunteer", applied_at, person) for person, applied_at in rows]


def wanted() -> dict[tuple[str, str], int]:
    """(track, level) to how many candidates wait to be told of a free time."""
    rows = db.session.execute(
        select(SlotRequest.track, SlotRequest.level, func.count())
        .where(lists.waiting())
        .group_by(SlotRequest.track, SlotRequest.level)
    )
    return {(track, level): count for track, level, count in rows}


def covering(track: str, level: str, *, today: date) -> tuple[int, int]:
    """How many approved interviewers take this, and how many of them have paused."""
    profile = InterviewerProfile
    rows = db.session.execute(
        select(profile.tracks, profile.levels, profile.paused_until)
        .join(Person, Person.id == profile.person_id)
        .where(profile.state == "approved", Person.active, Person.deleted_at.is_(None))
    )
    breaks = [until for tracks, levels, until in rows if track in tracks and level in levels]
    return len(breaks), sum(1 for until in breaks if until is not None and until > today)
