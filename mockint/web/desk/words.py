"""How the organiser's pages name ages, states and mails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from flask_babel import gettext as _

from mockint.domain import availability, booking, interview
from mockint.domain.booking import State
from mockint.domain.errors import N_
from mockint.domain.interview import Verdict
from mockint.domain.reply import Outcome, Partstat
from mockint.models import (
    Booking,
    Feedback,
    InterviewerProfile,
    Invitation,
    OutboxMessage,
    Person,
)
from mockint.services import holds, matching

Shown = tuple[str | None, str, str | None]
"""Shape (None: no shape), words and tone, as `ui.state` takes them."""

OF_CANDIDATES = {
    availability.REASON_WORDS[availability.Reason.CANDIDATE_BUSY]: N_(
        "The candidate has another interview then."
    ),
    booking.FULL: N_(
        "The candidate already has %(count)s upcoming interviews; %(limit)s is the most."
    ),
    holds.UNCONFIRMED: N_("The candidate has not confirmed the e-mail address."),
    matching.UNFINISHED: N_("The candidate has not said what to prepare for."),
}
"""Refusals as a candidate reads them, and as an organiser does who books for the candidate."""


def of_candidate(sentence: str) -> str:
    """What a candidate is told as "you", said about the candidate; untranslated."""
    return OF_CANDIDATES.get(sentence, sentence)


MAIL_KINDS = {
    "invitation": N_("Invitation"),
    "update": N_("Interview changed"),
    "cancellation": N_("Cancellation"),
    "replaced": N_("Another interviewer takes over"),
    "declined": N_("The other side cannot come"),
    "comes-again": N_("The other side comes after all"),
    "proposed": N_("Another time is proposed"),
    "confirm-answer": N_("Confirm an answer"),
    "reminder": N_("Reminder"),
    "rate-interviewer": N_("Rate your interviewer"),
    "feedback-nudge": N_("Feedback is owed"),
    "feedback-late": N_("Feedback is late"),
    "feedback-ready": N_("Feedback is ready"),
    "practise-next": N_("Plan after a weak interview"),
    "feedback-addendum": N_("Words were added"),
    "feedback-withdrawn": N_("Feedback was withdrawn"),
    "feedback-closed": N_("There will be no feedback"),
    "time-opened": N_("A time has opened"),
    "round-opened": N_("A round asks for interviewers"),
    "round-closing": N_("A round closes soon"),
    "round-result": N_("No interview in a round"),
    "calendar-failing": N_("Own calendar cannot be read"),
    "clock-rules": N_("New clock rules"),
    "calendar-busy": N_("Busy in the own calendar"),
    "confirm-address": N_("Confirm your address"),
    "login-link": N_("Sign-in link"),
    "reset-password": N_("Reset the password"),
    "change-address": N_("Confirm the new address"),
    "address-changed": N_("Address changed"),
    "password-changed": N_("Password changed"),
    "report-opened": N_("A private report waits"),
    "volunteer-received": N_("Application received"),
    "volunteer-approved": N_("Application approved"),
    "volunteer-returned": N_("Application sent back"),
    "volunteer-declined": N_("Application declined"),
    "volunteer-invited": N_("Invited to volunteer"),
}
"""Folder of templates/mail to what an organiser calls it."""

APPLICATIONS = {
    "invited": N_("Invited"),
    "applied": N_("Applied"),
    "returned": N_("Sent back"),
    "approved": N_("Approved"),
    "declined": N_("Declined"),
    "withdrawn": N_("Withdrawn"),
}
ROLES = {
    "candidate": N_("Candidate"),
    "interviewer": N_("Interviewer"),
    "organiser": N_("Organiser"),
}
FEEDBACK = {
    "submitted": N_("Submitted"),
    "sealed": N_("Sealed"),
    "released": N_("Released"),
    "acknowledged": N_("Read"),
    "withdrawn": N_("Withdrawn"),
}
MAIL_STATES: dict[str, Shown] = {
    "pending": ("held", N_("Waiting"), "quiet"),
    "sending": ("running", N_("Going out"), None),
    "sent": ("done", N_("Sent"), None),
    "suppressed": ("cancelled", N_("Not needed"), "quiet"),
    "dead": ("alert", N_("Given up"), "bad"),
}
COMING: dict[Partstat, Shown] = {
    Partstat.NEEDS_ACTION: ("held", N_("Has not answered yet"), "quiet"),
    Partstat.ACCEPTED: ("confirmed", N_("Will come"), None),
    Partstat.TENTATIVE: ("held", N_("May come"), None),
    Partstat.DECLINED: ("alert", N_("Cannot come"), "warn"),
    Partstat.DELEGATED: ("alert", N_("Wants to send somebody else"), "warn"),
}
OUTCOMES: dict[Outcome, Shown] = {
    Outcome.APPLIED: ("done", N_("Noted"), None),
    Outcome.IGNORED: ("cancelled", N_("No effect"), "quiet"),
    Outcome.HELD: ("held", N_("To be confirmed"), None),
    Outcome.BOUNCE: ("alert", N_("Came back"), "bad"),
    Outcome.REFUSED: ("alert", N_("Refused"), "warn"),
}
ACTIONS = {
    "booking.confirm": N_("booked it"),
    "booking.move": N_("moved it"),
    "booking.cancel": N_("cancelled it"),
    "booking.behalf": N_("booked it for the candidate"),
    "booking.answer": N_("answered the invitation"),
    "booking.propose": N_("proposed another time"),
    "booking.hand_over": N_("chose another interviewer"),
    "attendance.report": N_("reported who came"),
    "attendance.settle": N_("settled who came"),
    "report.open": N_("opened a private report"),
    "report.close": N_("closed the private report"),
    "application.send": N_("sent the application"),
    "application.decide": N_("decided on the application"),
    "application.withdraw": N_("took the application back"),
    "person.disable": N_("closed the account"),
    "person.enable": N_("opened the account again"),
    "pair.block": N_("kept two people apart"),
    "pair.allow": N_("let two people meet again"),
    "role.add": N_("gave a role"),
    "role.remove": N_("took a role away"),
}
"""What the audit rows of bookings and people mean; others are shown by their own name."""


def age(since: datetime, now: datetime) -> str:
    """How long ago, or how soon: 22 h, 2 days."""
    minutes = int(abs((now - since).total_seconds()) // 60)
    if minutes < 60:
        return _("%(minutes)s min", minutes=max(1, minutes))
    if minutes < 48 * 60:
        return _("%(hours)s h", hours=minutes // 60)
    return _("%(days)s days", days=minutes // (24 * 60))


def named(keys: Iterable[str], names: Mapping[str, str]) -> str:
    """Keys as their names: Mid, Senior."""
    return ", ".join(_(names[key]) for key in keys if key in names)


def mail_kind(kind: str) -> str:
    """What a mail is called."""
    return _(MAIL_KINDS[kind]) if kind in MAIL_KINDS else kind


def action(name: str) -> str:
    """What an audit row says was done."""
    return _(ACTIONS[name]) if name in ACTIONS else name


def booking_state(booking: Booking, now: datetime) -> Shown:
    """Where a booking stands, for the state column."""
    if booking.state == State.CANCELLED:
        return "cancelled", _("Cancelled"), "quiet"
    if booking.state == State.HELD:
        over = booking.held_until is not None and booking.held_until <= now
        return "held", _("Hold run out") if over else _("Held"), "quiet"
    found = interview.verdict(booking.interviewer_attendance, booking.candidate_attendance)
    alerts = {
        Verdict.DISPUTED: (_("Disputed"), "bad"),
        Verdict.CANDIDATE_ABSENT: (_("Candidate absent"), "warn"),
        Verdict.INTERVIEWER_ABSENT: (_("Interviewer absent"), "warn"),
    }
    if found in alerts:
        return "alert", *alerts[found]
    phase = interview.phase(booking.start_at, booking.end_at, now)
    if phase is interview.Phase.OVER:
        return "done", _("Done"), None
    if phase is interview.Phase.RUNNING:
        return "running", _("Running"), None
    if not booking.meeting_link:
        return "alert", _("No meeting link"), "warn"
    return "confirmed", _("Confirmed"), None


def coming(told: Invitation | None) -> Shown:
    """What one side said about coming."""
    said = told.partstat if told is not None else Partstat.NEEDS_ACTION
    shape, word, tone = COMING[Partstat(said)]
    return shape, _(word), tone


def reply_outcome(outcome: str) -> Shown:
    """What became of a message that came in."""
    shape, word, tone = OUTCOMES[Outcome(outcome)]
    return shape, _(word), tone


def feedback_state(
    booking: Booking, feedback: Feedback | None, now: datetime, deadline: timedelta
) -> Shown:
    """Where the feedback stands, for the feedback column; no words while none is owed."""
    if feedback is not None and feedback.state in FEEDBACK:
        return None, _(FEEDBACK[feedback.state]), None
    if booking.state != State.CONFIRMED or booking.end_at > now:
        return None, "", None
    if not interview.feedback_owed(booking.interviewer_attendance, booking.candidate_attendance):
        return None, _("Stopped"), None
    due = booking.end_at + deadline
    if now > due:
        return "alert", _("%(age)s late", age=age(due, now)), "bad"
    return None, _("Draft") if feedback else _("Owed"), None


def mail_state(row: OutboxMessage) -> Shown:
    """What became of a mail; one that failed and waits says so."""
    if row.state == "pending" and row.attempts:
        return "alert", _("Failed for now"), "warn"
    shape, word, tone = MAIL_STATES[row.state]
    return shape, _(word), tone


def can_go_again(row: OutboxMessage) -> bool:
    """Whether sending it once more makes sense: it was tried, or given up."""
    return row.state in ("sent", "suppressed", "dead") or (
        row.state == "pending" and row.attempts > 0
    )


def person_state(person: Person, profile: InterviewerProfile | None) -> Shown:
    """What an organiser should know about a person first."""
    if not person.active:
        return "cancelled", _("Closed"), "quiet"
    if profile is not None and profile.state == "applied":
        return "alert", _(APPLICATIONS["applied"]), "warn"
    if person.confirmed_at is None:
        return "held", _("Unconfirmed"), "quiet"
    return "confirmed", _("Open"), None
