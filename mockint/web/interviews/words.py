"""What is said about an interview: where it stands, and when its feedback can be read."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from mockint.domain import feedback as rules
from mockint.domain import interview, zones
from mockint.domain.community import Community
from mockint.domain.interview import Phase, Verdict
from mockint.domain.reply import Partstat
from mockint.models import Booking, Invitation
from mockint.queries.interviews import Interview
from mockint.web import presenters

State = tuple[str, str, str | None]
"""Shape, words and tone, as `ui.state` takes them."""


def when(at: datetime) -> str:
    """A moment with the reader's zone beside it: Fri 27 Nov, 15:00, Berlin."""
    return f"{presenters.moment(at)}, {zones.place(presenters.reader_zone())}"


def other(found: Interview) -> str:
    """How the person on the other side is called."""
    return presenters.given(getattr(found.booking, found.other_side).name)


def state(found: Interview, community: Community, now: datetime) -> State:
    """One shape and a few words for a list."""
    booking = found.booking
    if booking.state == "cancelled":
        return "cancelled", _("Cancelled"), None
    phase = interview.phase(booking.start_at, booking.end_at, now)
    if phase == Phase.AHEAD:
        return said(found) or ("confirmed", _("Booked"), None)
    if found.verdict == Verdict.DISPUTED:
        return "alert", _("Reports differ, organisers look at it"), None
    if found.verdict in interview.ABSENCES:
        return "cancelled", _absence(found), None
    if phase == Phase.RUNNING:
        return "running", _("Running now"), None
    if found.feedback in rules.VISIBLE:
        return "done", _("Feedback released"), "good"
    if found.feedback == "withdrawn":
        return "cancelled", _("Feedback withdrawn"), None
    return _waiting(found, community, now)


def said(found: Interview) -> State | None:
    """Who comes to an interview ahead: who cannot matters most; None while nobody said anything."""
    name = other(found)
    theirs = found.theirs.partstat if found.theirs is not None else ""
    if theirs == Partstat.DECLINED:
        return "alert", _("%(name)s cannot come", name=name), None
    if found.mine is not None and found.mine.partstat == Partstat.DECLINED:
        return "alert", _("You cannot come"), None
    return {
        Partstat.ACCEPTED.value: ("confirmed", _("%(name)s will come", name=name), None),
        Partstat.TENTATIVE.value: ("held", _("%(name)s may come", name=name), None),
    }.get(theirs)


def coming(told: Invitation | None, *, own: bool) -> State:
    """What one side said about coming; a wish to send somebody is theirs and the organisers'."""
    said = told.partstat if told is not None else ""
    if own and said == Partstat.DELEGATED:
        return "alert", _("You asked that somebody else comes"), None
    return {
        Partstat.ACCEPTED.value: ("confirmed", _("Will come"), None),
        Partstat.TENTATIVE.value: ("held", _("May come"), None),
        Partstat.DECLINED.value: ("alert", _("Cannot come"), None),
    }.get(said, ("held", _("Not answered yet"), None))


def _absence(found: Interview) -> str:
    absent = "candidate" if found.verdict == Verdict.CANDIDATE_ABSENT else "interviewer"
    if absent == found.side:
        return _("You were reported as absent")
    return _("%(name)s did not come", name=other(found))


def _waiting(found: Interview, community: Community, now: datetime) -> State:
    due = rules.due_at(found.booking.end_at, community.feedback_deadline_hours)
    if found.side == "candidate":
        if found.feedback in rules.WRITTEN:
            words = _("Feedback is written") if found.rated else _("Feedback waits for your rating")
            return "held", words, None
        if now >= due:
            return "alert", _("Feedback is late, a reminder was sent"), "warn"
        return "held", _("Feedback due %(when)s", when=presenters.moment(due)), None
    if found.feedback == "submitted":
        return "held", _("Feedback held, you can still change it"), None
    if found.feedback == "sealed":
        return "done", _("Feedback sealed"), None
    if now >= due:
        return "alert", _("Feedback late since %(when)s", when=presenters.moment(due)), None
    return "alert", _("Feedback due %(when)s", when=presenters.moment(due)), "warn"


def amount(due: datetime, now: datetime) -> str:
    """How far off a deadline is, short enough for a gutter: 19 h."""
    minutes = abs(int((due - now).total_seconds())) // 60
    if minutes >= 48 * 60:
        return _("%(n)s d", n=minutes // 1440)
    return _("%(n)s h", n=minutes // 60) if minutes >= 60 else _("%(n)s min", n=minutes)


def left(due: datetime, now: datetime) -> str:
    """19 hours left, or 3 hours late; whole hours, minutes under one."""
    minutes = abs(int((due - now).total_seconds())) // 60
    if minutes >= 48 * 60:
        length = _("%(n)s days", n=minutes // 1440)
    elif minutes >= 120:
        length = _("%(n)s hours", n=minutes // 60)
    else:
        length = _("%(n)s minutes", n=minutes)
    return _("%(length)s left", length=length) if due > now else _("%(length)s late", length=length)


def release_lines(
    booking: Booking, *, feedback: str, rated: bool, community: Community, now: datetime
) -> list[str]:
    """To the candidate, honestly: what is still missing, and when the feedback can be read.

    `feedback` is its state: nothing, submitted or sealed.
    """
    name = presenters.given(booking.interviewer.name)
    window = rules.opens_without_rating(booking.end_at, community.rating_window_hours)
    if not feedback:
        due = rules.due_at(booking.end_at, community.feedback_deadline_hours)
        lines = [
            _("%(name)s has until %(when)s to write it.", name=name, when=when(due))
            if now < due
            else _("It is late: it was due %(when)s. %(name)s gets reminders.",
                   name=name, when=when(due))
        ]  # fmt: skip
        if not rated:
            lines.append(
                _(
                    "Rate %(name)s meanwhile: then you can read it about an hour after it is "
                    "handed in.",
                    name=name,
                )
            )
        return lines
    hold = presenters.duration(community.feedback_hold_min)
    held = _(
        "%(name)s has written it. Feedback rests for %(hold)s, in which its author may change it.",
        name=name,
        hold=hold,
    )
    if feedback == "sealed":
        return [
            _("%(name)s has written it.", name=name),
            _(
                "Rate your interviewer and you can read it at once, otherwise %(when)s.",
                when=when(window),
            ),
        ]
    if rated or now >= window:
        return [held, _("After that you can read it at once.")]
    return [
        held,
        _(
            "Rate your interviewer and you can read it after that, otherwise %(when)s.",
            when=when(window),
        ),
    ]


def own_report(found: Interview) -> str:
    """What the reader said about the other side, as a sentence; empty before."""
    if found.my_report == interview.Report.ATTENDED:
        return _("You said that %(name)s came.", name=other(found))
    if found.my_report == interview.Report.ABSENT:
        return _("You said that %(name)s did not come.", name=other(found))
    return ""
