"""Finding a time: the picker, public profiles of interviewers, requests to be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.errors import Invalid, NotYours, Refusal
from mockint.domain.rubric import LANGUAGES, LEVELS, TRACKS
from mockint.models import InterviewerProfile
from mockint.queries import bookings
from mockint.queries import community as community_query
from mockint.queries.people import Wishes
from mockint.queries.seekers import Seeker
from mockint.services import matching
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.guards import CANDIDATE, SIGNED_IN, allow
from mockint.web.slots import choice, picker, recommended
from mockint.web.slots.calendar import Time
from mockint.web.slots.forms import AskForm

blueprint = Blueprint("slots", __name__)

NEXT_TIMES = 6


@blueprint.get("/book", endpoint="picker")
@allow(CANDIDATE)
def book() -> ResponseReturnValue:
    """Five weeks of free times for one wish, all of it in the address."""
    return picker.page(_choice())


def _choice() -> choice.Choice:
    return choice.from_address(request.args, choice.wishes(), community_query.current())


@blueprint.get("/interviewers/<int:person_id>")
@allow(SIGNED_IN)
def interviewer(person_id: int) -> ResponseReturnValue:
    """Who an interviewer is, and to a candidate their next times."""
    profile = bookings.interviewer(person_id)
    if profile is None:
        raise NotYours()
    wish = None
    times: list[Time] = []
    others: list[dict[str, Any]] = []
    own = choice.wishes() if "candidate" in current_user.roles else None
    if own is not None:
        g.nav = "Book"
        wish = _wish(own, profile)
        looks, _stop = picker.looking(presenters.now())
        if looks is not None:
            times, others = _next_times(wish, looks), _others(wish, looks)
    return render_template(
        "slots/interviewer.html",
        profile=profile,
        languages=_named(profile.languages, LANGUAGES),
        tracks=_named(profile.tracks, TRACKS),
        levels=_named(profile.levels, LEVELS),
        their_place=zones.place(profile.person.zone),
        their_zone=zones.offset_label(profile.person.zone, presenters.now()),
        wish=wish,
        times=times,
        recommended=others,
        key=picker.new_key(),
    )


def _named(keys: Iterable[str], names: Mapping[str, str]) -> str:
    return ", ".join(_(names[key]) for key in keys if key in names)


def _wish(own: Wishes, profile: InterviewerProfile) -> choice.Choice:
    """The reader's own track and level, or else what this interviewer covers."""
    tracks = [one for one in own.tracks if one in profile.tracks] or list(profile.tracks)
    level = own.target_level if own.target_level in profile.levels else profile.levels[0]
    return choice.Choice(
        track=tracks[0],
        level=level,
        length=community_query.current().default_length_min,
        who=profile.person_id,
    )


def _next_times(wish: choice.Choice, looks: Seeker) -> list[Time]:
    now = presenters.now()
    found = matching.search(
        current_user.id, request=wish.request, interviewer_id=wish.who, now=now, known=looks
    )
    return [
        Time(presenters.machine(start), presenters.hour(start), presenters.day(start))
        for start in found.starts[:NEXT_TIMES]
    ]


def _others(wish: choice.Choice, looks: Seeker) -> list[dict[str, Any]]:
    """Who else suits the same wish."""
    return recommended.entries(
        looks,
        replace(wish.request, again=False),
        now=presenters.now(),
        page=recommended.profile_of,
        times=lambda person_id: wish.url(who=person_id),
        but=wish.who,
    )


@blueprint.post("/book/requests")
@allow(CANDIDATE)
def ask() -> ResponseReturnValue:
    """Ask to be told when a time opens."""
    form = AskForm()
    wish = choice.from_address(request.form, choice.wishes(), community_query.current())
    if not form.validate_on_submit():
        return picker.page(wish, errors=form.problems()), 422
    try:
        matching.ask(
            current_user.id,
            track=form.track.data or "",
            level=form.level.data or "",
            duration_min=form.minutes,
            now=presenters.now(),
        )
    except Invalid as refusal:
        return picker.page(wish, errors=[(sentence(refusal), f"#{refusal.field}")]), 422
    except Refusal as refusal:
        return picker.page(wish, errors=[(sentence(refusal), None)]), refusal.status
    flash(_("You are on the list. A mail tells you as soon as a time opens."), "success")
    return redirect(wish.url(), 303)


@blueprint.post("/book/requests/<int:request_id>/withdrawal")
@allow(CANDIDATE)
def withdraw(request_id: int) -> ResponseReturnValue:
    """Leave the list."""
    matching.withdraw(request_id, candidate_id=current_user.id, now=presenters.now())
    flash(_("You are off the list."), "success")
    return redirect(url_for("slots.picker"), 303)
