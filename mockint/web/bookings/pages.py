"""What the booking pages are drawn from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import g, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import booking as rules
from mockint.domain import interview, zones
from mockint.domain.errors import LimitReached, Refusal
from mockint.domain.rubric import LANGUAGES
from mockint.domain.timespan import Span
from mockint.models import Booking
from mockint.queries import bookings
from mockint.queries import community as community_query
from mockint.services import matching
from mockint.settings import active
from mockint.web import presenters
from mockint.web.bookings import calendars, sides
from mockint.web.bookings.sides import Reader
from mockint.web.errors import sentence
from mockint.web.slots import calendar


def _common(reader: Reader, start: datetime, end: datetime, **drawn: Any) -> dict[str, Any]:
    now = presenters.now()
    return {
        "reader": reader,
        "booking": reader.booking,
        "zone": zones.label(current_user.zone, start),
        "ruler": sides.ruler(reader, start, end, **drawn),
        "clocks": sides.clocks(reader, start, end),
        "changes": sides.clock_changes(reader, start, now),
        "what": sides.what(reader.booking),
        "at": now,
    }


def held(reader: Reader) -> str:
    """The page that confirms: one button books it."""
    g.nav = "Book"
    booking, now = reader.booking, presenters.now()
    community = community_query.current()
    profile = booking.interviewer.interviewer
    return render_template(
        "bookings/held.html",
        over=rules.hold_over(booking.held_until, now),
        last=sides.last_moments(booking, community),
        languages=_languages(profile.languages) if profile else "",
        profile=profile,
        choose_again=_picker(booking),
        anyone=_picker(booking, who=None),
        **_common(reader, booking.start_at, booking.end_at),
    )


def _languages(keys: tuple[str, ...]) -> str:
    return ", ".join(LANGUAGES[key] for key in keys if key in LANGUAGES)


def _picker(booking: Booking, **changes: Any) -> str:
    words: dict[str, Any] = {
        "track": booking.track,
        "level": booking.level,
        "length": booking.duration_min,
        "who": booking.interviewer_id if booking.chosen else None,
        "day": zones.local_date(current_user.zone, booking.start_at).isoformat(),
    }
    return url_for("slots.picker", **(words | changes))


def booked(reader: Reader) -> str:
    """The page of a booking: what was agreed, how to keep it, how to change it."""
    g.nav = "Interviews" if not reader.organiser else "Bookings"
    booking, now = reader.booking, presenters.now()
    community = community_query.current()
    last = sides.last_moments(booking, community)
    entry = calendars.Entry(
        title=_("Mock interview: %(what)s", what=sides.what(booking)),
        start=booking.start_at,
        end=booking.end_at,
        details=_("With %(name)s: %(url)s", name=reader.other.name, url=_address(booking)),
        place=booking.meeting_link,
    )
    return render_template(
        "bookings/booked.html",
        phase=interview.phase(booking.start_at, booking.end_at, now)
        if booking.state == rules.State.CONFIRMED
        else None,
        opens=interview.join_window(booking.start_at, booking.end_at).start,
        calendars=calendars.links(entry),
        address=_masked(current_user.email),
        timeline=sides.timeline(reader, community, now),
        can_move=reader.organiser or now <= last["move"],
        can_cancel=reader.organiser or now <= last["cancel"],
        last=last,
        again=_picker(booking, day=None, who=None) if reader.side == "candidate" else None,
        **_common(reader, booking.start_at, booking.end_at),
    )


def _address(booking: Booking) -> str:
    return active().base_url + url_for("bookings.show", booking_id=booking.id)


def _masked(address: str) -> str:
    """s...a@people.example: enough to know which mailbox, not enough to read over a shoulder."""
    name, _at, host = address.partition("@")
    return f"{name[0]}...{name[-1]}@{host}"


def moving(
    reader: Reader,
    *,
    wanted: datetime | None = None,
    refusal: Refusal | None = None,
    form: Any = None,
    day: Any = None,
    week: Any = None,
) -> str:
    """Where a booking can move to, by the reader's clock; `form` was refused, if there is one."""
    g.nav = "Interviews" if not reader.organiser else "Bookings"
    booking, now = reader.booking, presenters.now()
    community = community_query.current()
    closed = shut(reader, now)
    starts = [] if closed else matching.moves(booking, now=now)

    def url(**changes: Any) -> str:
        words = {key: value.isoformat() for key, value in changes.items() if value is not None}
        return url_for("bookings.reschedule", booking_id=booking.id, **words)

    return render_template(
        "bookings/reschedule.html",
        shut=closed,
        errors=[(str(words[0]), None) for words in form.errors.values()] if form else [],
        taken=_taken(reader, wanted, refusal, starts, now) if wanted and refusal else None,
        shown=calendar.calendar(
            starts,
            zone=current_user.zone,
            now=now,
            day=day if day or week else _day_of_or_after(wanted or booking.start_at, starts),
            week=week,
            url=url,
        )
        if starts
        else None,
        last=sides.last_moments(booking, community)["move"],
        **_common(reader, booking.start_at, booking.end_at),
    )


