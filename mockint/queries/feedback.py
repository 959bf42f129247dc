"""Feedback for the pages: what is owed, what may be read, what candidates say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload, lazyload

from mockint.db import db
from mockint.domain import feedback as rules
from mockint.domain.errors import NotYours
from mockint.domain.feedback import Content, Echo, Practice, Rating, Seen
from mockint.domain.rubric import RubricSet, Track
from mockint.models import Booking, Feedback, InterviewerRating, Person, PrivateReport
from mockint.models import RubricSet as RubricRow
from mockint.queries import rubric as rubric_query

SHOWN = 20
"""How many finished ones the interviewer's page lists."""


def content(found: Feedback) -> Content:
    """The rows as domain values."""
    return Content(
        scores={
            row.dimension: Seen(row.evidence, row.score, row.not_observed) for row in found.scores
        },
        recommendation=found.recommendation,
        reason_for_difference=found.reason_for_difference,
        summary=found.summary,
        strengths=tuple(found.strengths),
        practice=tuple(
            Practice(row.focus, row.gap, row.aim, row.exercise, row.amount, row.check, row.resource)
            for row in found.practice
        ),
        organiser_note=found.organiser_note,
    )


def notes(found: Feedback | None) -> dict[str, str]:
    """Interview notes by dimension."""
    return {row.dimension: row.note for row in found.scores if row.note} if found else {}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form shows: the booking, what is written, and the rubric it is written on."""

    booking: Booking
    feedback: Feedback | None
    rubric_row: RubricRow
    rubric: RubricSet
    track: Track
    content: Content

    @property
    def revision(self) -> int:
        """What the next save has to name; 0 before the first one."""
        return self.feedback.revision if self.feedback else 0

    @property
    def scored(self) -> int:
        """How many dimensions are scored on evidence or not observed."""
        open_ones = rules.unsettled(self.content, self.track, self.rubric.rules)
        return len(self.track.dimensions) - len(open_ones)


ONE_INTERVIEW = (
    lazyload(Feedback.booking),
    lazyload(Booking.interviewer),
    joinedload(Booking.candidate).load_only(Person.name, Person.zone),
)
"""For an interviewer's own rows of Booking and Feedback: what is at hand already stays away."""
_DRAFT = (
    select(Booking, Feedback, RubricRow)
    .outerjoin(Feedback, Feedback.booking_id == Booking.id)
    .outerjoin(RubricRow, RubricRow.key == rubric_query.DEFAULT)
    .options(*ONE_INTERVIEW)
    .where(
        Booking.id == bindparam("booking_id"),
        Booking.interviewer_id == bindparam("author_id"),
        Booking.state != "held",
    )
)


def draft(booking_id: int, *, author_id: int) -> Draft:
    """The author's own draft; NotYours for anybody else."""
    asked = {"booking_id": booking_id, "author_id": author_id}
    rows = db.session.execute(_DRAFT, asked).all()
    if not rows:
        raise NotYours
    published = [row for _booking, _feedback, row in rows if row is not None]
    return _draft(rows[0][0], rows[0][1], rubric_query.highest(published))


def _draft(booking: Booking, found: Feedback | None, newest: RubricRow) -> Draft:
    rubric_row = found.rubric_set if found else newest
    parsed = rubric_query.parsed(rubric_row)
    return Draft(
        booking,
        found,
        rubric_row,
        parsed,
        parsed.tracks[booking.track],
        content(found) if found else Content(),
    )


OWED = and_(
    Booking.interviewer_id == bindparam("interviewer_id"),
    Booking.state == "confirmed",
    Booking.start_at <= bindparam("now"),
    Booking.candidate_attendance != "absent",
    or_(
        Booking.interviewer_attendance != "absent",
        Booking.candidate_attendance == "attended",
    ),
    or_(Feedback.id.is_(None), Feedback.state == "draft"),
)
"""Begun, not cancelled, nobody absent, and not yet handed in; outer join Feedback."""
_OWED_COUNT = (
    select(func.count())
    .select_from(Booking)
    .outerjoin(Feedback, Feedback.booking_id == Booking.id)
    .where(OWED)
)
_OWED = (
    select(Booking, Feedback)
    .outerjoin(Feedback, Feedback.booking_id == Booking.id)
    .options(*ONE_INTERVIEW)
    .where(OWED)
    .order_by(Booking.end_at, Booking.id)
)


