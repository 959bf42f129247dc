"""What candidates and interviewers see of rounds: asking, painting, saying how many."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.errors import N_, Invalid, NotYours, Refusal
from mockint.domain.round.states import State
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.queries import people
from mockint.queries import round as query
from mockint.queries.round import CandidateRound, InterviewerRound
from mockint.services.round import asking, capacity
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.guards import CANDIDATE, INTERVIEWER, allow
from mockint.web.rounds import painting, words
from mockint.web.rounds.blueprint import blueprint
from mockint.web.typed import whole

Problems = list[tuple[str, str | None]]
NAV = {CANDIDATE: "Book", INTERVIEWER: "Hours"}
OVER = (State.PUBLISHED, State.ARCHIVED)


def _side() -> str:
    """The role through which somebody looks at rounds; organisers who also practise ask."""
    role = presenters.active_role()
    if role in NAV:
        return role
    return CANDIDATE if CANDIDATE in current_user.role_names else INTERVIEWER


@blueprint.get("/rounds")
@allow(CANDIDATE, INTERVIEWER)
def index() -> ResponseReturnValue:
    """Rounds that are open, and all one took part in."""
    side, now = _side(), presenters.now()
    g.nav = NAV[side]
    found: list[Any]
    if side == CANDIDATE:
        found = query.for_candidate(current_user.id, now=now)
    else:
        found = query.for_interviewer(current_user.id, now=now)
    return render_template(
        f"rounds/{side}.html",
        open=[one for one in found if words.asks(one.card, now)],
        others=[one for one in found if not words.asks(one.card, now)],
        profile=people.wishes(current_user.id),
        **_words(),
    )


def _words() -> dict[str, Any]:
    """What the templates of both sides say things with."""
    return {
        "days": lambda card: words.days(card, current_user.zone),
        "ends": lambda card: words.ends(card, current_user.zone),
        "when": words.when,
        "window": words.window,
        "said": words.said,
        "track_name": words.track,
        "level_words": words.level,
        "State": State,
    }


# Candidates


def _asked(round_id: int) -> CandidateRound:
    found = query.candidate_round(round_id, current_user.id, now=presenters.now())
    if found is None:
        raise NotYours()
    return found


@blueprint.route("/rounds/<int:round_id>/request", methods=["GET", "POST"])
@allow(CANDIDATE)
def request_(round_id: int) -> ResponseReturnValue:
    """What one asks of a round; once it is published, what came of it."""
    found = _asked(round_id)
    if request.method == "POST":
        return _ask(found)
    if not words.asks(found.card, presenters.now()):
        return _told(found)
    zone, inside = current_user.zone, found.card.span
    own, profile = found.request, people.wishes(current_user.id)
    known = own.windows if own else ()
    wished = next(
        (one for one in (profile.tracks if profile else ()) if one in found.card.tracks), ""
    )
    return _page(
        found,
        painted=painting.hours(zone, inside, known),
        track=own.track if own else wished,
        level=own.level if own else (profile.target_level if profile else ""),
        rounded=painting.lost(zone, inside, known),
    )


def _told(found: CandidateRound) -> str:
    g.nav = NAV[CANDIDATE]
    return render_template(
        "rounds/told.html",
        one=found,
        card=found.card,
        over=found.card.state in OVER,
        can_withdraw=_can_withdraw(found),
        **_words(),
    )


def _can_withdraw(found: CandidateRound) -> bool:
    own = found.request
    return own is not None and own.withdrawn_at is None and found.card.state not in OVER


def _page(
    found: CandidateRound,
    *,
    painted: set[painting.Hour],
    track: str,
    level: str,
    errors: Problems | None = None,
    rounded: bool = False,
) -> str:
    g.nav = NAV[CANDIDATE]
    zone = current_user.zone
    return render_template(
        "rounds/request.html",
        one=found,
        card=found.card,
        asked=found.request is not None and found.request.withdrawn_at is None,
        rows=[_row(day) for day in painting.grid(zone, found.card.span, painted)],
        count=painting.counted(painted),
        track=track,
        level=level,
        tracks=[(key, _(TRACKS[key])) for key in found.card.tracks],
        levels=[(key, _(name)) for key, name in LEVELS.items()],
        zone=zone,
        errors=errors or [],
        rounded=rounded,
        **_words(),
    )


def _row(day: painting.Day) -> dict[str, Any]:
    """A day with words for its hours: the whole for readers, the short one to see."""
    name = presenters.day(day.on)
    spelt = [presenters.hour_of_day(60 * hour) for hour in range(25)]
    return {
        "on": day.on.isoformat(),
        "name": name,
        "cells": [
            {
                "value": painting.text_of((day.on, cell.hour)),
                "short": spelt[cell.hour].replace(":00", ""),
                "name": _(
                    "%(day)s, %(start)s to %(end)s",
                    day=name,
                    start=spelt[cell.hour],
                    end=spelt[cell.hour + 1],
                ),
                "inside": cell.inside,
                "painted": cell.painted,
                "night": cell.hour in painting.NIGHT,
            }
            for cell in day.cells
        ],
    }


def _ask(found: CandidateRound) -> ResponseReturnValue:
    """Ask, or change what was asked; the buttons beside a day only repaint the page."""
    inside = found.card.span
    track, level = request.form.get("track", ""), request.form.get("level", "")
    painted: set[painting.Hour] = set()
    try:
        zone = _zone(request.form.get("zone"))
        painted = painting.read(zone, inside, request.form.getlist("window"))
        marked = painting.windows(zone, inside, painted)
        if zone != current_user.zone:
            painted = painting.hours(current_user.zone, inside, marked)
        op = request.form.get("op", "send")
        if op != "send":
            return _page(found, painted=_repainted(op, painted, found), track=track, level=level)
        asking.ask(
            found.card.id,
            current_user.id,
            track=track,
            level=level,
            windows=marked,
            now=presenters.now(),
        )
    except Invalid as refusal:
        errors: Problems = [(sentence(refusal), f"#{refusal.field}")]
        return _page(found, painted=painted, track=track, level=level, errors=errors), 422
    except NotYours:
        raise
    except Refusal as refusal:
        errors = [(sentence(refusal), None)]
        return _page(
            found, painted=painted, track=track, level=level, errors=errors
        ), refusal.status
    flash(_("Sent. You can change it until the round closes."), "success")
    return redirect(url_for("rounds.index"), 303)


def _zone(text: str | None) -> str:
    """The zone the page was shown in; the reader may have moved since."""
    found = zones.canonical(text or "")
    if found is None:
        raise Invalid("windows", N_("Reload this page and paint your hours again."))
    return found


def _repainted(op: str, painted: set[painting.Hour], found: CandidateRound) -> set[painting.Hour]:
    """After "copy to the others" or "clear"; an unknown `op` changes nothing."""
    verb, _colon, rest = op.partition(":")
    if verb == "clear":
        return set()
    try:
        source = date.fromisoformat(rest)
    except ValueError:
        return painted
    if verb != "copy":
        return painted
    return painting.copied(current_user.zone, found.card.span, painted, source)


@blueprint.post("/rounds/<int:round_id>/request/withdrawal")
@allow(CANDIDATE)
def withdraw(round_id: int) -> ResponseReturnValue:
    """Take no part any more."""
    _asked(round_id)
    asking.withdraw(round_id, current_user.id, now=presenters.now())
    flash(_("Withdrawn. You take no part in this round."), "success")
    return redirect(url_for("rounds.index"), 303)


# Interviewers


def _offered(round_id: int) -> InterviewerRound:
    found = query.interviewer_round(round_id, current_user.id, now=presenters.now())
    if found is None:
        raise NotYours()
    return found


@blueprint.route("/rounds/<int:round_id>/capacity", methods=["GET", "POST"])
@allow(INTERVIEWER)
def capacity_(round_id: int) -> ResponseReturnValue:
    """What one's hours give in a round, and how many interviews of it one takes."""
    found = _offered(round_id)
    return _capacity_page(found) if request.method == "GET" else _confirm(found)


