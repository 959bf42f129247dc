"""Who came: each side reports the other, and may correct it until the feedback is released."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain import interview
from mockint.domain.errors import N_, Conflict, Invalid, NotYours
from mockint.domain.feedback import VISIBLE
from mockint.models import Booking, Feedback
from mockint.services import audit, outbox

NUDGES = ("feedback-nudge", "feedback-late")
ABSENCE = "an absence was reported"


def report(booking_id: int, *, by: int, report: str, now: datetime) -> Booking:
    """Say whether the other side came; a reported absence ends the mails about feedback."""
    if report not in (interview.Report.ATTENDED, interview.Report.ABSENT):
        raise Invalid("report", N_("Say whether they came or not."))
    with transaction():
        booking = db.session.scalar(
            select(Booking).where(Booking.id == booking_id).with_for_update(of=Booking)
        )
        if booking is None or by not in (booking.candidate_id, booking.interviewer_id):
            raise NotYours
        if booking.state != "confirmed":
            raise Conflict(N_("Only an interview that was to take place can be reported on."))
        interview.require_report(report, booking.start_at, now=now)
        released = db.session.scalar(
            select(Feedback.id).where(
                Feedback.booking_id == booking_id, Feedback.state.in_(VISIBLE)
            )
        )
        if released is not None:
            raise Conflict(
                N_("The feedback is released, so this can no longer change. Write to an organiser.")
            )
        side = "interviewer" if by == booking.candidate_id else "candidate"
        before = getattr(booking, f"{side}_attendance")
        if before == report:
            return booking
        setattr(booking, f"{side}_attendance", report)
        booking.updated_at = now
        audit.record(
            "attendance.report",
            f"booking:{booking_id}",
            by=by,
            now=now,
            before={side: before},
            after={side: report},
        )
        _settle_mail(booking, now=now)
    return booking


def _settle_mail(booking: Booking, *, now: datetime) -> None:
    """Nobody is asked to write or to rate after an absence; a correction asks again."""
    reports = (booking.interviewer_attendance, booking.candidate_attendance)
    rating = ("rate-interviewer",)
    owed = interview.feedback_owed(*reports)
    took_place = interview.verdict(*reports) not in interview.ABSENCES
    for kinds, wanted in ((NUDGES, owed), (rating, took_place)):
        if wanted:
            outbox.revive(booking_id=booking.id, kinds=kinds, reason=ABSENCE, now=now)
        else:
            outbox.suppress(booking_id=booking.id, kinds=kinds, reason=ABSENCE)