def owed_count(interviewer_id: int, *, now: datetime) -> int:
    """How many feedbacks this interviewer owes."""
    return db.session.scalar(_OWED_COUNT, {"interviewer_id": interviewer_id, "now": now}) or 0


def owed(interviewer_id: int, *, now: datetime) -> list[Draft]:
    """What is owed, the most urgent first, whether a draft was begun or not."""
    found = db.session.execute(_OWED, {"interviewer_id": interviewer_id, "now": now})
    return drafts([(booking, feedback) for booking, feedback in found.unique()])


def drafts(rows: Sequence[tuple[Booking, Feedback | None]]) -> list[Draft]:
    """Drafts, also those that nobody has begun."""
    if not rows:
        return []
    newest = rubric_query.newest()
    return [_draft(booking, found, newest) for booking, found in rows]


def written(interviewer_id: int) -> Sequence[Feedback]:
    """What this interviewer handed in, the newest first."""
    query: Select[Feedback] = (
        select(Feedback)
        .join(Booking, Booking.id == Feedback.booking_id)
        .where(Feedback.author_id == interviewer_id, Feedback.state.in_(rules.WRITTEN))
        .order_by(Feedback.submitted_at.desc(), Feedback.id.desc())
        .limit(SHOWN)
    )
    return db.session.scalars(query).unique().all()


def echo(interviewer_id: int) -> Echo | None:
    """What candidates say about this interviewer, once enough have spoken."""
    rows = db.session.scalars(
        select(InterviewerRating)
        .join(Booking, Booking.id == InterviewerRating.booking_id)
        .where(Booking.interviewer_id == interviewer_id, ~InterviewerRating.after_release)
        .order_by(InterviewerRating.created_at, InterviewerRating.booking_id)
    )
    return rules.echo(
        [Rating({key: getattr(row, key) for key in rules.RATING_KEYS}, row.comment) for row in rows]
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One feedback as somebody may see it."""

    booking: Booking
    feedback: Feedback | None
    rating: InterviewerRating | None
    viewer: str
    """candidate, author or organiser."""
    report: str = ""
    """What the candidate told the organisers alone; only there for the candidate."""

    @property
    def open(self) -> bool:
        """Whether this viewer may read what is written."""
        if self.feedback is None:
            return False
        visible = rules.VISIBLE if self.viewer == "candidate" else rules.WRITTEN
        return self.feedback.state in visible


def reading(booking_id: int, *, person_id: int, organiser: bool) -> Reading:
    """The feedback on this interview for this person; NotYours for a stranger.

    The candidate's rating and report are only there for the candidate: authors see aggregates.
    """
    row = db.session.execute(
        select(Booking, Feedback, InterviewerRating)
        .outerjoin(Feedback, Feedback.booking_id == Booking.id)
        .outerjoin(InterviewerRating, InterviewerRating.booking_id == Booking.id)
        .where(Booking.id == booking_id, Booking.state != "held")
    ).one_or_none()
    if row is None:
        raise NotYours
    booking, found, rating = row
    if booking.candidate_id == person_id:
        return Reading(booking, found, rating, "candidate", _report(rating))
    if booking.interviewer_id == person_id:
        return Reading(booking, found, None, "author")
    if organiser:
        return Reading(booking, found, None, "organiser")
    raise NotYours


def _report(rating: InterviewerRating | None) -> str:
    """What was written with a 1 on respect, which alone opens a report."""
    if rating is None or rating.respect != 1:
        return ""
    told = select(PrivateReport.text).where(PrivateReport.booking_id == rating.booking_id)
    return db.session.scalar(told) or ""