def _capacity_page(
    found: InterviewerRound, typed: str | None = None, errors: Iterable[tuple[str, str]] = ()
) -> str:
    g.nav = NAV[INTERVIEWER]
    if typed is None:
        usual = min(2, found.offered)
        typed = str(found.max_total or usual or 1)
    return render_template(
        "rounds/capacity.html",
        one=found,
        card=found.card,
        can_answer=found.card.state not in (*OVER, State.DRAFT) and found.card.job is None,
        typed=typed,
        errors=list(errors),
        **_words(),
    )


def _confirm(found: InterviewerRound) -> ResponseReturnValue:
    """Take so many at the most, or none this time."""
    typed = request.form.get("max_total", "")
    number = 0 if request.form.get("op") == "decline" else whole(typed)
    try:
        if number is None:
            raise Invalid("max_total", N_("Write a whole number."))
        capacity.confirm(found.card.id, current_user.id, max_total=number, now=presenters.now())
    except NotYours:
        raise
    except Refusal as refusal:
        field = getattr(refusal, "field", "max_total")
        errors = [(sentence(refusal), f"#{field}")]
        return _capacity_page(found, typed, errors), refusal.status
    if number:
        flash(
            _("Noted. A mail tells you of each interview once the round is published."), "success"
        )
    else:
        flash(_("Noted: none this time. Your hours stay as they are."), "success")
    return redirect(url_for("rounds.index"), 303)
