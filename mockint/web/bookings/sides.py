"""A booking as one reader sees it: their clock on top, the other side's below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import booking as rules
from mockint.domain import zones
from mockint.domain.community import Community
from mockint.domain.errors import NotYours
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models import Booking, Person
from mockint.queries import bookings
from mockint.web import presenters

CHANGE_NOTICE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page, in which part, and whose clock is shown beside theirs."""

    side: str
    """candidate, interviewer or organiser."""
    booking: Booking

    @property
    def other(self) -> Person:
        """The person on the other side; for an organiser the interviewer."""
        if self.side == "interviewer":
            return self.booking.candidate
        return self.booking.interviewer

    @property
    def mine(self) -> Person:
        """Whose clock is on top: the reader's, for an organiser the candidate's."""
        if self.side == "interviewer":
            return self.booking.interviewer
        return self.booking.candidate

    @property
    def organiser(self) -> bool:
        return self.side == "organiser"


def reader_of(booking_id: int) -> Reader:
    """The booking for whoever asks; a stranger learns nothing, and a hold is its candidate's."""
    found = bookings.find(booking_id)
    if found is None:
        raise NotYours()
    side = found.side_of(current_user.id)
    if side is None and "organiser" in current_user.role_names:
        side = "organiser"
    if side is None or (found.state == rules.State.HELD and side == "interviewer"):
        raise NotYours()
    return Reader(side, found)


def label(person: Person, reader: Reader) -> str:
    """You, Kathmandu; or Jonas, Berlin."""
    name = _("You") if person.id == current_user.id else presenters.given(person.name)
    return f"{name}, {zones.place(person.zone)}"


def ruler(
    reader: Reader,
    start: datetime,
    end: datetime,
    *,
    state: str = "booked",
    old: tuple[datetime, datetime] | None = None,
) -> dict[str, Any]:
    """What the double ruler is drawn from."""
    top = presenters.span(start, end, reader.mine.zone)
    bottom = presenters.span(start, end, reader.other.zone)
    alt = _(
        "%(mine)s: %(day)s, %(top)s. %(theirs)s: %(other_day)s, %(bottom)s.",
        mine=label(reader.mine, reader),
        day=presenters.day(start, reader.mine.zone),
        top=top,
        theirs=label(reader.other, reader),
        other_day=presenters.day(start, reader.other.zone),
        bottom=bottom,
    )
    return {
        "start": start,
        "end": end,
        "reader_zone": reader.mine.zone,
        "reader_label": label(reader.mine, reader),
        "top": top,
        "other_zone": reader.other.zone,
        "other_label": label(reader.other, reader),
        "bottom": bottom,
        "alt": alt,
        "state": state,
        "old": old,
    }


def clocks(reader: Reader, start: datetime, end: datetime) -> list[tuple[str, str, str]]:
    """Both local times as facts: who, when, which offset."""
    return [
        (
            label(person, reader),
            f"{presenters.day(start, person.zone)}, {presenters.span(start, end, person.zone)}",
            zones.offset_label(person.zone, start),
        )
        for person in (reader.mine, reader.other)
    ]


def clock_changes(reader: Reader, start: datetime, now: datetime) -> list[tuple[str, str]]:
    """A title and a sentence for each side whose clocks change close to the interview."""
    return [
        notice
        for person, other in ((reader.mine, reader.other), (reader.other, reader.mine))
        if (notice := _clock_change(person, other, reader, start)) is not None
    ]


