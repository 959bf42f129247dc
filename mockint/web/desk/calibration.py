"""Calibration for organisers: how far interviewers agree, and who might like to talk about it."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.calibration.level import FAR_APART
from mockint.domain.rubric import TRACKS, RubricSet
from mockint.queries import calibration as query
from mockint.queries import community as community_query
from mockint.queries import funnel as funnel_query
from mockint.queries import rubric as rubric_query
from mockint.services import calibration as service
from mockint.web import calibration as words
from mockint.web import presenters
from mockint.web.desk import export
from mockint.web.desk.blueprint import blueprint
from mockint.web.guards import ORGANISER, allow
from mockint.web.typed import whole

PERIODS = (30, 90, 365)
"""Days that the funnel can look back."""


@blueprint.get("/calibration")
@allow(ORGANISER)
def calibration() -> ResponseReturnValue:
    """Every track: when it was calibrated, agreement, and the interviewers by name."""
    g.nav = "Desk"
    runs = query.runs()
    rubric = rubric_query.current()
    return render_template(
        "desk/calibration.html",
        job=query.job(),
        tracks=[
            (track, runs[track], _names(track, rubric), query.colleagues(runs[track].id))
            for track in TRACKS
            if track in runs
        ],
        said=words.said,
        far_apart=FAR_APART,
    )


def _names(track: str, rubric: RubricSet) -> dict[str, str]:
    """A dimension as it stands in the ratings to what it is called."""
    return {one.key: one.name for one in rubric.tracks[track].dimensions}


@blueprint.post("/calibration")
@allow(ORGANISER)
def recalibration() -> ResponseReturnValue:
    """Have it done now."""
    service.ask(by=current_user.id, now=presenters.now())
    flash(_("The worker calibrates every track now. The page shows it when it is done."))
    return redirect(url_for("desk.calibration"), 303)


@blueprint.get("/funnel")
@allow(ORGANISER)
def funnel() -> ResponseReturnValue:
    """From a booking to the next one."""
    g.nav = "Desk"
    days = whole(request.args.get("days", "")) or PERIODS[1]
    days = days if days in PERIODS else PERIODS[1]
    hours = community_query.current().feedback_deadline_hours
    tracks, interviewers = funnel_query.funnel(
        now=presenters.now(), days=days, deadline=timedelta(hours=hours)
    )
    if request.args.get("format") == "csv":
        heads = ("track", *COUNTS)
        rows = [(one.track, *(getattr(one, name) for name in COUNTS)) for one in tracks]
        return export.response("funnel", heads, rows)
    return render_template(
        "desk/funnel.html",
        days=days,
        periods=PERIODS,
        hours=hours,
        tracks=tracks,
        interviewers=interviewers,
        least=funnel_query.GROUP_LEAST,
        again_days=funnel_query.AGAIN_WITHIN.days,
    )


COUNTS = ("booked", "held", "in_time", "written", "acknowledged", "again")
