"""Bookings as an organiser sees them: the list, one of them, and what to settle there."""

from __future__ import annotations

from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain import interview, zones
from mockint.domain.booking import State
from mockint.domain.errors import NotYours, Refusal
from mockint.domain.feedback import RATING_KEYS, SEALED, WRITTEN
from mockint.domain.interview import Phase, Report
from mockint.models import Booking, Feedback, Person
from mockint.queries import ended, files, lists
from mockint.queries import rubric as rubric_query
from mockint.queries.files import BookingFile
from mockint.services import booking as booking_service
from mockint.services import feedback as feedback_service
from mockint.services import interview as interview_service
from mockint.web import presenters
from mockint.web.bookings import sides
from mockint.web.desk import words
from mockint.web.desk.blueprint import blueprint, deadline, ticked, today
from mockint.web.desk.forms import ReasonForm
from mockint.web.desk.listing import listing
from mockint.web.errors import sentence
from mockint.web.feedback import wording
from mockint.web.guards import ORGANISER, allow

HEADS = (
    "id", "start_utc", "minutes", "track", "level", "state", "candidate", "interviewer",
    "attendance", "feedback", "cancelled_by", "reason",
)  # fmt: skip
MOST_AT_ONCE = 50


def _cells(booking: Booking, feedback: Feedback | None) -> tuple[object, ...]:
    return (
        booking.id,
        presenters.machine(booking.start_at),
        booking.duration_min,
        booking.track,
        booking.level,
        booking.state,
        booking.candidate.name,
        booking.interviewer.name,
        interview.verdict(booking.interviewer_attendance, booking.candidate_attendance),
        feedback.state if feedback else "",
        booking.cancelled_side,
        booking.cancel_reason,
    )


@blueprint.get("/bookings")
@allow(ORGANISER)
def bookings() -> ResponseReturnValue:
    """Every hold and booking."""
    return _list(lists.Filter.of(request.args))


def _list(chosen: lists.Filter) -> ResponseReturnValue:
    g.nav = "Bookings"
    now = presenters.now()
    return listing(
        "bookings",
        lists.bookings(chosen, now=now, deadline=deadline(), today=today()),
        chosen,
        heads=HEADS,
        cells=_cells,
        **_states(),
    )


def _states() -> dict[str, Any]:
    """How the templates name where a booking and its feedback stand."""
    now, late = presenters.now(), deadline()
    return {
        "booking_state": lambda one: words.booking_state(one, now),
        "feedback_state": lambda one, feedback: words.feedback_state(one, feedback, now, late),
    }


@blueprint.get("/bookings/<int:booking_id>")
@allow(ORGANISER)
def booking(booking_id: int) -> ResponseReturnValue:
    """Everything about one booking; what is not submitted stays the interviewer's."""
    return _page(_found(booking_id))


def _found(booking_id: int) -> BookingFile:
    found = files.booking(booking_id, reader_id=current_user.id)
    if found is None:
        raise NotYours()
    return found


def _page(found: BookingFile, errors: list[tuple[str, str | None]] | None = None) -> str:
    g.nav = "Bookings"
    booking, now = found.booking, presenters.now()
    phase = interview.phase(booking.start_at, booking.end_at, now)
    confirmed = booking.state == State.CONFIRMED
    reader = sides.Reader("organiser", booking)
    return render_template(
        "desk/booking.html",
        errors=errors or [],
        booking=booking,
        file=found,
        what=sides.what(booking),
        state=words.booking_state(booking, now),
        ruler=sides.ruler(reader, booking.start_at, booking.end_at)
        if booking.state != State.CANCELLED
        else None,
        clocks=_clocks(reader, booking),
        changes=confirmed and phase is Phase.AHEAD,
        settle=_settle(booking) if confirmed and phase is not Phase.AHEAD else None,
        feedback=_feedback(found),
        mail_kind=words.mail_kind,
        mail_state=words.mail_state,
        can_go_again=words.can_go_again,
        action=words.action,
        coming=words.coming,
        reply_outcome=words.reply_outcome,
    )


def _clocks(reader: sides.Reader, booking: Booking) -> list[tuple[str, str, str]]:
    """The reader's own clock first, then both sides'."""
    at = booking.start_at
    mine = (
        _("For you, %(place)s", place=zones.place(current_user.zone)),
        f"{presenters.day(at)}, {presenters.span(at, booking.end_at)}",
        zones.offset_label(current_user.zone, at),
    )
    return [mine, *sides.clocks(reader, at, booking.end_at)]


