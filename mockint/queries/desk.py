"""What the desk answers without a click, and what needs an organiser, most urgent first.

The desk is opened all day: its statements are few, built once, and ask for what it shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, or_, select, union_all

from mockint.db import UtcDateTime, db
from mockint.domain.owncalendars import TELL_ORGANISER_AFTER
from mockint.domain.promise import Promise
from mockint.models import (
    Booking,
    BusyCalendar,
    Feedback,
    InterviewerProfile,
    OutboxMessage,
    Person,
    PrivateReport,
    SlotRequest,
)
from mockint.queries import lists, promises

WEEK = timedelta(days=7)
MOST = 12
"""Of each kind of need, so that one bad day does not hide the other kinds."""


def _instant(name: str) -> Any:
    return bindparam(name, type_=UtcDateTime)


_now, _overdue_from = _instant("now"), _instant("overdue_from")
_two_weeks_ago, _four_weeks_ago = _instant("two_weeks_ago"), _instant("four_weeks_ago")
_confirmed = Booking.state == "confirmed"
_overdue = lists.overdue(_overdue_from)
_disputed = and_(lists.disputed(), Booking.start_at > _four_weeks_ago, Booking.start_at <= _now)
"""Nobody reports on an interview before it starts."""


def _moments(now: datetime, deadline: timedelta) -> dict[str, datetime]:
    return {
        "now": now,
        "overdue_from": now - deadline,
        "two_weeks_ago": now - 2 * WEEK,
        "four_weeks_ago": now - 4 * WEEK,
    }


# The five answers


@dataclass(frozen=True, slots=True)
class Answers:
    """The numbers of the desk beside the demand, each with what its sentence needs."""

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


def _count(*where: ColumnElement[bool]) -> Any:
    return func.count().filter(*where)


def _mails(*where: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(OutboxMessage).where(*where).scalar_subquery()


_today = Booking.start_at >= _instant("day_begins")
_COUNTED = (
    select(
        _count(_today, Booking.end_at <= _now).label("done"),
        _count(_today, Booking.start_at <= _now, Booking.end_at > _now).label("running"),
        _count(_today, Booking.start_at > _now).label("to_come"),
        _count(lists.absence(), Booking.start_at > _two_weeks_ago).label("absences"),
        _count(_disputed).label("disputes"),
        _count(_overdue).label("overdue"),
        func.min(Booking.end_at).filter(_overdue).label("overdue_oldest"),
    )
    .select_from(Booking)
    .outerjoin(Feedback, Feedback.booking_id == Booking.id)
    .where(
        _confirmed,
        Booking.start_at < _instant("day_ends"),
        or_(Booking.start_at > _four_weeks_ago, _overdue),
    )
    .subquery()
)
_ANSWERS = select(
    *_COUNTED.c,
    _mails(OutboxMessage.state == "dead").label("mail_dead"),
    _mails(OutboxMessage.state == "pending", OutboxMessage.attempts > 0).label("mail_retrying"),
    _mails(OutboxMessage.state == "sent", OutboxMessage.sent_at > _instant("week_ago")).label(
        "mail_sent"
    ),
)


def answers(*, now: datetime, today: tuple[datetime, datetime], deadline: timedelta) -> Answers:
    """Counted afresh; `today` is the organiser's local day."""
    day = {"day_begins": today[0], "day_ends": today[1], "week_ago": now - WEEK}
    row = db.session.execute(_ANSWERS, _moments(now, deadline) | day).one()
    return Answers(**row._mapping)


@dataclass(frozen=True, slots=True)
class Demand:
    """Candidates who wait to be told of a free time."""

    wanted: dict[tuple[str, str], int]
    """(track, level) to how many."""
    oldest: datetime | None
    """Since when the first of them has waited."""

    @property
    def total(self) -> int:
        return sum(self.wanted.values())


_DEMAND = (
    select(SlotRequest.track, SlotRequest.level, func.count(), func.min(SlotRequest.created_at))
    .where(lists.waiting())
    .group_by(SlotRequest.track, SlotRequest.level)
)


def demand() -> Demand:
    """By track and target level."""
    rows = db.session.execute(_DEMAND).all()
    return Demand(
        wanted={(track, level): count for track, level, count, _since in rows},
        oldest=min((since for *_rest, since in rows), default=None),
    )


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


# What needs an organiser


@dataclass(frozen=True, slots=True)
class Need:
    """An interview an organiser should do something about."""

    kind: str
    """One of `KINDS`."""
    since: datetime
    """When it was reported, or ended; of what is ahead when it begins."""
    booking_id: int
    track: str
    start_at: datetime
    candidate: str
    interviewer: str


