"""Feedback that is late, closed without words, or withdrawn."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import feedback as rules
from mockint.domain.errors import NotYours, Refusal
from mockint.queries import ended, files
from mockint.services import withdrawal as service
from mockint.web import presenters
from mockint.web.desk import words
from mockint.web.desk.blueprint import blueprint, deadline
from mockint.web.errors import sentence
from mockint.web.guards import ORGANISER, allow


@blueprint.get("/feedback")
@allow(ORGANISER)
def overdue() -> ResponseReturnValue:
    """What is late, the longest first, and what was closed without words."""
    g.nav = "Bookings"
    now, late = presenters.now(), deadline()
    rows = ended.overdue(ended_before=now - late)
    return render_template(
        "desk/feedback.html",
        waiting=[
            (row, words.age(row.booking.end_at + late, now),
             now >= row.booking.end_at + service.GIVE_UP_AFTER)
            for row in rows
        ],
        closed=ended.closed(now=now),
    )  # fmt: skip


@blueprint.route("/bookings/<int:booking_id>/feedback/withdrawal", methods=["GET", "POST"])
@allow(ORGANISER)
def withdraw_feedback(booking_id: int) -> ResponseReturnValue:
    """Take written feedback back, after a page that says what follows."""
    return _ending(booking_id, "withdrawal", service.withdraw)


@blueprint.route("/bookings/<int:booking_id>/feedback/closing", methods=["GET", "POST"])
@allow(ORGANISER)
def close_feedback(booking_id: int) -> ResponseReturnValue:
    """Close unwritten feedback, after a page that says what follows."""
    return _ending(booking_id, "closing", service.give_up)


def _ending(booking_id: int, what: str, end: Callable[..., object]) -> ResponseReturnValue:
    g.nav = "Bookings"
    found = files.booking(booking_id, reader_id=current_user.id)
    if found is None:
        raise NotYours
    state = found.feedback.state if found.feedback is not None else "draft"
    allowed = rules.SEALED if what == "withdrawal" else {"draft"}
    errors: list[tuple[str, str | None]] = []
    status = 200
    reason = request.form.get("reason", "")
    if request.method == "POST":
        try:
            end(booking_id, by=current_user.id, reason=reason, now=presenters.now())
        except NotYours:
            raise
        except Refusal as refusal:
            errors, status = [(sentence(refusal), "#reason")], refusal.status
        else:
            flash(_("Done. Both sides are told by mail."), "success")
            return redirect(url_for("desk.booking", booking_id=booking_id, _anchor="feedback"), 303)
    elif state not in allowed or found.booking.state != "confirmed":
        abort(404)
    page = render_template(
        "desk/end_feedback.html",
        what=what,
        booking=found.booking,
        reason=reason,
        errors=errors,
    )
    return page, status


@blueprint.post("/bookings/<int:booking_id>/feedback/reopening")
@allow(ORGANISER)
def reopen_feedback(booking_id: int) -> ResponseReturnValue:
    """Open the form again that was closed without words."""
    try:
        service.reopen(booking_id, by=current_user.id, now=presenters.now())
    except NotYours:
        raise
    except Refusal as refusal:
        flash(sentence(refusal), "warning")
    else:
        flash(_("The form is open again."), "success")
    return redirect(url_for("desk.booking", booking_id=booking_id, _anchor="feedback"), 303)