def _settle(booking: Booking) -> dict[str, Any]:
    """What each side reported, and what an organiser can say counts."""
    candidate, interviewer = booking.candidate.name, booking.interviewer.name
    now_says = interview.verdict(booking.interviewer_attendance, booking.candidate_attendance)
    return {
        "reports": [
            (
                _("%(name)s reports", name=candidate),
                _report(booking.interviewer_attendance, booking.interviewer),
                None,
            ),
            (
                _("%(name)s reports", name=interviewer),
                _report(booking.candidate_attendance, booking.candidate),
                None,
            ),
        ],
        "disputed": now_says is interview.Verdict.DISPUTED,
        "chosen": now_says,
        "options": [
            ("attended", _("It took place, both were there")),
            ("candidate_absent", _("%(name)s did not come", name=candidate)),
            ("interviewer_absent", _("%(name)s did not come", name=interviewer)),
        ],
    }


def _report(report: str, other: Person) -> str:
    if report == Report.UNKNOWN:
        return _("Nothing yet")
    if report == Report.ATTENDED:
        return _("%(name)s came", name=other.name)
    return _("%(name)s did not come", name=other.name)


def _feedback(found: BookingFile) -> dict[str, Any]:
    """Where the feedback stands; its words only once they are submitted."""
    shown = words.feedback_state(found.booking, found.feedback, presenters.now(), deadline())
    written = found.feedback if found.feedback and found.feedback.state in WRITTEN else None
    rubric = rubric_query.current()
    verdict = None
    if written is not None and written.recommendation is not None:
        verdict = rubric.recommendation(written.recommendation)
    ratings = []
    if found.rating is not None:
        ratings = [
            (question.name, getattr(found.rating, question.key), "")
            for question in rubric.ratings
            if question.key in RATING_KEYS
        ]
    withdrawn = found.feedback is not None and found.feedback.state == "withdrawn"
    return {
        "state": shown,
        "written": written,
        "verdict": verdict,
        "ratings": ratings,
        "aside": wording.aside(written),
        "end": ended.of(found.feedback.id) if withdrawn and found.feedback else None,
        "can_withdraw": found.feedback is not None and found.feedback.state in SEALED,
    }


@blueprint.post("/bookings/<int:booking_id>/attendance")
@allow(ORGANISER)
def settle(booking_id: int) -> ResponseReturnValue:
    """Say what counts when the two sides differ, or when one of them was wrong."""
    try:
        interview_service.settle(
            booking_id,
            verdict=request.form.get("verdict", ""),
            by=current_user.id,
            now=presenters.now(),
        )
    except NotYours:
        raise
    except Refusal as refusal:
        return _page(_found(booking_id), [(sentence(refusal), "#attendance")]), refusal.status
    flash(_("Settled. Mails about feedback follow what you said."), "success")
    return redirect(url_for("desk.booking", booking_id=booking_id), 303)


@blueprint.post("/bookings/<int:booking_id>/report/closing")
@allow(ORGANISER)
def close_report(booking_id: int) -> ResponseReturnValue:
    """The private report is dealt with."""
    feedback_service.close_report(booking_id, by=current_user.id, now=presenters.now())
    flash(_("Report closed. It stays readable here."), "success")
    return redirect(url_for("desk.booking", booking_id=booking_id), 303)


@blueprint.post("/bookings/cancellation")
@allow(ORGANISER)
def cancel_many() -> ResponseReturnValue:
    """Ticked bookings: first a page that says what follows and asks why, then each is cancelled."""
    g.nav = "Bookings"
    chosen = ticked(request.form.getlist("booking"), MOST_AT_ONCE)
    found = files.cancellable(chosen, now=presenters.now())
    if not found:
        flash(
            _("Tick interviews that are still ahead first; only those can be cancelled."), "warning"
        )
        return make_response(_list(lists.Filter()), 422)
    form = ReasonForm()
    first = "reason" not in request.form
    if first or not form.validate():
        return (
            render_template(
                "desk/cancel.html",
                form=form,
                first=first,
                bookings=found,
                left=len(chosen) - len(found),
            ),
            200 if first else 422,
        )
    return _cancel(found, form.reason.data or "")


def _cancel(found: list[Booking], reason: str) -> ResponseReturnValue:
    done = 0
    for one in found:
        try:
            booking_service.cancel(
                one.id, by=current_user.id, side="organiser", reason=reason, now=presenters.now()
            )
        except Refusal as refusal:
            flash(_("Booking %(n)s: %(why)s", n=one.id, why=sentence(refusal)), "warning")
        else:
            done += 1
    if done:
        flash(
            ngettext(
                "Cancelled. Both sides are told by mail.",
                "%(num)s interviews cancelled. Everybody is told by mail.",
                done,
            ),
            "success",
        )
    return redirect(url_for("desk.bookings"), 303)
