"""Who came: each side reports the other, and may correct it until the feedback is released."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain import interview
from mockint.domain.errors import N_, Conflict, Invalid, NotYours
from mockint.domain.feedback import VISIBLE
from mockint.models import AuditEntry, Booking, Feedback
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
        if _released(booking_id):
            raise Conflict(
                N_("The feedback is released, so this can no longer change. Write to an organiser.")
            )
        if _settled(booking_id):
            raise Conflict(N_("An organiser has settled this, so it can no longer change."))
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


SETTLED = {
    interview.Verdict.ATTENDED: (interview.Report.ATTENDED, interview.Report.ATTENDED),
    interview.Verdict.CANDIDATE_ABSENT: (interview.Report.UNKNOWN, interview.Report.ABSENT),
    interview.Verdict.INTERVIEWER_ABSENT: (interview.Report.ABSENT, interview.Report.UNKNOWN),
}
"""What an organiser may decide, and the two reports (candidate's, interviewer's) that say so."""


def settle(booking_id: int, *, verdict: str, by: int, now: datetime) -> Booking:
    """An organiser says what counts; what both sides reported stays in the audit row."""
    if verdict not in SETTLED:
        raise Invalid("verdict", N_("Say whether it took place, or who did not come."))
    reports = SETTLED[interview.Verdict(verdict)]
    with transaction():
        booking = db.session.scalar(
            select(Booking).where(Booking.id == booking_id).with_for_update(of=Booking)
        )
        if booking is None or booking.state == "held":
            raise NotYours
        if booking.state != "confirmed":
            raise Conflict(N_("Only an interview that was to take place can be reported on."))
        interview.require_report(
            interview.Report.ABSENT if interview.Report.ABSENT in reports else reports[0],
            booking.start_at,
            now=now,
        )
        before = (booking.interviewer_attendance, booking.candidate_attendance)
        if before == reports:
            return booking
        if interview.Report.ABSENT in reports and _released(booking_id):
            raise Conflict(N_("The feedback is released, so this interview took place."))
        booking.interviewer_attendance, booking.candidate_attendance = reports
        booking.updated_at = now
        audit.record(
            "attendance.settle",
            f"booking:{booking_id}",
            by=by,
            now=now,
            before={"interviewer": before[0], "candidate": before[1]},
            after={"verdict": verdict},
        )
        _settle_mail(booking, now=now)
    return booking


def _released(booking_id: int) -> bool:
    released = select(Feedback.id).where(
        Feedback.booking_id == booking_id, Feedback.state.in_(VISIBLE)
    )
    return db.session.scalar(released) is not None


def _settled(booking_id: int) -> bool:
    entry = select(AuditEntry.id).where(
        AuditEntry.subject == f"booking:{booking_id}", AuditEntry.action == "attendance.settle"
    )
    return db.session.scalar(entry.limit(1)) is not None


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
