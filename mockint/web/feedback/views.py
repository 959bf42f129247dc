"""The feedback form, reading feedback, rating the interviewer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain import feedback as rules
from mockint.domain import interview
from mockint.domain.calibration.level import SILENT_UNDER
from mockint.domain.errors import Conflict, Invalid, Refusal
from mockint.queries import calibration as calibration_query
from mockint.queries import community as community_query
from mockint.queries import feedback as query
from mockint.queries import interviews, shares
from mockint.queries import rubric as rubric_query
from mockint.queries.feedback import Draft
from mockint.services import feedback as service
from mockint.web import calibration as calibration_words
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.feedback import adding, reading, writing
from mockint.web.feedback.forms import RatingForm
from mockint.web.guards import CANDIDATE, INTERVIEWER, SIGNED_IN, allow
from mockint.web.interviews import words as interview_words
from mockint.web.progress import selfview
from mockint.web.typed import said

blueprint = Blueprint("feedback", __name__)
blueprint.add_url_rule(
    "/interviews/<int:booking_id>/feedback", view_func=writing.form, methods=["GET", "POST"]
)
blueprint.add_url_rule(
    "/interviews/<int:booking_id>/feedback/draft", view_func=writing.autosave, methods=["POST"]
)
blueprint.add_url_rule(
    "/interviews/<int:booking_id>/feedback/addendum",
    view_func=adding.addendum,
    methods=["GET", "POST"],
)


def _count() -> int:
    return query.owed_count(current_user.id, now=presenters.now())


presenters.COUNTS["feedback.owed"] = _count


@blueprint.get("/feedback")
@allow(INTERVIEWER)
def owed() -> ResponseReturnValue:
    """What this interviewer owes, holds and has handed in."""
    g.nav = "Feedback"
    now, community = presenters.now(), community_query.current()
    waiting = query.owed(current_user.id, now=now)
    presenters.waits("feedback.owed", len(waiting))
    written = query.written(current_user.id)
    held = [
        (row, rules.sealed_from(row.submitted_at, community.feedback_hold_min))
        for row in written
        if row.state == "submitted" and row.submitted_at
    ]
    return render_template(
        "feedback/owed.html",
        title=_owed_title(waiting),
        waiting=[_owed_row(draft, community.feedback_deadline_hours) for draft in waiting],
        held=[(row, until) for row, until in held if now < until],
        done=[row for row in written if row.state != "submitted"]
        + [row for row, until in held if now >= until],
        echo=query.echo(current_user.id),
        questions=rubric_query.current().ratings,
        needed=rules.RATINGS_NEEDED,
    )


def _owed_title(waiting: list[Draft]) -> str:
    if not waiting:
        return _("You owe no feedback")
    return ngettext(
        "One interview waits for your words", "%(num)s interviews wait for your words", len(waiting)
    )


def _owed_row(draft: Draft, deadline_hours: int) -> dict[str, Any]:
    now, due = presenters.now(), rules.due_at(draft.booking.end_at, deadline_hours)
    return {
        "booking": draft.booking,
        "due": interview_words.when(due),
        "amount": interview_words.amount(due, now),
        "late": now >= due,
        "running": now < draft.booking.end_at,
        "begun": draft.feedback is not None,
        "scored": draft.scored,
        "total": len(draft.track.dimensions),
    }


# Reading


@blueprint.get("/interviews/<int:booking_id>/feedback/released")
@allow(SIGNED_IN)
def read(booking_id: int) -> ResponseReturnValue:
    """The feedback: for the candidate once released, for its author and organisers before."""
    return _read(booking_id)


def _read(booking_id: int, **more: Any) -> str:
    organiser = "organiser" in current_user.role_names
    found = query.reading(booking_id, person_id=current_user.id, organiser=organiser)
    g.nav = "Feedback" if found.viewer == "author" else "Interviews"
    now, community = presenters.now(), community_query.current()
    if not found.open or found.feedback is None:
        if found.viewer != "candidate":
            abort(404)
        seen = interviews.one(booking_id, person_id=current_user.id)
        took_place = seen.verdict not in interview.ABSENCES
        return render_template(
            "feedback/waiting.html",
            booking=found.booking,
            rated=found.rating is not None,
            rating=found.rating,
            report=found.report,
            owed=found.booking.state == "confirmed" and took_place and seen.feedback != "withdrawn",
            over=now >= found.booking.end_at,
            lines=interview_words.release_lines(
                found.booking,
                feedback=seen.feedback,
                rated=seen.rated,
                community=community,
                now=now,
            ),
        )
    return render_template(
        "feedback/read.html",
        **reading.context(found.feedback),
        viewer=found.viewer,
        rating=found.rating,
        report=found.report,
        until=reading.held_until(found.feedback),
        own_view=selfview.beside(found.feedback) if found.viewer == "candidate" else [],
        practised=shares.practised(found.booking, state=found.feedback.state)
        if found.viewer == "author"
        else [],
        **more,
    )


@blueprint.post("/interviews/<int:booking_id>/feedback/acknowledgement")
@allow(CANDIDATE)
def acknowledgement(booking_id: int) -> ResponseReturnValue:
    """The candidate has read it, and perhaps says how useful it was."""
    try:
        service.acknowledge(
            booking_id,
            candidate_id=current_user.id,
            usefulness=said(request.form.get("usefulness")),
            now=presenters.now(),
        )
    except (Invalid, Conflict) as refusal:
        return _read(booking_id, errors=[(sentence(refusal), "#usefulness")]), refusal.status
    flash(_("Thank you. Interviewers see only averages."), "success")
    return redirect(url_for("feedback.read", booking_id=booking_id), 303)


@blueprint.post("/interviews/<int:booking_id>/feedback/reopening")
@allow(INTERVIEWER)
def reopening(booking_id: int) -> ResponseReturnValue:
    """Take submitted feedback back while it is held."""
    try:
        service.reopen(booking_id, author_id=current_user.id, now=presenters.now())
    except Conflict as refusal:
        return _read(booking_id, errors=[(sentence(refusal), None)]), refusal.status
    flash(_("It is a draft again. Submit it when you are done."), "info")
    return redirect(url_for("feedback.form", booking_id=booking_id, step="review"), 303)


# Rating the interviewer


@blueprint.route("/interviews/<int:booking_id>/rating", methods=["GET", "POST"])
@allow(CANDIDATE)
def rating(booking_id: int) -> ResponseReturnValue:
    """The candidate's four answers about the interviewer."""
    g.nav = "Interviews"
    found = interviews.one(booking_id, person_id=current_user.id)
    if found.side != "candidate":
        abort(404)
    if found.rated:
        return redirect(url_for("feedback.read", booking_id=booking_id))
    form = RatingForm()
    if request.method == "GET":
        service.require_rateable(found.booking, presenters.now())
        return _rating_page(found, form)
    if not form.validate():
        return _rating_page(found, form), 422
    try:
        service.rate(
            booking_id,
            by=current_user.id,
            ratings=form.ratings(),
            comment=form.comment.data or "",
            report=form.report.data or "",
            now=presenters.now(),
        )
    except Refusal as refusal:
        return _rating_page(found, form, [(sentence(refusal), None)]), refusal.status
    flash(_("Thank you. Your rating is kept; %(name)s sees only averages.",
            name=interview_words.other(found)), "success")  # fmt: skip
    return redirect(url_for("feedback.read", booking_id=booking_id), 303)


def _rating_page(
    found: interviews.Interview,
    form: RatingForm,
    errors: list[tuple[str, str | None]] | None = None,
) -> str:
    return render_template(
        "feedback/rating.html",
        booking=found.booking,
        name=interview_words.other(found),
        form=form,
        questions=rubric_query.current().ratings,
        labels=[point.label for point in rubric_query.current().scale],
        released=interviews.released(found),
        errors=errors or [],
    )


@blueprint.get("/feedback/tendency")
@allow(INTERVIEWER)
def tendency() -> ResponseReturnValue:
    """What calibration says of this interviewer, to themselves."""
    g.nav = "Feedback"
    tracks = []
    for own in calibration_query.of_rater(current_user.id):
        told = [(at, one) for at, one in own.history if one.feedbacks >= SILENT_UNDER]
        points = [(-one.points, -one.points_high, -one.points_low) for _at, one in told]
        dates = [presenters.day(at) for at, _one in told]
        tracks.append((own, calibration_words.said(own.now, own=True), points, dates))
    return render_template("feedback/tendency.html", tracks=tracks)
