"""The picker page: for a first look, and again with a calm word when a time could not be had."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import g, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain import booking as rules
from mockint.domain import zones
from mockint.domain.errors import Conflict, LimitReached, Refusal
from mockint.domain.matching import Request
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.domain.timespan import Span
from mockint.queries import bookings, parties
from mockint.queries import community as community_query
from mockint.queries.parties import Meeting
from mockint.queries.seekers import Seeker
from mockint.services import holds, matching
from mockint.services.matching import Search
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.slots import calendar
from mockint.web.slots import choice as choices
from mockint.web.slots.choice import Choice

CHANGE_NOTICE_DAYS = 7


def new_key() -> str:
    """A form's own key: sending the same form twice is one hold."""
    return secrets.token_hex(16)


def page(
    choice: Choice,
    *,
    wanted: datetime | None = None,
    refusal: Refusal | None = None,
    errors: list[tuple[str, str | None]] | None = None,
) -> str:
    """The picker; `wanted` could not be had because of `refusal`."""
    g.nav = "Book"
    now = presenters.now()
    context = {
        "choice": choice,
        "errors": errors or [],
        "taken": None,
        "key": new_key(),
        "lengths": [
            (minutes, _("%(n)s minutes", n=minutes))
            for minutes in community_query.current().lengths_min
        ],
    }
    looks, stop = looking(now)
    if looks is None:
        return render_template("slots/picker.html", stop=stop, people=[], **context)
    own = looks.hold(now)
    found = matching.search(
        current_user.id,
        request=choice.request,
        interviewer_id=choice.who,
        name=choice.name,
        now=now,
        without=own.id if own is not None else None,
        known=looks,
    )
    shown = _calendar(choice, found, own, wanted, now=now)
    if refusal is not None and wanted is not None:
        context["taken"] = _taken(choice, wanted, refusal, found, now=now)
    return render_template(
        "slots/picker.html",
        stop=None,
        people=[(one.interviewer.person_id, one.name) for one in found.people],
        many=found.many,
        with_name=_name_of(choice.who, found),
        own=own,
        held_wish=_wish_of(own),
        shown=shown,
        clock_change=clock_change(current_user.zone, shown, found),
        nothing=_nothing(choice, found, now=now) if found.nothing else None,
        **context,
    )


def _wish_of(own: Meeting | None) -> Choice | None:
    """What the reader's hold was chosen for."""
    return Choice(own.track, own.level, own.duration_min) if own is not None else None


def _calendar(
    choice: Choice, found: Search, own: Meeting | None, wanted: datetime | None, *, now: datetime
) -> calendar.Calendar:
    """The free days and times; the reader's hold is marked among those it was chosen from."""
    zone = current_user.zone
    bare = replace(choice, who=None, again=False, day=None, week=None, name="")
    return calendar.calendar(
        found.starts,
        zone=zone,
        now=now,
        day=choice.day or (_day_close_to(wanted, found, zone) if wanted else None),
        week=choice.week,
        url=choice.day_urls(),
        held=own.start_at if own is not None and bare == _wish_of(own) else None,
    )


def _day_close_to(wanted: datetime, found: Search, zone: str) -> date | None:
    """The day of a time that could not be had, or the nearest one that has another."""
    near = rules.nearest(found.starts, wanted, 1)
    same_day = [one for one in found.starts if _same_day(one, wanted, zone)]
    closest = next(iter(same_day or near), None)
    return zones.local_date(zone, closest) if closest else None


def _same_day(one: datetime, other: datetime, zone: str) -> bool:
    return zones.local_date(zone, one) == zones.local_date(zone, other)


def looking(now: datetime) -> tuple[Seeker | None, dict[str, str] | None]:
    """The reader as who looks for a time; or what keeps them from booking, and where to go."""
    try:
        wishes = choices.wishes()
        holds.require(
            confirmed=current_user.confirmed_at is not None,
            complete=wishes is not None and bool(wishes.tracks),
        )
        looks = matching.seeker(current_user.id, now=now, wishes=wishes)
        most = community_query.current().max_upcoming
        rules.require_upcoming(parties.upcoming(looks.own, now), most)
    except LimitReached as refusal:
        return None, {
            "title": sentence(refusal),
            "text": _("When one of them is over or cancelled, you can book the next."),
            "url": url_for("interviews.index"),
            "label": _("See your interviews"),
        }
    except Conflict as refusal:
        confirmed = current_user.confirmed_at is not None
        return None, {
            "title": sentence(refusal),
            "text": _("Track, target level and languages decide who can interview you.")
            if confirmed
            else _("The link is in the mail we sent you; your account page sends it again."),
            "url": url_for("accounts.candidate" if confirmed else "accounts.account"),
            "label": _("Say what you prepare for") if confirmed else _("Go to your account"),
        }
    return looks, None


