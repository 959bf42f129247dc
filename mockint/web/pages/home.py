"""The first page of a candidate and of an interviewer: what comes next, in one sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain import feedback as feedback_rules
from mockint.domain import interview, timespan, zones
from mockint.domain.availability import Preview, preview
from mockint.domain.community import Community
from mockint.domain.interview import Phase
from mockint.domain.matching import Request
from mockint.domain.reply import Partstat
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models import Booking
from mockint.queries import community as community_query
from mockint.queries import home, offers, people
from mockint.queries import hours as hours_query
from mockint.queries import round as round_query
from mockint.queries.feedback import Draft
from mockint.queries.interviews import Interview
from mockint.queries.people import Profiles, Wishes
from mockint.queries.round import CandidateRound, InterviewerRound
from mockint.services import matching
from mockint.web import presenters
from mockint.web.bookings import sides
from mockint.web.interviews import words
from mockint.web.rounds.words import asks, when

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
HOURS_COUNTED = timedelta(hours=6)
"""Closer than this an interview is so many hours away, not today or tomorrow."""

EVENING_MIN = 19 * 60
ELSEWHERE = (
    "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo",
    "Pacific/Auckland",
)  # fmt: skip
"""Places whose afternoon may be somebody's evening."""

Lead = dict[str, str]
"""The page's sentence, what follows from it, and the one button: title, text, label, url."""


def _lead(title: str, label: str = "", url: str = "", text: str = "") -> Lead:
    return {"title": title, "text": text, "label": label, "url": url}


