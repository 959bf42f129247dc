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
from mockint.domain.errors import N_
from mockint.domain.round.states import State
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.queries import desk as desk_query
from mockint.queries import round as round_query
from mockint.queries import safety
from mockint.queries.desk import Answers, Demand, Need, PersonNeed
from mockint.queries.round import Card
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
    late = deadline()
    found = desk_query.answers(now=now, today=today(), deadline=late)
    demand = desk_query.demand()
    found_needs = desk_query.needs(now=now, deadline=late)
    needs = _reports(found_needs, now)
    needs += [_need(one, now) for one in found_needs if one.kind != "report"]
    needs += [_person(one, now) for one in desk_query.people(now=now)]
    cards = round_query.cards()
    needs += [one for card in cards if (one := _round(card, now))]
    needs += _broken(cards, now)
    return render_template(
        "desk/desk.html",
        heading=_heading(len(needs)),
        answers=_answers(found, demand, now),
        needs=needs,
        demand=_wanted(demand, now),
    )


NUMBERS = (
    N_("Two"), N_("Three"), N_("Four"), N_("Five"), N_("Six"), N_("Seven"), N_("Eight"), N_("Nine"),
    N_("Ten"), N_("Eleven"), N_("Twelve"),
)  # fmt: skip


def _heading(count: int) -> str:
    """The sentence on top."""
    if count == 0:
        return _("Nothing needs you today")
    if count == 1:
        return _("One thing needs you today")
    number = _(NUMBERS[count - 2]) if count - 2 < len(NUMBERS) else str(count)
    return _("%(count)s things need you today", count=number)


def _answers(found: Answers, demand: Demand, now: datetime) -> list[dict[str, Any]]:
    """The five answers; a quiet one is grey."""
    troubled = found.mail_dead + found.mail_retrying
    return [
        {
            "label": _("Demand nobody can fill"),
            "number": demand.total,
            "text": _unfilled(demand, now),
            "url": url_for("desk.demand") if demand.total else None,
            "link": _("See who"),
            "quiet": not demand.total,
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
            "url": url_for("desk.overdue"),
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


def _unfilled(demand: Demand, now: datetime) -> str:
    if demand.oldest is None:
        return _("Nobody waits for a free time.")
    return ngettext(
        "candidate waits to be told of a free time, for %(age)s.",
        "candidates wait to be told of a free time, the first for %(age)s.",
        demand.total,
        age=words.age(demand.oldest, now),
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


def _reports(found: list[Need], now: datetime) -> list[dict[str, Any]]:
    """Private reports: each for the safety person, their number for everybody else."""
    reports = [one for one in found if one.kind == "report"]
    if not reports or safety.reads(current_user.id):
        return [_need(one, now) for one in reports]
    named = safety.named()
    return [
        {
            "age": words.age(min(one.since for one in reports), now),
            "small": None,
            "title": ngettext("%(num)s private report", "%(num)s private reports", len(reports)),
            "url": url_for("desk.settings", _anchor="safety"),
            "about": _("%(name)s is the safety person and reads it.", name=named[1])
            if named
            else _("Nobody can read it yet: name a safety person."),
        }
    ]


def _need(found: Need, now: datetime) -> dict[str, Any]:
    """One entry of "needs you": age, title, link and what it is about."""
    since, small = found.since, None
    match found.kind:
        case "overdue":
            since, small = found.since + deadline(), _("late")
        case "promise" | "declined" | "delegated" | "no_link":
            small = _("left")
    titles = {
        "report": _("Private report by %(name)s", name=found.candidate),
        "disputed": _("Disputed: who was absent?"),
        "promise": _("New clock rules: %(name)s has not said what happens", name=found.interviewer),
        "declined": _("One side cannot come"),
        "delegated": _("One side wants to send somebody else"),
        "overdue": _("Feedback by %(name)s", name=found.interviewer),
        "no_link": _("Interview without a link"),
    }
    return {
        "age": words.age(since, now),
        "small": small,
        "title": titles[found.kind],
        "url": url_for("desk.booking", booking_id=found.booking_id),
        "about": _about(found),
    }


def _about(found: Need) -> str:
    """Which interview it is, and what is the matter where the title does not say it."""
    when = presenters.moment(found.start_at)
    about = _("%(track)s, %(when)s.", track=_(TRACKS[found.track]), when=when)
    both = {"candidate": found.candidate, "interviewer": found.interviewer, "about": about}
    match found.kind:
        case "disputed":
            return _("%(candidate)s and %(interviewer)s say different things. %(about)s", **both)
        case "promise" | "declined" | "delegated":
            return _("%(candidate)s with %(interviewer)s: %(about)s", **both)
        case "no_link":
            return _("%(name)s has no meeting link. %(about)s", name=found.interviewer, about=about)
    return about


def _person(found: PersonNeed, now: datetime) -> dict[str, Any]:
    """The same about somebody."""
    if found.kind == "calendar":
        title = _("Own calendar of %(name)s cannot be read", name=found.name)
        about = _("They got a mail about it. After three days nobody new can book them.")
    else:
        title = _("Volunteer waiting: %(name)s", name=found.name)
        about = _(
            "%(tracks)s; %(levels)s. %(zone)s.",
            tracks=words.named(found.tracks, TRACKS),
            levels=words.named(found.levels, LEVELS).lower(),
            zone=zones.label(found.zone, now),
        )
    return {
        "age": words.age(found.since, now),
        "small": None,
        "title": title,
        "url": url_for("desk.person", person_id=found.person_id),
        "about": about,
    }


def _round(card: Card, now: datetime) -> dict[str, Any] | None:
    """The same about a round that waits for an organiser."""
    titles = {
        State.CLOSED: _("Round closed: %(name)s", name=card.name),
        State.SOLVED: _("Round solved: %(name)s", name=card.name),
        State.REVIEWED: _("Round not published: %(name)s", name=card.name),
    }
    abouts = {
        State.CLOSED: _("Have it solved, so that candidates hear in time."),
        State.SOLVED: _("Look at the result and accept it."),
        State.REVIEWED: _("It is accepted; nobody is told until you publish it."),
    }
    if card.state not in titles or card.job is not None:
        return None
    return {
        "age": words.age(card.closes_at, now),
        "small": _("left") if card.closes_at > now else None,
        "title": titles[card.state],
        "url": url_for("rounds.show", round_id=card.id),
        "about": abouts[card.state],
    }


def _broken(cards: list[Card], now: datetime) -> list[dict[str, Any]]:
    """The same about published rounds that left somebody without the interview they had."""
    running = [one for one in cards if one.state == State.PUBLISHED and one.span.end > now]
    left = round_query.without_interview(running)
    return [
        {
            "age": words.age(card.span.end, now),
            "small": _("left"),
            "title": _("Lost places: %(name)s", name=card.name),
            "url": url_for("rounds.repair", round_id=card.id),
            "about": ngettext(
                "%(num)s candidate of it is without an interview again.",
                "%(num)s candidates of it are without an interview again.",
                left[card.id],
            ),
        }
        for card in running
        if card.id in left
    ]


def _wanted(demand: Demand, now: datetime) -> dict[str, Any] | None:
    """Who waits, by track and target level, and the sentence about the largest number."""
    wanted = demand.wanted
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