def _name_of(who: int | None, found: Search) -> str | None:
    """The interviewer asked for by name; None when they cannot take this request."""
    return next((one.name for one in found.people if one.interviewer.person_id == who), None)


def clock_change(zone: str, shown: calendar.Calendar, found: Search) -> str | None:
    """A line for the reader when their own clocks change close to the day that is open."""
    start = next((one for one in found.starts if zones.local_date(zone, one) == shown.day), None)
    change = zones.clock_change_near(zone, start, CHANGE_NOTICE_DAYS) if start else None
    if change is None:
        return None
    params = {"place": zones.place(zone), "day": presenters.day(change.local_day)}
    if change.shift_min > 0:
        return _(
            "Clocks in %(place)s go forward on %(day)s. Every time here is as yours will"
            " read then.",
            **params,
        )
    return _(
        "Clocks in %(place)s go back on %(day)s. Every time here is as yours will read then.",
        **params,
    )


def _taken(
    choice: Choice, wanted: datetime, refusal: Refusal, found: Search, *, now: datetime
) -> dict[str, Any]:
    """The words about a time that could not be had, and what comes closest to it."""
    ids = [choice.who] if choice.who else matching.suited(current_user.id, choice.request, now=now)
    span = Span.lasting(wanted, choice.length)
    since = bookings.taken_at(span, interviewer_ids=ids, but=current_user.id, now=now)
    when = {"time": presenters.hour(wanted), "day": presenters.day(wanted)}
    title, text = _("%(time)s on %(day)s cannot be booked", **when), sentence(refusal)
    if since is not None and isinstance(refusal, Conflict) and wanted > now:
        title, text = _("%(time)s on %(day)s was just taken", **when), _ago(now, since)
    near = [] if isinstance(refusal, LimitReached) else rules.nearest(found.starts, wanted)
    kept = _("Nothing else has changed; your choices are kept.")
    closest = _("The nearest free times:") if near else ""
    return {
        "title": title,
        "text": " ".join(filter(None, (text, kept, closest))),
        "times": calendar.nearby(near, wanted, zone=current_user.zone),
    }


def _ago(now: datetime, since: datetime) -> str:
    """How fresh the other booking is; an old one is nobody's business."""
    seconds = max(1, int((now - since).total_seconds()))
    if seconds < 60:
        return ngettext(
            "Somebody booked it %(num)s second ago.",
            "Somebody booked it %(num)s seconds ago.",
            seconds,
        )
    if seconds < 3600:
        return ngettext(
            "Somebody booked it %(num)s minute ago.",
            "Somebody booked it %(num)s minutes ago.",
            seconds // 60,
        )
    return _("Somebody else has it.")


def _nothing(choice: Choice, found: Search, *, now: datetime) -> dict[str, Any]:
    """Why nothing is free, what comes close, and whether the candidate already waits for it."""
    nothing = found.nothing
    assert nothing is not None
    community = community_query.current()
    words = {"track": TRACKS[choice.track], "weeks": community.horizon_days // 7}
    title = _("No free time for %(track)s in the next %(weeks)s weeks", **words)
    text = _(nothing.words.sentence)
    if nothing.words.params:
        text %= nothing.words.params
    helps = nothing.helps
    if choice.who is not None:
        name = _name_of(choice.who, found)
        text = (
            _("%(name)s has no free time left for this.", name=name)
            if name
            else _("This interviewer does not take what you look for.")
        )
        helps = ()
    others = matching.alternatives(current_user.id, choice.request, helps, now=now)
    exits = [
        (_exit(other, count, choice), choice.url(**_changes(other))) for other, count in others
    ]
    if choice.who is not None:
        exits = [(_("Look at everybody"), choice.url(who=None)), *exits]
    waiting = [
        one
        for one in matching.open_requests(current_user.id)
        if (one.track, one.level, one.duration_min) == (choice.track, choice.level, choice.length)
    ]
    return {
        "title": title,
        "text": text,
        "exits": exits,
        "waiting": waiting[0] if waiting else None,
        "language": "language" in helps,
    }


def _exit(other: Request, count: int, choice: Choice) -> str:
    """Look at mid level (12 free)."""
    if other.again and not choice.again:
        return _("Meet somebody again (%(count)s free)", count=count)
    if other.level != choice.level:
        what = _("%(level)s level", level=_(LEVELS[other.level]).lower())
    elif other.track != choice.track:
        what = _(TRACKS[other.track])
    else:
        what = _("%(length)s minutes", length=other.duration_min)
    return _("Look at %(what)s (%(count)s free)", what=what, count=count)


def _changes(other: Request) -> dict[str, Any]:
    return {
        "track": other.track,
        "level": other.level,
        "length": other.duration_min,
        "again": other.again,
    }
