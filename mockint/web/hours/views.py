"""An interviewer's weekly hours, dates that differ, and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import zones
from mockint.domain.availability import Blocks, Limits, Offer, Terms, clean_blocks, preview
from mockint.domain.errors import Invalid, NotYours, Refusal
from mockint.queries import busytime
from mockint.queries import community as community_query
from mockint.queries import hours as hours_query
from mockint.services import absence, availability, booking
from mockint.web import presenters, svg
from mockint.web.errors import sentence
from mockint.web.guards import INTERVIEWER, allow
from mockint.web.hours import forms
from mockint.web.typed import whole

blueprint = Blueprint("hours", __name__)


@blueprint.route("/hours", methods=["GET", "POST"])
@allow(INTERVIEWER)
def hours() -> ResponseReturnValue:
    """The week and what it gives; every button but "Save hours" only redraws the page."""
    offer = hours_query.offer(current_user.id, now=presenters.now())
    saved = forms.from_hours(hours_query.weekly(current_user.id), offer.limits)
    if request.method == "GET":
        return _page(saved, offer, saved=True)
    week = forms.read(request.form, offer.limits)
    op = request.form.get("op", "save")
    if op != "save":
        return _page(forms.edited(week, op, request.form), offer, errors=())
    week = forms.copied(week, request.form)
    errors = week.errors
    if not errors:
        try:
            availability.set_hours(current_user.id, weekly=week.weekly(), limits=week.limits)
        except Invalid as refusal:
            errors = ((refusal.field, sentence(refusal)),)
        else:
            flash(_("Hours saved. Interviews already booked stay as they are."), "success")
            return redirect(url_for("hours.hours"), 303)
    return _page(week, offer, errors=errors), 422


def _page(
    week: forms.WeekForm,
    offer: Offer,
    *,
    errors: Iterable[tuple[str, str]] = (),
    saved: bool = False,
) -> str:
    g.nav = "Hours"
    community = community_query.current()
    now = presenters.now()
    weekly = week.usable()
    draft = replace(offer, hours=replace(offer.hours, weekly=tuple(weekly)), limits=week.limits)
    terms = Terms(
        notice_min=community.minimum_notice_min,
        horizon_days=community.horizon_days,
        step_min=community.step_min,
    )
    gives = preview(draft, now=now, duration_min=community.default_length_min, terms=terms)
    zone = current_user.zone
    return render_template(
        "hours/hours.html",
        errors=list(errors),
        days=_rows(week, weekly, offer),
        limits=week.limits,
        choices=_choices(week.limits),
        gives=gives,
        length=community.default_length_min,
        saved=saved,
        booked=sum(1 for span in offer.booked if span.start > now),
        dates=hours_query.exceptions(current_user.id, since=zones.local_date(zone, now)),
        hour_of_day=presenters.hour_of_day,
        calendars=busytime.own(current_user.id),
        paused_until=offer.limits.paused_until
        if offer.limits.paused_until and offer.limits.paused_until > zones.local_date(zone, now)
        else None,
    )


def _choices(limits: Limits) -> dict[str, list[tuple[str, str]]]:
    """What the selects offer; a present value that is not on the list stays on offer."""

    def listed(values: Iterable[int], present: int | None, words: Callable[[int], str]) -> Any:
        offered = sorted({*values, present if present is not None else 1})
        return [(str(value), words(value)) for value in offered]

    def at_most(count: int) -> str:
        return _("At most %(count)s", count=count)

    return {
        "times": _times(),
        "per_day": listed(forms.COUNTS_A_DAY, limits.per_day, at_most),
        "per_week": listed(forms.COUNTS_A_WEEK, limits.per_week, at_most),
        "notice_min": listed(forms.NOTICES_MIN, limits.notice_min, presenters.duration),
        "buffer_min": listed(forms.BUFFERS_MIN, limits.buffer_min, presenters.duration),
    }


def _times() -> list[tuple[str, str]]:
    """Every quarter of an hour as forms send it and as the reader spells it."""
    return [(text, presenters.hour_of_day(minute)) for text, minute in forms.MINUTES.items()]


def _rows(week: forms.WeekForm, weekly: list[Blocks], offer: Offer) -> list[dict[str, Any]]:
    names = [presenters.weekday(day) for day in range(7)]
    spell = presenters.hour_of_day
    booked = _booked_by_weekday(offer)
    rows = []
    for day, key in enumerate(forms.DAYS):
        others = [(k, names[n]) for n, k in enumerate(forms.DAYS) if k != key]
        open_words = ", ".join(
            _("%(start)s to %(end)s", start=spell(a), end=spell(b)) for a, b in weekly[day]
        )
        rows.append(
            {
                "key": key,
                "label": names[day],
                "on": week.on[day],
                "blocks": week.rows[day],
                "copy_days": [("weekdays", _("Monday to Friday")), *others],
                "bar": svg.week_bar(
                    weekly[day],
                    booked[day],
                    _("%(day)s: open %(open)s", day=names[day], open=open_words),
                )
                if weekly[day]
                else "",
            }
        )
    return rows


def _booked_by_weekday(offer: Offer) -> list[list[tuple[int, int]]]:
    """The coming week's interviews as minutes of their local weekday."""
    found: list[list[tuple[int, int]]] = [[] for _day in range(7)]
    now = presenters.now()
    for span in offer.booked:
        if not 0 <= (span.start - now).total_seconds() < 7 * 86400:
            continue
        start = presenters.local(span.start, offer.hours.zone)
        begin = start.hour * 60 + start.minute
        length = int((span.end - span.start).total_seconds()) // 60
        found[start.weekday()].append((begin, min(begin + length, 1440)))
    return found


