"""Booking for a candidate: who, then which interview and when; one press books it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import booking as rules
from mockint.domain import zones
from mockint.domain.errors import Conflict, Invalid, LimitReached, NotYours, Refusal
from mockint.domain.rubric import TRACKS
from mockint.models import Person
from mockint.queries import bookings, files, lists
from mockint.queries import community as community_query
from mockint.services import behalf, holds, matching
from mockint.services.matching import Wanted
from mockint.web import presenters
from mockint.web.desk import words
from mockint.web.desk.blueprint import blueprint
from mockint.web.errors import sentence
from mockint.web.guards import ORGANISER, allow
from mockint.web.slots import calendar, choice
from mockint.web.slots.choice import Choice
from mockint.web.slots.forms import HoldForm
from mockint.web.typed import whole

Problems = list[tuple[str, str | None]]


@blueprint.get("/book")
@allow(ORGANISER)
def book() -> ResponseReturnValue:
    """First a candidate, then the free times as that candidate would see them."""
    g.nav = "Bookings"
    if not request.args.get("candidate"):
        text = lists.Filter.of(request.args).q
        return render_template("desk/candidates.html", q=text, found=files.candidates(text))
    return _page(_candidate(whole(request.args.get("candidate"))), _wish(request.args))


def _candidate(person_id: int | None) -> Person:
    """Somebody who can be booked for: open, with a candidate's profile."""
    found = files.candidate(person_id) if person_id is not None else None
    if found is None:
        raise NotYours()
    return found


def _wish(arguments: Any) -> Choice:
    found = _candidate(whole(arguments.get("candidate")))
    return choice.from_address(arguments, found.candidate, community_query.current())


def _page(
    who: Person,
    wish: Choice,
    *,
    wanted: datetime | None = None,
    refusal: Refusal | None = None,
    errors: Problems | None = None,
) -> str:
    """The free times by the reader's clock; `wanted` could not be had because of `refusal`."""
    g.nav = "Bookings"
    now, zone = presenters.now(), current_user.zone
    stop = _stop(who, now)
    own = bookings.own_hold(who.id, now=now)
    starts: tuple[datetime, ...] = ()
    people: list[tuple[int, str]] = []
    many = False
    if stop is None:
        found = matching.search(
            who.id,
            request=wish.request,
            interviewer_id=wish.who,
            name=wish.name,
            now=now,
            without=own.id if own is not None else None,
        )
        starts = found.starts
        people = [(one.interviewer.person_id, one.name) for one in found.people]
        many = found.many

    def url(**changes: Any) -> str:
        return url_for("desk.book", candidate=who.id, **replace(wish, **changes).fields())

    shown = calendar.calendar(starts, zone=zone, now=now, day=wish.day, week=wish.week, url=url)
    return render_template(
        "desk/book.html",
        who=who,
        choice=wish,
        stop=stop,
        own=own,
        people=people,
        many=many,
        with_name=dict(people).get(wish.who or 0),
        shown=shown if starts else None,
        taken=_taken(wanted, refusal, starts) if wanted and refusal else None,
        errors=errors or [],
        lengths=[(n, presenters.duration(n)) for n in community_query.current().lengths_min],
        their_zone=zones.label(who.zone, now),
        hidden=wish.hidden() | {"candidate": who.id, "key": secrets.token_hex(16)},
        tracks=[(key, _(name)) for key, name in TRACKS.items()],
    )


def _stop(who: Person, now: datetime) -> str | None:
    """What keeps this candidate from being booked at all."""
    try:
        holds.require_ready(who.id)
        most = community_query.current().max_upcoming
        rules.require_upcoming(holds.upcoming(who.id, now=now), most)
    except LimitReached:
        return _("This candidate has as many interviews ahead as the settings allow.")
    except Conflict:
        return _("This candidate has not confirmed the address or not said what to prepare for.")
    return None


def _taken(wanted: datetime, refusal: Refusal, starts: tuple[datetime, ...]) -> dict[str, Any]:
    """Why the time could not be had, and what comes closest to it."""
    when = {"time": presenters.hour(wanted), "day": presenters.day(wanted)}
    near = [] if isinstance(refusal, LimitReached) else rules.nearest(starts, wanted)
    return {
        "title": _("%(time)s on %(day)s cannot be booked", **when),
        "text": sentence(refusal, words.of_candidate),
        "times": calendar.nearby(near, wanted, zone=current_user.zone),
    }


@blueprint.post("/book")
@allow(ORGANISER)
def book_for() -> ResponseReturnValue:
    """Book the chosen time for the candidate, by the rules that hold for the candidate."""
    who = _candidate(whole(request.form.get("candidate")))
    wish = _wish(request.form)
    form = HoldForm()
    if not form.validate_on_submit():
        return _page(who, wish, errors=form.problems()), 422
    wanted = Wanted(
        track=form.track.data or "",
        level=form.level.data or "",
        duration_min=form.minutes,
        start=form.at,
        interviewer_id=form.interviewer_id,
        again=form.again.data,
    )
    try:
        booked = behalf.book(
            who.id,
            wanted,
            request_key=form.key.data or None,
            by=current_user.id,
            now=presenters.now(),
        )
    except Invalid as refusal:
        return _page(who, wish, errors=[(sentence(refusal), f"#{refusal.field}")]), 422
    except Conflict as refusal:
        return _page(who, wish, wanted=wanted.start, refusal=refusal), refusal.status
    flash(_("Booked. Both sides get the invitation by mail."), "success")
    return redirect(url_for("desk.booking", booking_id=booked.id), 303)
