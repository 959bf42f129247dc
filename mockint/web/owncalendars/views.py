"""An interviewer's own calendars: what is read, what it blocks, adding and removing one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.errors import NotYours, Refusal
from mockint.domain.owncalendars import FILE_REACH, MOST, MOST_OCTETS, Health, health
from mockint.domain.timespan import Span
from mockint.models import BusyCalendar
from mockint.queries import busytime as query
from mockint.services import busytime as service
from mockint.web import presenters
from mockint.web.extensions import limiter
from mockint.web.guards import INTERVIEWER, allow
from mockint.web.owncalendars.forms import UploadForm, UrlForm

blueprint = Blueprint("owncalendars", __name__)

DAYS_SHOWN = 7
ROOM_FOR_A_FORM = 64 * 1024
STATES = {
    Health.WAITING: ("held", None),
    Health.READ: ("done", None),
    Health.FAILING: ("alert", "warn"),
    Health.CLOSED: ("alert", "bad"),
}


@blueprint.url_value_preprocessor
def _let_files_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Of interviewers' uploads more is read than of any other form; this runs before all checks."""
    if (
        endpoint == "owncalendars.upload"
        and current_user.is_authenticated
        and INTERVIEWER in current_user.role_names
    ):
        request.max_content_length = MOST_OCTETS + ROOM_FOR_A_FORM


@blueprint.get("/hours/calendars")
@allow(INTERVIEWER)
def page() -> ResponseReturnValue:
    """Every calendar with how it does, and what they block in the coming days."""
    return _page()


def _page(*, url_form: UrlForm | None = None, upload_form: UploadForm | None = None) -> str:
    g.nav = "Hours"
    now = presenters.now()
    known = query.own(current_user.id)
    return render_template(
        "owncalendars/page.html",
        calendars=[_shown(one) for one in known],
        closed=[one.name for one in known if one.closed],
        days=_days(now),
        room=len(known) < MOST,
        most=MOST,
        url_form=url_form or UrlForm(formdata=None),
        upload_form=upload_form or UploadForm(formdata=None),
        refused=upload_form if upload_form and upload_form.errors else url_form,
    )


def _shown(row: BusyCalendar) -> dict[str, Any]:
    how = health(
        read=row.read_at is not None, failing=row.failing_since is not None, closed=row.closed
    )
    shape, tone = STATES[how]
    words = {
        Health.WAITING: _("Waiting to be read"),
        Health.READ: _("Read"),
        Health.FAILING: _("Cannot be read"),
        Health.CLOSED: _("Cannot be read for three days"),
    }
    return {
        "row": row,
        "state": (shape, words[how], tone),
        "until": _end_of(row.read_at) if row.kind == "file" and row.read_at else None,
        "trouble": _(row.trouble) % row.trouble_about if row.trouble else "",
        "caveats": [_(sentence) % {"about": about} for sentence, about in row.caveats],
    }


def _end_of(read_at: datetime) -> str:
    """The last day that a file says something of, with its year."""
    return presenters.date_words(presenters.local(read_at + FILE_REACH).date(), "d MMMM y")


def _days(now: datetime) -> list[tuple[str, str]]:
    """The coming local days on which something is blocked, with the hours in words."""
    zone = current_user.zone
    today = zones.local_date(zone, now)
    dates = [today + timedelta(days=number) for number in range(DAYS_SHOWN)]
    whole = {day: zones.day_spans(zone, day) for day in dates}
    stretches = [span for spans in whole.values() for span in spans]
    if not stretches:
        return []
    busy = query.blocked(current_user.id, Span(now, stretches[-1].end))
    shown = []
    for day in dates:
        words = [_hours(part, day_span) for day_span in whole[day] for part in _in(day_span, busy)]
        if words:
            name = presenters.day(day).replace(" ", "\N{NO-BREAK SPACE}")
            shown.append((name, ", ".join(words)))
    return shown


def _in(day: Span, busy: list[Span]) -> list[Span]:
    return [Span(max(b.start, day.start), min(b.end, day.end)) for b in busy if b.overlaps(day)]


def _hours(part: Span, day: Span) -> str:
    if part == day:
        return _("all day")
    last = part.end == day.end
    end = presenters.hour_of_day(24 * 60) if last else presenters.hour(part.end)
    return _("%(start)s to %(end)s", start=presenters.hour(part.start), end=end)


@blueprint.post("/hours/calendars")
@allow(INTERVIEWER)
def add() -> ResponseReturnValue:
    """An address that is read from now on."""
    form = UrlForm()
    try:
        service.add_url(
            current_user.id, url=form.text("url"), name=form.text("name"), now=presenters.now()
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(url_form=form), refusal.status
    flash(
        _("Added. It is read within a minute; reload this page to see what it blocks."), "success"
    )
    return redirect(url_for("owncalendars.page"), 303)


def _who() -> str:
    return f"person {current_user.id}"


@blueprint.post("/hours/calendars/upload")
@allow(INTERVIEWER)
@limiter.limit("30/hour", key_func=_who)
def upload() -> ResponseReturnValue:
    """A file that is read now, and not kept."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _page(upload_form=form), 422
    try:
        service.add_file(
            current_user.id,
            name=form.file.data.filename or "",
            body=form.file.data.read(MOST_OCTETS + 1),
            now=presenters.now(),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(upload_form=form), refusal.status
    flash(_("Read. Nobody can book you while it says busy."), "success")
    return redirect(url_for("owncalendars.page"), 303)


@blueprint.post("/hours/calendars/<int:calendar_id>/look")
@allow(INTERVIEWER)
def look(calendar_id: int) -> ResponseReturnValue:
    """Read it out of turn; the worker does."""
    service.look_soon(current_user.id, calendar_id, now=presenters.now())
    flash(_("It is read within a minute; reload this page to see."), "info")
    return redirect(url_for("owncalendars.page"), 303)


@blueprint.route("/hours/calendars/<int:calendar_id>/removal", methods=["GET", "POST"])
@allow(INTERVIEWER)
def removal(calendar_id: int) -> ResponseReturnValue:
    """Say what goes, then it goes."""
    g.nav = "Hours"
    found = query.one(current_user.id, calendar_id)
    if found is None:
        raise NotYours()
    if request.method == "GET":
        return render_template("owncalendars/remove.html", row=found)
    service.remove(current_user.id, calendar_id)
    flash(_("Removed. What it blocked is free again."), "success")
    return redirect(url_for("owncalendars.page"), 303)


@blueprint.post("/interviews/<int:booking_id>/kept")
@allow(INTERVIEWER)
def keep(booking_id: int) -> ResponseReturnValue:
    """It stays where it is, although the calendar is busy."""
    service.keep(booking_id, interviewer_id=current_user.id, now=presenters.now())
    flash(_("It stays. You are not asked about this time again."), "success")
    return redirect(url_for("interviews.show", booking_id=booking_id), 303)
