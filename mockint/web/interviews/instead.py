"""The interviewer cannot come: one click keeps the time, or takes another one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.booking import State
from mockint.domain.errors import Conflict, Refusal
from mockint.models import Booking
from mockint.services import decline
from mockint.web import presenters
from mockint.web.bookings import sides
from mockint.web.errors import sentence
from mockint.web.guards import CANDIDATE, allow
from mockint.web.interviews.blueprint import blueprint
from mockint.web.slots import calendar, picker
from mockint.web.slots.forms import InsteadForm


@blueprint.route("/<int:booking_id>/instead", methods=["GET", "POST"])
@allow(CANDIDATE)
def instead(booking_id: int) -> ResponseReturnValue:
    """What is free now; the button of a time takes it, looking changes nothing."""
    found = decline.of_candidate(booking_id, by=current_user.id)
    if request.method == "GET":
        return _page(found)
    form = InsteadForm()
    if not form.validate_on_submit():
        return _page(found, errors=[(str(words[0]), None) for words in form.errors.values()]), 422
    try:
        taken = decline.take(
            booking_id,
            by=current_user.id,
            start=form.at,
            who=form.interviewer_id,
            now=presenters.now(),
        )
    except Conflict as refusal:
        again = decline.of_candidate(booking_id, by=current_user.id)
        return _page(again, refusal=refusal), refusal.status
    name = presenters.given(taken.interviewer.name)
    flash(_("Settled: %(name)s meets you. Everybody gets a mail.", name=name), "success")
    return redirect(url_for("interviews.show", booking_id=booking_id), 303)


def _page(
    found: Booking,
    *,
    refusal: Refusal | None = None,
    errors: list[tuple[str, str | None]] | None = None,
) -> str:
    g.nav = "Interviews"
    now, until = presenters.now(), decline.waits_until(found)
    shown: dict[str, Any] = {"kind": "settled"}
    if found.state == State.CANCELLED and found.cancelled_side == "interviewer":
        shown = {"kind": "ended", **_next(found, now)}
    elif until is not None and "interviewer" in decline.declined(found).sides:
        shown = {"kind": "open", **_ways(found, now)}
    return render_template(
        "interviews/instead.html",
        booking=found,
        name=presenters.given(found.interviewer.name),
        what=sides.what(found),
        zone=zones.label(current_user.zone, found.start_at),
        until=until,
        refused=sentence(refusal) if refusal else None,
        errors=errors or [],
        **shown,
    )


def _ways(found: Booking, now: datetime) -> dict[str, Any]:
    ways = decline.ways(found, now=now)
    return {
        "stand_in": ways.instead.interviewer.person_id if ways.instead else None,
        "stand_in_name": presenters.given(ways.name),
        "times": calendar.nearby(ways.times, found.start_at, zone=current_user.zone),
    }


def _next(found: Booking, now: datetime) -> dict[str, Any]:
    """The next time that fits, to be held like any chosen one."""
    start = decline.next_start(found, now=now)
    wish: dict[str, Any] = {
        "track": found.track,
        "level": found.level,
        "length": found.duration_min,
    }
    return {
        "next": start,
        "next_zone": zones.label(current_user.zone, start) if start else "",
        "hidden": wish | {"key": picker.new_key(), "start": presenters.machine(start)}
        if start
        else {},
        "picker": url_for("slots.picker", **wish),
    }
