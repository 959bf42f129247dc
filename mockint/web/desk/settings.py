"""What an organiser may set for the whole community, and who changed what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain.account import clean_line
from mockint.domain.errors import N_, Invalid, Refusal
from mockint.models import AuditEntry
from mockint.queries import community as community_query
from mockint.queries import files, safety
from mockint.services import community as service
from mockint.web import presenters
from mockint.web.desk.blueprint import blueprint
from mockint.web.desk.forms import SettingsForm
from mockint.web.guards import ORGANISER, allow
from mockint.web.typed import whole

SECTIONS = (
    ("community", ("name", "contact")),
    (
        "booking",
        (
            "lengths_min", "default_length_min", "step_min", "minimum_notice_min", "horizon_days",
            "hold_min", "max_upcoming", "cutoff_reschedule_min", "cutoff_cancel_min",
        ),
    ),
    ("reminders", ("reminders_min",)),
    ("feedback", ("feedback_deadline_hours", "feedback_hold_min", "rating_window_hours")),
)  # fmt: skip
"""The settings as the page groups them."""
DURATIONS = frozenset(
    {
        "lengths_min", "default_length_min", "step_min", "minimum_notice_min", "hold_min",
        "cutoff_reschedule_min", "cutoff_cancel_min", "reminders_min", "feedback_hold_min",
    }
)  # fmt: skip


@blueprint.route("/settings", methods=["GET", "POST"])
@allow(ORGANISER)
def settings() -> ResponseReturnValue:
    """The settings in sections; the whole form is saved at once."""
    g.nav = "Settings"
    history = files.history("setting:", but="setting:weight_")
    newest = str(history[0][0].id if history else 0)
    if request.method == "GET":
        return _page(SettingsForm(data=asdict(community_query.current())), history, newest)
    form = SettingsForm()
    if not form.validate():
        return _page(form, history, newest), 422
    if request.form.get("newest") != newest:
        form.form_errors.append(
            _(
                "Somebody changed the settings meanwhile; see the last changes below. What you"
                " wrote is kept here: check it and save again."
            )
        )
        return _page(form, history, newest), 409
    try:
        changed = service.change(_values(form), by=current_user.id, now=presenters.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, history, newest), refusal.status
    if changed:
        words = ngettext(
            "Saved. One setting changed.", "Saved. %(num)s settings changed.", len(changed)
        )
    else:
        words = _("Nothing was changed.")
    flash(words, "success")
    return redirect(url_for("desk.settings"), 303)


@blueprint.post("/settings/safety")
@allow(ORGANISER)
def safety_person() -> ResponseReturnValue:
    """Name the one who reads private reports."""
    chosen = whole(request.form.get("person", ""))
    if chosen is None:
        raise Invalid("person", N_("Choose one of the organisers."))
    service.change({"safety_person_id": chosen}, by=current_user.id, now=presenters.now())
    flash(_("Saved. Only they read private reports, also those that wait."), "success")
    return redirect(url_for("desk.settings", _anchor="safety"), 303)


def _values(form: SettingsForm) -> dict[str, Any]:
    """What was typed, as `Community` keeps it."""
    values = {name: form[name].data for _section, names in SECTIONS for name in names}
    return values | {
        "name": clean_line("name", form.text("name"), 60),
        "contact": clean_line("contact", form.text("contact"), 254),
        "lengths_min": tuple(values["lengths_min"]),
        "reminders_min": tuple(values["reminders_min"]),
    }


def _page(form: SettingsForm, history: files.History, newest: str) -> str:
    return render_template(
        "desk/settings.html",
        form=form,
        sections=dict(SECTIONS),
        organisers=safety.eligible(),
        safety_person=community_query.current().safety_person_id,
        reports=safety.waiting(),
        newest=newest,
        history=[_change(form, entry, name) for entry, name in history],
    )


LABELS = {"safety_person_id": N_("Safety person")}
"""Settings that are no field of the form."""


def _change(form: SettingsForm, entry: AuditEntry, name: str | None) -> dict[str, Any]:
    """One change in words: which setting, from what to what, by whom."""
    setting = entry.subject.partition(":")[2]
    field = form._fields.get(setting)
    return {
        "at": entry.at,
        "label": field.label.text if field is not None else _(LABELS.get(setting, setting)),
        "before": _shown(setting, entry.before),
        "after": _shown(setting, entry.after),
        "name": name or _("Somebody who left"),
    }


def _shown(setting: str, value: Any) -> str:
    """12 hours; 1 day, 1 hour; or the value itself."""
    if isinstance(value, list):
        return ", ".join(_shown(setting, one) for one in value) or _("None")
    if setting == "safety_person_id":
        name = safety.eligible().get(value or 0)
        return name or (_("Somebody who left") if value else _("nobody"))
    if isinstance(value, int) and setting in DURATIONS:
        return presenters.duration(value)
    return str(value) if value not in (None, "") else _("nothing")