@blueprint.route("/hours/dates/new", methods=["GET", "POST"])
@allow(INTERVIEWER)
def add_date() -> ResponseReturnValue:
    """Dates that differ from the week: away, or other hours."""
    return _date_page(None)


@blueprint.route("/hours/dates/<int:exception_id>", methods=["GET", "POST"])
@allow(INTERVIEWER)
def date_(exception_id: int) -> ResponseReturnValue:
    """Change or remove dates that differ."""
    found = hours_query.exception(current_user.id, exception_id)
    if found is None:
        raise NotYours()
    if request.method == "POST" and request.form.get("op") == "forget":
        availability.remove_exception(current_user.id, exception_id)
        flash(_("Removed. The weekly hours count again on these days."), "success")
        return redirect(url_for("hours.hours"), 303)
    return _date_page(exception_id)


def _date_page(exception_id: int | None) -> ResponseReturnValue:
    g.nav = "Hours"
    found = hours_query.exception(current_user.id, exception_id) if exception_id else None
    form = forms.DateForm(
        data={
            "first_on": found.first_on,
            "last_on": found.last_on,
            "kind": "hours" if found.blocks else "away",
        }
        if found
        else None
    )
    rows: list[forms.Row] = [
        (forms.text_of(a), forms.text_of(b)) for a, b in (found.blocks if found else ())
    ]
    errors: list[tuple[str, str | None]] = []
    op = request.form.get("op", "save")
    if request.method == "POST":
        rows, usable = forms.read_blocks(request.form)
        place = whole(op.removeprefix("remove:"))
        if op == "add":
            rows.append(forms.DEFAULT_BLOCK)
            form.kind.data = "hours"
        elif place is not None and place < len(rows):
            del rows[place]
        elif form.validate_on_submit():
            errors = _save_date(form, rows, exception_id) if usable else _unusable()
            if not errors:
                flash(_("Dates saved. Interviews already booked stay as they are."), "success")
                return redirect(url_for("hours.hours"), 303)
    refused = bool(errors or form.errors)
    return (
        render_template(
            "hours/date.html",
            form=form,
            rows=rows or [forms.DEFAULT_BLOCK],
            times=_times(),
            errors=errors,
            exception=found,
        ),
        422 if refused else 200,
    )


def _unusable() -> list[tuple[str, str | None]]:
    return [(_("Choose times from the list, at most eight blocks a day."), "#start-0")]


def _save_date(
    form: forms.DateForm, rows: list[forms.Row], exception_id: int | None
) -> list[tuple[str, str | None]]:
    """Save the dates; what is wrong, with the anchor of the field."""
    typed = [(forms.MINUTES[a], forms.MINUTES[b]) for a, b in rows]
    blocks = typed if form.kind.data == "hours" else []
    if form.kind.data == "hours" and not blocks:
        return [(_("Add the hours of these days, or choose No interviews."), "#start-0")]
    try:
        clean_blocks("blocks", blocks)
        availability.save_exception(
            current_user.id,
            first_on=_date(form.first_on.data),
            last_on=_date(form.last_on.data),
            blocks=blocks,
            today=zones.local_date(current_user.zone, presenters.now()),
            exception_id=exception_id,
        )
    except Refusal as refusal:
        field = getattr(refusal, "field", None)
        anchor = {"blocks": "#start-0", "last_on": "#last_on"}.get(field or "")
        return [(sentence(refusal), anchor)]
    return []


def _date(value: date | None) -> date:
    """What InputRequired guarantees."""
    assert value is not None
    return value


@blueprint.route("/hours/pause", methods=["GET", "POST"])
@allow(INTERVIEWER)
def pause() -> ResponseReturnValue:
    """A break: no new interviews until a date, and a word on each one already booked."""
    g.nav = "Hours"
    now = presenters.now()
    form = forms.PauseForm()
    errors: list[tuple[str, str | None]] = []
    if request.method == "POST" and request.form.get("op") == "end":
        absence.end_pause(current_user.id)
        flash(_("Welcome back. Your hours are open again."), "success")
        return redirect(url_for("hours.hours"), 303)
    if form.validate_on_submit():
        try:
            absence.pause(
                current_user.id,
                until=_date(form.until.data),
                answers=absence.answers_from(request.form),
                reason=request.form.get("reason", ""),
                now=now,
            )
        except Refusal as refusal:
            errors = [(sentence(refusal), "#until")]
        else:
            flash(_("Paused. Nobody new can book you until then."), "success")
            return redirect(url_for("hours.hours"), 303)
    return (
        render_template(
            "hours/pause.html",
            form=form,
            errors=errors,
            bookings=booking.futures_of(current_user.id, now=now),
            answers=request.form,
        ),
        422 if errors or form.errors else 200,
    )
