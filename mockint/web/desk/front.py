"""The desk: five answers without a click, where times are wanted, and what needs an organiser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.queries import desk as desk_query
from mockint.queries.desk import Answers, Need
from mockint.web import presenters
from mockint.web.desk import words
from mockint.web.desk.blueprint import blueprint, deadline, today
from mockint.web.guards import ORGANISER, allow


@blueprint.get("")
@allow(ORGANISER)
def desk() -> ResponseReturnValue:
    """What is going on, and what to do about it."""
    g.nav = "Desk"
    now = presenters.now()
    found = desk_query.answers(now=now, today=today(), deadline=deadline())
    needs = desk_query.needs(now=now, deadline=deadline())
    return render_template(
        "desk/desk.html",
        heading=_heading(len(needs)),
        answers=_answers(found, now),
        needs=[_need(one, now) for one in needs],
        demand=_demand(now),
        mail_fails=found.mail_dead + found.mail_retrying,
    )


def _heading(count: int) -> str:
    """The sentence on top."""
    numbers = (
        _("Two"), _("Three"), _("Four"), _("Five"), _("Six"), _("Seven"), _("Eight"), _("Nine"),
        _("Ten"), _("Eleven"), _("Twelve"),
    )  # fmt: skip
    if count == 0:
        return _("Nothing needs you today")
    if count == 1:
        return _("One thing needs you today")
    number = numbers[count - 2] if count - 2 < len(numbers) else str(count)
    return _("%(count)s things need you today", count=number)


def _answers(found: Answers, now: datetime) -> list[dict[str, Any]]:
    """The five answers; a quiet one is grey."""
    troubled = found.mail_dead + found.mail_retrying
    return [
        {
            "label": _("Demand nobody can fill"),
            "number": found.unfilled,
            "text": _unfilled(found, now),
            "url": url_for("desk.demand") if found.unfilled else None,
            "link": _("See who"),
            "quiet": not found.unfilled,
        },
        {
            "label": _("Interviews today"),
            "number": found.today,
            "text": _(
                "%(done)s done, %(running)s running, %(to_come)s to come.",
                done=found.done,
                running=found.running,
                to_come=found.to_come,
            ),
            "url": url_for("desk.bookings", when="today", sort="start"),
            "link": _("See today"),
            "quiet": True,
        },
        {
            "label": _("Absences and disputes"),
            "number": found.absences + found.disputes,
            "text": _absent(found),
            "url": url_for("desk.bookings", state="disputed" if found.disputes else "absent"),
            "link": _("Settle") if found.disputes else _("See them"),
            "quiet": not found.absences + found.disputes,
        },
        {
            "label": _("Feedback overdue"),
            "number": found.overdue,
            "text": _overdue(found, now),
            "url": url_for("desk.bookings", state="overdue"),
            "link": _("See who owes"),
            "quiet": not found.overdue,
        },
        {
            "label": _("Mail that failed"),
            "number": troubled,
            "text": _mail(found),
            "url": url_for("desk.mail", state="failed") if troubled else url_for("desk.mail"),
            "link": _("See mail"),
            "quiet": not troubled,
        },
    ]


def _unfilled(found: Answers, now: datetime) -> str:
    if found.unfilled_oldest is None:
        return _("Nobody waits for a free time.")
    return ngettext(
        "candidate waits to be told of a free time, for %(age)s.",
        "candidates wait to be told of a free time, the first for %(age)s.",
        found.unfilled,
        age=words.age(found.unfilled_oldest, now),
    )


def _absent(found: Answers) -> str:
    if not found.absences + found.disputes:
        return _("Nobody was reported absent in the last two weeks.")
    parts = []
    if found.absences:
        parts.append(_("%(count)s did not come", count=found.absences))
    if found.disputes:
        parts.append(_("%(count)s where the two sides differ", count=found.disputes))
    return ", ".join(parts) + "."


def _overdue(found: Answers, now: datetime) -> str:
    if found.overdue_oldest is None:
        return _("Everybody who interviewed has written.")
    late = words.age(found.overdue_oldest + deadline(), now)
    return _("The oldest by %(age)s.", age=late)


def _mail(found: Answers) -> str:
    if not found.mail_dead + found.mail_retrying:
        return (
            ngettext(
                "The one mail of the last week went out.",
                "All %(num)s of the last week went out.",
                found.mail_sent,
            )
            if found.mail_sent
            else _("None was due in the last week.")
        )
    return _(
        "%(dead)s given up, %(retrying)s to be tried again.",
        dead=found.mail_dead,
        retrying=found.mail_retrying,
    )


def _need(found: Need, now: datetime) -> dict[str, Any]:
    """One entry of "needs you": age, title, link and what it is about."""
    booking, name = found.booking, found.person.name
    titles = {
        "report": _("Private report by %(name)s", name=name),
        "disputed": _("Disputed: who was absent?"),
        "overdue": _("Feedback by %(name)s", name=name),
        "volunteer": _("Volunteer waiting: %(name)s", name=name),
        "no_link": _("Interview without a link"),
        "calendar": _("Own calendar of %(name)s cannot be read", name=name),
        "promise": _("New clock rules: %(name)s has not said what happens", name=name),
        "declined": _("One side cannot come"),
        "delegated": _("One side wants to send somebody else"),
    }
    entry: dict[str, Any] = {
        "age": words.age(found.since, now),
        "small": _("late") if found.kind == "overdue" else _("left") if found.ahead else None,
        "title": titles[found.kind],
    }
    if booking is None:
        return entry | {
            "url": url_for("desk.person", person_id=found.person.id),
            "about": _volunteer(found, now) if found.kind == "volunteer" else _unread(),
        }
    what = {"track": _(TRACKS[booking.track]), "when": presenters.moment(booking.start_at)}
    about = _("%(track)s, %(when)s.", **what)
    if found.kind in ("promise", "declined", "delegated"):
        about = _(
            "%(candidate)s with %(interviewer)s. %(about)s",
            candidate=booking.candidate.name,
            interviewer=booking.interviewer.name,
            about=about,
        )
    if found.kind == "disputed":
        about = _(
            "%(candidate)s and %(interviewer)s say different things. %(about)s",
            candidate=booking.candidate.name,
            interviewer=booking.interviewer.name,
            about=about,
        )
    if found.kind == "no_link":
        about = _("%(name)s has no meeting link. %(about)s", name=name, about=about)
    return entry | {
        "url": url_for("desk.booking", booking_id=booking.id),
        "about": about,
    }


def _unread() -> str:
    """About an own calendar that fails."""
    return _("They got a mail about it. After three days nobody new can book them.")


def _volunteer(found: Need, now: datetime) -> str:
    profile = found.person.interviewer
    tracks = words.named(profile.tracks, TRACKS) if profile else ""
    levels = words.named(profile.levels, LEVELS).lower() if profile else ""
    return _(
        "%(tracks)s; %(levels)s. %(zone)s.",
        tracks=tracks,
        levels=levels,
        zone=zones.label(found.person.zone, now),
    )


def _demand(now: datetime) -> dict[str, Any] | None:
    """Who waits, by track and target level, and the sentence about the largest number."""
    wanted = desk_query.wanted()
    if not wanted:
        return None
    most = max(wanted.values())
    track, level = next(
        (t, v) for t in TRACKS for v in LEVELS if wanted.get((t, v)) == most
    )  # of equals the first in the tables' order
    cover, paused = desk_query.covering(
        track, level, today=zones.local_date(current_user.zone, now)
    )
    return {
        "columns": [_(name) for name in LEVELS.values()],
        "rows": [
            (_(name), [wanted.get((key, level_key), 0) for level_key in LEVELS])
            for key, name in TRACKS.items()
        ],
        "hole": _(
            "%(track)s at %(level)s level is the hole.",
            track=_(TRACKS[track]),
            level=_(LEVELS[level]).lower(),
        ),
        "cover": _cover(cover, paused),
        "url": url_for("desk.people", role="interviewer", track=track, level=level)
        if cover
        else url_for("desk.invite"),
        "link": _("See them") if cover else _("Invite a volunteer"),
    }


def _cover(cover: int, paused: int) -> str:
    """Four approved volunteers cover it; two have paused."""
    if not cover:
        return _("No approved volunteer covers it.")
    words_ = ngettext(
        "%(num)s approved volunteer covers it", "%(num)s approved volunteers cover it", cover
    )
    if paused:
        words_ += "; " + ngettext("%(num)s has paused", "%(num)s have paused", paused)
    return words_ + "."