KINDS = ("report", "disputed", "promise", "declined", "delegated", "overdue", "no_link")
"""The most urgent first."""


def _of_kind(kind: str, since: Any) -> Select[Any]:
    return select(
        literal(kind).label("kind"),
        since.label("since"),
        Booking.id.label("booking_id"),
        Booking.track,
        Booking.start_at,
        Booking.candidate_id,
        Booking.interviewer_id,
        Booking.zone,
        Booking.wall_start,
    )


def _needing(kind: str, since: Any) -> Select[Any]:
    """Interviews of one kind, those first that have waited longest."""
    return _of_kind(kind, since).order_by(since).limit(MOST)


_ahead = and_(_confirmed, Booking.start_at > _now)
_found = union_all(
    *(
        select(one.subquery())
        for one in (
            _needing("report", PrivateReport.created_at)
            .join(PrivateReport, PrivateReport.booking_id == Booking.id)
            .where(PrivateReport.closed_at.is_(None)),
            _needing("disputed", Booking.end_at).where(_disputed),
            # Python knows which promises are kept, so all are asked for that were in doubt.
            _of_kind("promise", Booking.start_at).where(_ahead, promises.asked()),
            _needing("declined", Booking.start_at).where(_ahead, lists.answered("DECLINED")),
            _needing("delegated", Booking.start_at).where(_ahead, lists.answered("DELEGATED")),
            _needing("overdue", Booking.end_at)
            .outerjoin(Feedback, Feedback.booking_id == Booking.id)
            .where(_overdue, Booking.start_at < _overdue_from),
            _needing("no_link", Booking.start_at).where(
                _ahead,
                Booking.start_at < _instant("in_two_weeks"),
                Booking.meeting_link == "",
            ),
        )
    )
).subquery()
_candidate = Person.__table__.alias("candidate")
_interviewer = Person.__table__.alias("interviewer")
_NEEDS = (
    select(
        _found.c.kind,
        _found.c.since,
        _found.c.booking_id,
        _found.c.track,
        _found.c.start_at,
        _candidate.c.name.label("candidate"),
        _interviewer.c.name.label("interviewer"),
        _found.c.zone,
        _found.c.wall_start,
    )
    .join(_candidate, _candidate.c.id == _found.c.candidate_id)
    .join(_interviewer, _interviewer.c.id == _found.c.interviewer_id)
)


def needs(*, now: datetime, deadline: timedelta) -> list[Need]:
    """Interviews that wait for an organiser, at most `MOST` of each kind."""
    asked = _moments(now, deadline) | {"in_two_weeks": now + 2 * WEEK}
    found: dict[str, list[Need]] = {kind: [] for kind in KINDS}
    for *shown, zone, wall_start in db.session.execute(_NEEDS, asked):
        one = Need(*shown)
        if one.kind != "promise" or not Promise(zone, wall_start, one.start_at).is_kept:
            found[one.kind].append(one)
    return [
        one for alike in found.values() for one in sorted(alike, key=lambda one: one.since)[:MOST]
    ]


@dataclass(frozen=True, slots=True)
class PersonNeed:
    """Somebody an organiser should do something about."""

    kind: str
    """calendar: their own calendar fails for long; volunteer: their application waits."""
    since: datetime
    person_id: int
    name: str
    zone: str
    tracks: tuple[str, ...]
    levels: tuple[str, ...]


def _person(kind: str, since: Any) -> Select[Any]:
    """People of one kind, those first that have waited longest."""
    return (
        select(
            literal(kind).label("kind"),
            since.label("since"),
            Person.id,
            Person.name,
            Person.zone,
            InterviewerProfile.tracks,
            InterviewerProfile.levels,
        )
        .join(InterviewerProfile, InterviewerProfile.person_id == Person.id)
        .where(Person.deleted_at.is_(None))
        .order_by(since)
        .limit(MOST)
    )


_PEOPLE = union_all(
    *(
        select(one.subquery())
        for one in (
            _person("calendar", BusyCalendar.failing_since)
            .join(BusyCalendar, BusyCalendar.person_id == Person.id)
            .where(
                BusyCalendar.failing_since <= _instant("failing_from"),
                InterviewerProfile.state == "approved",
                Person.active,
            ),
            _person("volunteer", InterviewerProfile.applied_at).where(
                InterviewerProfile.state == "applied"
            ),
        )
    )
)


def people(*, now: datetime) -> list[PersonNeed]:
    """People who wait for an organiser, at most `MOST` of each kind."""
    asked = {"failing_from": now - TELL_ORGANISER_AFTER}
    found = [PersonNeed(*row) for row in db.session.execute(_PEOPLE, asked)]
    return sorted(found, key=lambda one: (one.kind, one.since))