def _clock_change(
    person: Person, other: Person, reader: Reader, start: datetime
) -> tuple[str, str] | None:
    change = zones.clock_change_near(person.zone, start, CHANGE_NOTICE_DAYS)
    if change is None:
        return None
    where = {"place": zones.place(person.zone), "day": presenters.day(change.local_day)}
    title = (
        _("Clocks in %(place)s go forward on %(day)s", **where)
        if change.shift_min > 0
        else _("Clocks in %(place)s go back on %(day)s", **where)
    )
    shift = timedelta(minutes=change.shift_min)
    wrong = start - shift if change.at <= start else start + shift
    times = {
        "name": _("you") if person.id == current_user.id else presenters.given(person.name),
        "time": presenters.hour(start, person.zone),
        "wrong": presenters.hour(wrong, person.zone),
        "place": zones.place(person.zone),
    }
    if change.at <= start:
        text = _("For %(name)s it starts at %(time)s, not %(wrong)s.", **times)
    else:
        text = _("For %(name)s it starts at %(time)s %(place)s, before the change.", **times)
    if other.id == current_user.id and zones.clock_change_near(other.zone, start) is None:
        own = {"time": presenters.hour(start, other.zone), "place": zones.place(other.zone)}
        text += " " + _("Your own time does not change: %(time)s %(place)s.", **own)
    return title, text


def what(booking: Booking) -> str:
    """Coding & data structures, mid level, 60 minutes."""
    return _(
        "%(track)s, %(level)s level, %(length)s minutes",
        track=_(TRACKS[booking.track]),
        level=_(LEVELS[booking.level]).lower(),
        length=booking.duration_min,
    )


def last_moments(booking: Booking, community: Community) -> dict[str, datetime]:
    """Until when this can be moved and cancelled by the two people."""
    return {
        "move": rules.last_moment(booking.start_at, community.cutoff_reschedule_min),
        "cancel": rules.last_moment(booking.start_at, community.cutoff_cancel_min),
    }


def timeline(reader: Reader, community: Community, now: datetime) -> list[dict[str, Any]]:
    """What happens until the feedback is there, each moment on the reader's clock."""
    found, booking = [], reader.booking
    if current_user.wants_reminders and not reader.organiser:
        ahead = [
            booking.start_at - timedelta(minutes=minutes) for minutes in community.reminders_min
        ]
        for number, at in enumerate(sorted(one for one in ahead if one > now)):
            found.append(_moment(at, _("Reminder by mail"), now, link=_reminders(number)))
    found += _last_moments(reader, community, now)
    text = {
        "candidate": _("What is scored is no secret; read it beforehand."),
        "interviewer": _("Guide and rubric are on its page."),
    }.get(reader.side, "")
    page = (_("Interview page"), url_for("interviews.show", booking_id=booking.id))
    found.append(
        _moment(booking.start_at, _("Interview"), now, text=text, link=page) | {"state": "mark"}
    )
    due = booking.end_at + timedelta(hours=community.feedback_deadline_hours)
    words = {
        "candidate": _("You rate the interview in four taps, then read it."),
        "interviewer": _("You write it while it is fresh; the form guides you."),
    }.get(reader.side, "")
    found.append(_moment(due, _("Feedback"), now, text=words, by=True))
    return sorted(found, key=lambda one: one["at"])


def _reminders(number: int) -> tuple[str, str] | None:
    return None if number else (_("Change reminders"), url_for("accounts.account"))


def _last_moments(reader: Reader, community: Community, now: datetime) -> list[dict[str, Any]]:
    last = last_moments(reader.booking, community)
    name = presenters.given(reader.other.name)
    text = {
        "candidate": _("So that %(name)s can give the time to somebody else.", name=name),
        "interviewer": _("So that %(name)s can find another time.", name=name),
    }.get(reader.side, _("For the two of them; you can at any time."))
    if last["move"] == last["cancel"]:
        return [_moment(last["move"], _("Last moment to move or cancel"), now, text=text)]
    return [
        _moment(last["move"], _("Last moment to move it"), now, text=text),
        _moment(last["cancel"], _("Last moment to cancel"), now, text=text),
    ]


def _moment(
    at: datetime,
    title: str,
    now: datetime,
    *,
    text: str = "",
    link: tuple[str, str] | None = None,
    by: bool = False,
) -> dict[str, Any]:
    time = presenters.hour(at)
    return {
        "at": at,
        "when": presenters.day(at),
        "small": _("by %(time)s", time=time) if by else time,
        "title": title,
        "text": text,
        "link": link,
        "state": "past" if at < now else None,
    }