def _day_of_or_after(at: datetime, starts: list[datetime]) -> date | None:
    """The reader's day of this time, or the nearest following one, that has a free start."""
    day = zones.local_date(current_user.zone, at)
    days = (zones.local_date(current_user.zone, start) for start in starts)
    return next((one for one in days if one >= day), None)


def shut(reader: Reader, now: datetime) -> str | None:
    """Why this booking cannot be moved any more."""
    try:
        rules.require_reschedule(
            reader.booking.state,
            reader.booking.start_at,
            now=now,
            cutoff_min=community_query.current().cutoff_reschedule_min,
            organiser=reader.organiser,
        )
    except Refusal as refusal:
        return sentence(refusal)
    return None


def _taken(
    reader: Reader, wanted: datetime, refusal: Refusal, starts: list[datetime], now: datetime
) -> dict[str, Any]:
    booking = reader.booking
    when = {"time": presenters.hour(wanted), "day": presenters.day(wanted)}
    span = Span.lasting(wanted, booking.duration_min)
    since = bookings.taken_at(
        span, interviewer_ids=[booking.interviewer_id], but=booking.candidate_id, now=now
    )
    title = (
        _("%(time)s on %(day)s was just taken", **when)
        if since
        else _("%(time)s on %(day)s cannot be booked", **when)
    )
    near = [] if isinstance(refusal, LimitReached) else rules.nearest(starts, wanted)
    return {
        "title": title,
        "text": _("%(why)s Your interview stays where it is.", why=sentence(refusal)),
        "times": calendar.nearby(near, wanted, zone=current_user.zone),
    }


def move_to(reader: Reader, new_start: datetime) -> str:
    """Both times on the rulers before the move is made."""
    g.nav = "Interviews" if not reader.organiser else "Bookings"
    booking = reader.booking
    span = Span.lasting(new_start, booking.duration_min)
    same_day = zones.local_date(reader.mine.zone, new_start) == zones.local_date(
        reader.mine.zone, booking.start_at
    )
    return render_template(
        "bookings/move.html",
        new=span,
        **_common(
            reader,
            span.start,
            span.end,
            old=(booking.start_at, booking.end_at) if same_day else None,
        ),
    )


def cancelling(reader: Reader, form: Any) -> str:
    """What a cancellation means, and why."""
    g.nav = "Interviews" if not reader.organiser else "Bookings"
    community = community_query.current()
    now = presenters.now()
    shut = None
    try:
        rules.require_cancel(
            reader.booking.state,
            reader.booking.start_at,
            now=now,
            cutoff_min=community.cutoff_cancel_min,
            organiser=reader.organiser,
        )
    except Refusal as refusal:
        shut = sentence(refusal)
    booking = reader.booking
    return render_template(
        "bookings/cancel.html",
        form=form,
        shut=shut,
        last=sides.last_moments(booking, community)["cancel"],
        **_common(reader, booking.start_at, booking.end_at),
    )
