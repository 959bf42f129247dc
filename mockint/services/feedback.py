"""Feedback from draft to release, and the candidate's rating of the interviewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select

from mockint.db import db, transaction
from mockint.domain import feedback as rules
from mockint.domain import interview, tone, weak
from mockint.domain.account import clean_text
from mockint.domain.errors import N_, Conflict, Invalid, NotYours, Refusal, TooEarly, TooLate
from mockint.domain.feedback import Content, Lack, Part, Practice, Seen
from mockint.models import Booking, Feedback, InterviewerRating, PrivateReport
from mockint.queries import community as community_query
from mockint.queries import rubric as rubric_query
from mockint.queries import safety
from mockint.queries import tone as tone_query
from mockint.services import audit, drafts, outbox, owed

NUDGES = ("feedback-nudge", "feedback-late")
WRITTEN = "the feedback is written"
COMMENT_MAX = 1000
REPORT_MAX = 2000


class DraftChanged(Conflict):
    """The draft was saved elsewhere since this form was shown."""

    def __init__(self, found: Feedback | None) -> None:
        super().__init__(N_("This draft was changed in another window."))
        self.feedback = found


class Incomplete(Refusal):
    """The feedback lacks something; `lacks` says what, in the order of the form."""

    def __init__(self, lacks: Sequence[Lack]) -> None:
        super().__init__(N_("Some parts are still missing."))
        self.lacks = tuple(lacks)


# The interviewer


def save(
    booking_id: int,
    *,
    author_id: int,
    part: Part,
    revision: int,
    now: datetime,
    rubric_set_id: int | None = None,
) -> Feedback:
    """Keep one step of the draft; `revision` is the one the form was shown with, 0 for none.

    The first save takes `rubric_set_id`, the version the form was shown with. A stale revision
    is refused with DraftChanged, unless the step says the same already.
    """
    with transaction():
        booking = _authored(booking_id, author_id)
        _require_open(booking, now)
        found = _row(booking_id)
        if found is not None:
            rules.require_draft(found.state)
        if found is not None and drafts.holds(found, part):
            return found
        if revision != (found.revision if found else 0):
            raise DraftChanged(found)
        if found is None:
            found = drafts.begin(booking, rubric_set_id=rubric_set_id, now=now)
        drafts.apply(found, part)
        drafts.touch(found, now)
    return found


def submit(
    booking_id: int, *, author_id: int, now: datetime, revision: int | None = None
) -> Feedback:
    """Hand it in for the hold; submitting again changes nothing."""
    with transaction():
        booking = _authored(booking_id, author_id)
        found = _row(booking_id)
        if found is not None and found.state in rules.WRITTEN:
            return found
        _require_open(booking, now)
        if found is None:
            raise Incomplete(_lacks(booking, None))
        rules.require_draft(found.state)
        if revision is not None and revision != found.revision:
            raise DraftChanged(found)
        lacks = _lacks(booking, found)
        if lacks:
            raise Incomplete(lacks)
        move(found, "submitted", by=author_id, now=now)
        found.submitted_at = now
        outbox.suppress(booking_id=booking_id, kinds=NUDGES, reason=WRITTEN)
    return found


def reopen(booking_id: int, *, author_id: int, now: datetime) -> Feedback:
    """Take it back within the hold; reopening a draft changes nothing."""
    with transaction():
        _authored(booking_id, author_id)
        found = _row(booking_id)
        if found is None:
            raise NotYours
        if found.state == "draft":
            return found
        hold_min = community_query.current().feedback_hold_min
        if (
            found.state != "submitted"
            or found.submitted_at is None
            or now >= rules.sealed_from(found.submitted_at, hold_min)
        ):
            raise TooLate(N_("The hold is over, so this feedback can no longer change."))
        move(found, "draft", by=author_id, now=now)
        found.submitted_at = None
        outbox.revive(booking_id=booking_id, kinds=NUDGES, reason=WRITTEN, now=now)
    return found


def write(
    booking_id: int,
    *,
    author_id: int,
    scores: Mapping[str, Seen],
    recommendation: int,
    summary: str,
    strengths: Sequence[str],
    practice: Sequence[Practice],
    organiser_note: str = "",
    reason_for_difference: str = "",
    now: datetime,
) -> Feedback:
    """Write the whole feedback at once and submit it, by the same rules as the form."""
    content = Content(
        scores, recommendation, reason_for_difference, summary,
        tuple(strengths), tuple(practice), organiser_note,
    )  # fmt: skip
    with transaction():
        booking = _authored(booking_id, author_id)
        _require_open(booking, now)
        found = _row(booking_id) or drafts.begin(booking, rubric_set_id=None, now=now)
        rules.require_draft(found.state)
        drafts.replace(found, content)
        drafts.touch(found, now)
        db.session.flush()
        return submit(booking_id, author_id=author_id, now=now)


# The release


def release_due(*, now: datetime) -> int:
    """Seal what was held long enough and release what may be read; returns how many opened."""
    community = community_query.current()
    held_before = now - timedelta(minutes=community.feedback_hold_min)
    ended_before = now - timedelta(hours=community.rating_window_hours)
    waiting = db.session.scalars(
        select(Feedback.booking_id)
        .join(Booking, Booking.id == Feedback.booking_id)
        .outerjoin(InterviewerRating, InterviewerRating.booking_id == Feedback.booking_id)
        .where(
            or_(
                and_(Feedback.state == "submitted", Feedback.submitted_at <= held_before),
                and_(
                    Feedback.state == "sealed",
                    or_(
                        InterviewerRating.booking_id.is_not(None),
                        Booking.end_at <= ended_before,
                    ),
                ),
            )
        )
        .order_by(Feedback.id)
    ).all()
    opened = 0
    for booking_id in waiting:
        with transaction():
            booking = _locked(booking_id)
            opened += _advance(booking, now) if booking is not None else False
    return opened


def _advance(booking: Booking, now: datetime) -> bool:
    """Seal and release one feedback as far as its time has come; True when it was released."""
    community = community_query.current()
    found = _row(booking.id)
    if found is None:
        return False
    if found.state == "submitted" and found.submitted_at is not None:
        sealed_at = rules.sealed_from(found.submitted_at, community.feedback_hold_min)
        if now >= sealed_at:
            move(found, "sealed", by=None, now=now)
            found.sealed_at = sealed_at
    rated = db.session.get(InterviewerRating, booking.id) is not None
    window = community.rating_window_hours
    if found.state != "sealed" or not rules.releasable(
        rated=rated, end=booking.end_at, window_hours=window, now=now
    ):
        return False
    move(found, "released", by=None, now=now)
    found.released_at = now
    outbox.record(
        key=f"booking:{booking.id}:candidate:feedback-ready:{booking.sequence}",
        kind="feedback-ready",
        person_id=booking.candidate_id,
        booking_id=booking.id,
        side="candidate",
        sequence=booking.sequence,
        due_at=now,
        now=now,
    )
    remind_at = weak.mail_due(found.recommendation, now)
    if remind_at is not None:
        owed.practice(booking, due_at=remind_at, now=now)
    return True


# The candidate


def rate(
    booking_id: int,
    *,
    by: int,
    ratings: Mapping[str, int],
    comment: str = "",
    report: str = "",
    now: datetime,
) -> InterviewerRating:
    """The candidate's word on the interviewer, given once; it may release the feedback.

    A 1 on respect opens a private report to the organisers; `report` is what it says.
    """
    if set(ratings) != set(rules.RATING_KEYS) or not set(ratings.values()) <= {1, 2, 3, 4}:
        raise Invalid("ratings", N_("Answer all four questions."))
    comment = clean_text("comment", comment, COMMENT_MAX)
    report = clean_text("report", report, REPORT_MAX)
    with transaction():
        booking = _locked(booking_id)
        if booking is None or booking.candidate_id != by:
            raise NotYours
        require_rateable(booking, now)
        given = db.session.get(InterviewerRating, booking_id)
        if given is not None:
            return given
        found = _row(booking_id)
        given = InterviewerRating(
            booking_id=booking_id,
            **ratings,
            comment=comment,
            after_release=found is not None and found.state in rules.VISIBLE,
            created_at=now,
        )
        db.session.add(given)
        if ratings["respect"] == 1:
            db.session.add(PrivateReport(booking_id=booking_id, text=report, created_at=now))
            audit.record("report.open", f"report:{booking_id}", by=by, now=now)
            _tell_safety_person(booking, now=now)
        db.session.flush()
        outbox.suppress(booking_id=booking_id, kinds=("rate-interviewer",), reason="rated already")
        _advance(booking, now)
    return given


def _tell_safety_person(booking: Booking, *, now: datetime) -> None:
    """A mail without the text, to the one person who may read it."""
    named = safety.named()
    if named is not None:
        outbox.record(
            key=f"booking:{booking.id}:safety:report-opened",
            kind="report-opened",
            person_id=named[0],
            payload={"booking": booking.id},
            due_at=now,
            now=now,
        )


def require_rateable(booking: Booking, now: datetime) -> None:
    """Refuse a rating before the end, after a cancellation and after an absence."""
    if booking.state != "confirmed":
        raise Conflict(N_("This interview was cancelled, so there is nothing to rate."))
    if now < booking.end_at:
        raise TooEarly(N_("You can rate the interviewer when the interview is over."))
    found = interview.verdict(booking.interviewer_attendance, booking.candidate_attendance)
    if found in interview.ABSENCES:
        raise Conflict(N_("An absence was reported, so there is nothing to rate."))


def acknowledge(
    booking_id: int, *, candidate_id: int, usefulness: int | None = None, now: datetime
) -> Feedback:
    """The candidate has read it, and may say how useful it was; the first answer stays."""
    if usefulness is not None and usefulness not in (1, 2, 3, 4):
        raise Invalid("usefulness", N_("Choose one of the four."))
    with transaction():
        booking = _locked(booking_id)
        found = _row(booking_id)
        if booking is None or booking.candidate_id != candidate_id or found is None:
            raise NotYours
        if found.state not in rules.VISIBLE:
            raise NotYours
        if found.state == "released":
            move(found, "acknowledged", by=candidate_id, now=now)
            found.acknowledged_at = now
        if found.usefulness is None:
            found.usefulness = usefulness
    return found


# An organiser


def close_report(booking_id: int, *, by: int, now: datetime) -> None:
    """The safety person has dealt with a private report; closing twice changes nothing."""
    with transaction():
        if not safety.reads(by):
            raise NotYours
        report = db.session.scalar(
            select(PrivateReport).where(PrivateReport.booking_id == booking_id).with_for_update()
        )
        if report is None:
            raise NotYours
        if report.closed_at is None:
            report.closed_at, report.closed_by = now, by
            audit.record("report.close", f"report:{booking_id}", by=by, now=now)


# Rows


def _locked(booking_id: int) -> Booking | None:
    return db.session.scalar(
        select(Booking).where(Booking.id == booking_id).with_for_update(of=Booking)
    )


def _authored(booking_id: int, author_id: int) -> Booking:
    booking = _locked(booking_id)
    if booking is None or booking.interviewer_id != author_id or booking.state == "held":
        raise NotYours
    return booking


def _row(booking_id: int) -> Feedback | None:
    return db.session.scalar(select(Feedback).where(Feedback.booking_id == booking_id))


def _require_open(booking: Booking, now: datetime) -> None:
    owed = interview.feedback_owed(booking.interviewer_attendance, booking.candidate_attendance)
    rules.require_open(state=booking.state, start=booking.start_at, owed=owed, now=now)


def _lacks(booking: Booking, found: Feedback | None) -> list[Lack]:
    row = found.rubric_set if found else rubric_query.newest()
    parsed = rubric_query.parsed(row)
    content = drafts.content(found) if found else Content()
    return [
        *rules.missing(content, parsed.tracks[booking.track], parsed.rules),
        *tone.lacks(tone_query.findings(content)),
    ]


def move(found: Feedback, to: str, *, by: int | None, now: datetime) -> None:
    """Into another state, with its audit row; Conflict where that is no legal move."""
    if to not in rules.MOVES[found.state]:
        raise Conflict(N_("This feedback is no longer in a state that allows it."))
    before, found.state = found.state, to
    found.updated_at = now
    audit.record(f"feedback.{to}", f"feedback:{found.id}", by=by, now=now, before=before, after=to)