def when_next(start: datetime, now: datetime, zone: str) -> str:
    """How far the next interview is, as a sentence."""
    minutes = max(1, int((start - now).total_seconds()) // 60)
    if start - now < HOUR:
        sentence = ngettext(
            "Your next interview is in %(num)s minute",
            "Your next interview is in %(num)s minutes",
            minutes,
        )
        return str(sentence)
    if start - now < HOURS_COUNTED:
        sentence = ngettext(
            "Your next interview is in %(num)s hour",
            "Your next interview is in %(num)s hours",
            round(minutes / 60),
        )
        return str(sentence)
    days = (zones.local_date(zone, start) - zones.local_date(zone, now)).days
    if days == 0:
        return str(_("Your next interview is today"))
    if days == 1:
        return str(_("Your next interview is tomorrow"))
    return str(
        ngettext(
            "Your next interview is in %(num)s day", "Your next interview is in %(num)s days", days
        )
    )


def _urgent(found: Interview | None, now: datetime) -> bool:
    """Running, or so close that nothing else comes first."""
    return found is not None and found.booking.start_at - now < HOUR


def _about_next(found: Interview, now: datetime) -> Lead:
    booking = found.booking
    if booking.start_at <= now:
        title = _("Your interview with %(name)s is running", name=words.other(found))
    else:
        title = when_next(booking.start_at, now, current_user.zone)
    return _lead(title, *_next_step(found, now))


def _next_step(found: Interview, now: datetime) -> tuple[str, str]:
    """Where the button of the next interview leads: a no of the interviewer needs an answer."""
    booking, theirs = found.booking, found.theirs
    lost = theirs is not None and theirs.partstat == Partstat.DECLINED
    if lost and found.side == "candidate" and booking.start_at > now:
        url = url_for("interviews.instead", booking_id=booking.id)
        return str(_("Keep the time, or choose another")), url
    return str(_("Open interview page")), _page(booking)


def _page(booking: Booking) -> str:
    return url_for("interviews.show", booking_id=booking.id)


def _hero(found: Interview, now: datetime) -> dict[str, Any]:
    """The next interview: its clock, what it is, and what may still be done about it."""
    booking = found.booking
    reader = sides.Reader(found.side, booking)
    last = sides.last_moments(booking, community_query.current())
    opens = interview.join_window(booking.start_at, booking.end_at).start
    label, url = _next_step(found, now)
    return {
        "booking": booking,
        "url": url,
        "label": label,
        "zone": zones.label(current_user.zone, booking.start_at),
        "what": _what(booking),
        "line": _("%(level)s level, %(n)s minutes, with %(name)s", **_words(found)),
        "state": words.said(found) if booking.start_at > now else None,
        "join": _("The join button works now.")
        if opens <= now
        else _("The join button works from %(time)s.", time=presenters.hour(opens)),
        "ruler": sides.ruler(reader, booking.start_at, booking.end_at),
        "changes": sides.clock_changes(reader, booking.start_at, now),
        "can_move": now <= last["move"],
        "can_cancel": now <= last["cancel"],
    }


def _what(booking: Booking) -> str:
    return str(_(TRACKS[booking.track]))


def _words(found: Interview) -> dict[str, Any]:
    booking = found.booking
    return {
        "level": _(LEVELS[booking.level]),
        "n": booking.duration_min,
        "name": getattr(booking, found.other_side).name,
    }


def _rounds(
    found: Sequence[CandidateRound | InterviewerRound], now: datetime
) -> list[dict[str, Any]]:
    """The rounds that can be answered, with whether they were."""
    return [
        {
            "card": one.card,
            "until": when(one.card.closes_at),
            "answered": one.request is not None and one.request.withdrawn_at is None
            if isinstance(one, CandidateRound)
            else one.max_total is not None,
        }
        for one in found
        if asks(one.card, now)
    ]


# The candidate


def candidate() -> dict[str, Any]:
    """What the candidate's first page is drawn from."""
    now, community = presenters.now(), community_query.current()
    mine = people.profiles(current_user.id)
    found = home.candidate(current_user.id, community=community, now=now)
    waiting = _waiting(found, community, now)
    lead = _candidate_lead(found, mine, waiting, now)
    # What the page's own button leads to is not listed once more.
    listed = [row for row in waiting if row["url"] != lead["url"]]
    return {
        "mine": found,
        "lead": lead,
        "hero": _hero(found.ahead[0], now) if found.ahead else None,
        "also": [(one.booking, words.said(one)) for one in found.ahead[1:]],
        "waiting": listed,
        "requests": matching.open_requests(current_user.id),
        "rounds": _rounds(round_query.for_candidate(current_user.id, now=now), now),
        "practise_before": found.ahead[0].booking.start_at
        if found.ahead and found.ahead[0].booking.start_at - now < WEEK
        else None,
        "room": 0 < len(found.ahead) < community.max_upcoming,
        "free_this_week": _free_this_week(mine.wishes, now, community) if found.new else 0,
        "track": _first_track(mine.wishes),
        "ghost": _ghost(now) if found.new and mine.wishes else None,
        "application": mine,
    }


def _candidate_lead(
    found: home.Candidate, mine: Profiles, waiting: list[dict[str, str]], now: datetime
) -> Lead:
    upcoming = found.ahead[0] if found.ahead else None
    if upcoming is not None and _urgent(upcoming, now):
        return _about_next(upcoming, now)
    if found.held is not None and found.held.held_until is not None:
        when = presenters.moment(found.held.start_at)
        until = presenters.hour(found.held.held_until)
        return _lead(
            _("%(when)s is held for you until %(until)s", when=when, until=until),
            _("Go on to book it"),
            url_for("bookings.show", booking_id=found.held.id),
            text=sides.what(found.held),
        )
    if found.to_read or found.to_rate:
        first = waiting[0]
        return _lead(first["title"], first["label"], first["url"], text=first["text"])
    if upcoming is not None:
        return _about_next(upcoming, now)
    if mine.wishes is None:
        return _lead(
            _("First say what you prepare for"),
            _("Say what you prepare for"),
            url_for("accounts.candidate"),
            text=_("A level and one track are enough to find an interviewer. Then you book."),
        )
    book = _("Book an interview"), url_for("slots.picker")
    if found.new:
        text = _(
            "Pick a track and a time. A volunteer gives you an hour, then writes what they saw."
        )
        return _lead(_("Your first hour goes here"), *book, text=text)
    return _lead(_("You have no interview booked"), *book)


def _waiting(found: home.Candidate, community: Community, now: datetime) -> list[dict[str, str]]:
    """What waits after interviews: first what the candidate can do."""
    rows = []
    for booking in found.to_read:
        rows.append(
            _row(
                booking,
                _("Feedback from %(name)s is ready", name=_name(booking)),
                _("%(what)s, %(day)s", what=_what(booking), day=presenters.day(booking.start_at)),
                _("Read it"),
                url_for("feedback.read", booking_id=booking.id),
            )
        )
    for booking in found.to_rate:
        rows.append(
            _row(
                booking,
                _("Say how the interview with %(name)s was", name=_name(booking)),
                _("Four taps. Your feedback can be read once you have."),
                _("Rate %(name)s", name=_name(booking)),
                url_for("feedback.rating", booking_id=booking.id),
            )
        )
    for booking, written in found.awaited:
        due = feedback_rules.due_at(booking.end_at, community.feedback_deadline_hours)
        if written:
            text = _("It is written and opens soon.")
        elif now < due:
            text = _("Due %(when)s.", when=words.when(due))
        else:
            text = _("It is late. %(name)s gets reminders.", name=_name(booking))
        title = _("Feedback from %(name)s", name=_name(booking))
        rows.append(_row(booking, title, text, _("Interview page"), _page(booking)))
    return rows


def _row(booking: Booking, title: str, text: str, label: str, url: str) -> dict[str, str]:
    day = presenters.day(booking.start_at)
    return {"day": day, "title": title, "text": text, "label": label, "url": url}


def _name(booking: Booking) -> str:
    return presenters.given(booking.interviewer.name)


def _first_track(wishes: Wishes | None) -> str:
    tracks = wishes.tracks if wishes else ()
    return next((key for key in tracks if key in TRACKS), next(iter(TRACKS)))


def _free_this_week(wishes: Wishes | None, now: datetime, community: Community) -> int:
    """How many starts of the candidate's first track are free in the next seven days."""
    if wishes is None or not wishes.languages or wishes.target_level not in LEVELS:
        return 0
    request = Request(_first_track(wishes), wishes.target_level, community.default_length_min)
    looks = matching.seeker(current_user.id, now=now, wishes=wishes)
    return bisect_left(matching.starts_for(looks, request, now=now), now + WEEK)


def _ghost(now: datetime) -> dict[str, Any]:
    """Where the first hour could be: an evening of the reader, an afternoon somewhere else."""
    day = zones.local_date(current_user.zone, now) + timedelta(days=1)
    second, _end = zones.wall_intervals(current_user.zone, day, EVENING_MIN, EVENING_MIN + 60)[0]
    start = timespan.at_second(second)
    there = next(
        (zone for zone in ELSEWHERE if 12 <= zones.wall(zone, start).hour < 17), ELSEWHERE[0]
    )
    return {"start": start, "end": start + HOUR, "there": there}


# Whoever has no role yet


def volunteer() -> dict[str, Any]:
    """What became of the application, if there is one."""
    return {"application": people.profiles(current_user.id)}


# The interviewer


def interviewer() -> dict[str, Any]:
    """What the interviewer's first page is drawn from."""
    now, community = presenters.now(), community_query.current()
    found = home.interviewer(current_user.id, now=now)
    ahead, owed = found.ahead, found.owed
    presenters.waits("feedback.owed", len(owed))
    gives, paused_until = _hours(now, community)
    week = [found for found in ahead[1:] if found.booking.start_at < now + WEEK]
    return {
        "lead": _interviewer_lead(ahead, owed, gives, paused_until, now),
        "hero": _hero(ahead[0], now) if ahead else None,
        "week": [
            (
                found.booking,
                _("%(level)s level, %(n)s minutes, with %(name)s", **_words(found)),
                words.said(found),
            )
            for found in week
        ],
        "later": max(0, len(ahead) - 1 - len(week)),
        "owed": [_owed(draft, community, now) for draft in owed],
        "gives": gives,
        "length": community.default_length_min,
        "paused_until": paused_until,
        "rounds": _rounds(round_query.for_interviewer(current_user.id, now=now), now),
    }


def _hours(now: datetime, community: Community) -> tuple[Preview, Any]:
    """What candidates could book in the next two weeks, and the end of a break that is on."""
    offer = hours_query.offer(current_user.id, now=now)
    gives = preview(
        offer, now=now, duration_min=community.default_length_min, terms=offers.terms(community)
    )
    until = offer.limits.paused_until
    paused = until is not None and until > zones.local_date(current_user.zone, now)
    return gives, until if paused else None


def _interviewer_lead(
    ahead: list[Interview], owed: list[Draft], gives: Preview, paused_until: Any, now: datetime
) -> Lead:
    hours = url_for("hours.hours")
    if ahead and _urgent(ahead[0], now):
        return _about_next(ahead[0], now)
    if owed:
        title = ngettext(
            "One interview waits for your feedback",
            "%(num)s interviews wait for your feedback",
            len(owed),
        )
        url = url_for("feedback.form", booking_id=owed[0].booking.id)
        name = presenters.given(owed[0].booking.candidate.name)
        return _lead(title, _("Write about %(name)s", name=name), url)
    if ahead:
        return _about_next(ahead[0], now)
    if paused_until is not None:
        title = _("You are on a break until %(day)s", day=presenters.day(paused_until))
        return _lead(title, _("Your hours"), hours, text=_("Nobody new can book you until then."))
    if not gives.count:
        text = _("Candidates see the hours you open, in their own zone.")
        return _lead(_("Nobody can book you yet"), _("Set your hours"), hours, text=text)
    text = _("Your hours are open; a mail tells you when somebody books.")
    return _lead(_("No interview is booked with you"), _("Look at your hours"), hours, text=text)


def _owed(draft: Draft, community: Community, now: datetime) -> dict[str, Any]:
    booking = draft.booking
    due = feedback_rules.due_at(booking.end_at, community.feedback_deadline_hours)
    running = interview.phase(booking.start_at, booking.end_at, now) == Phase.RUNNING
    return {
        "booking": booking,
        "left": _("Running now") if running else words.left(due, now),
        "late": now >= due,
        "due": words.when(due),
        "what": _what(booking),
        "name": presenters.given(booking.candidate.name),
        "scored": draft.scored,
        "of": len(draft.track.dimensions),
        "url": url_for("feedback.form", booking_id=booking.id),
    }


PARTS = {"candidate": candidate, "interviewer": interviewer, "volunteer": volunteer}
"""What somebody is, and what their first page is drawn from."""
