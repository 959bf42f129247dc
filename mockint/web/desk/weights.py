"""How much each part of a match's quality counts: changed, tried on an example, put back."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from mockint.domain.community import WEIGHTS, checked, weight_of
from mockint.domain.errors import N_, Refusal
from mockint.domain.matching import PARTS
from mockint.queries import community as community_query
from mockint.queries import files
from mockint.services import community as service
from mockint.services import suggestions
from mockint.web import presenters
from mockint.web.desk.blueprint import blueprint
from mockint.web.desk.forms import WeightsForm
from mockint.web.guards import ORGANISER, allow
from mockint.web.slots.recommended import why

SUBJECT = "setting:weight_"
WORDS: dict[str, tuple[str, str]] = {
    "target_company": (
        N_("Company"),
        N_("100 when the interviewer works at a company the candidate named, otherwise 0."),
    ),
    "load": (
        N_("Room"),
        N_("100 with no interview in four weeks, 0 with as many as they take."),
    ),
    "expertise": (
        N_("Practice"),
        N_("20 for each interview given in this track at this level within a year, 100 at most."),
    ),
    "level_fit": (
        N_("Years"),
        N_("100 when their years in the work are those of the target level or one above."),
    ),
    "variety": (
        N_("Variety"),
        N_("100 for a company new to the candidate, 30 for a known one, 0 for a known person."),
    ),
    "zone_comfort": (
        N_("Hour"),
        N_("100 from 09:00 to 19:00 where the interviewer lives, 0 from 22:00 to 07:00."),
    ),
}
"""What each part is called, and what it counts."""


@blueprint.route("/settings/weights", methods=["GET", "POST"])
@allow(ORGANISER)
def weights() -> ResponseReturnValue:
    """Every weight, what it does, and how the last request would be ranked."""
    g.nav = "Settings"
    present = community_query.current().weights
    history = files.history(SUBJECT)
    newest = str(history[0][0].id if history else 0)
    if request.method == "GET":
        return _page(WeightsForm(data=_named(present)), present, history, newest)
    form = WeightsForm()
    wanted = request.form.get("op")
    if wanted == "reset":
        form = WeightsForm(formdata=None, data=_named(WEIGHTS))
    elif not form.validate():
        return _page(form, present, history, newest), 422
    values = {weight_of(part): form[weight_of(part)].data for part in WEIGHTS}
    if wanted != "try" and request.form.get("newest") != newest:
        form.form_errors.append(
            _("Somebody changed the weights meanwhile; see the last changes below. Save again.")
        )
        return _page(form, present, history, newest), 409
    try:
        tried = checked(community_query.current(), values).weights
        if wanted == "try":
            return _page(form, tried, history, newest, tried=True)
        changed = service.change(values, by=current_user.id, now=presenters.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(form, present, history, newest), refusal.status
    flash(_said(len(changed)), "success")
    return redirect(url_for("desk.weights"), 303)


def _said(changed: int) -> str:
    if not changed:
        return _("Nothing was changed.")
    return ngettext("Saved. One weight changed.", "Saved. %(num)s weights changed.", changed)


def _named(weights: Mapping[str, int]) -> dict[str, int]:
    return {weight_of(part): points for part, points in weights.items()}


def _page(
    form: WeightsForm,
    shown: dict[str, int],
    history: files.History,
    newest: str,
    *,
    tried: bool = False,
) -> str:
    """`shown` are the weights that the example is ranked with."""
    example = suggestions.example(shown, now=presenters.now())
    return render_template(
        "desk/weights.html",
        form=form,
        names={part: weight_of(part) for part in PARTS},
        words={part: (_(name), _(what)) for part, (name, what) in WORDS.items()},
        weights=shown,
        delivered=WEIGHTS,
        newest=newest,
        tried=tried,
        example=example,
        why=why,
        history=[
            {
                "at": entry.at,
                "label": _(WORDS[entry.subject.removeprefix(SUBJECT)][0]),
                "before": entry.before,
                "after": entry.after,
                "name": name or _("Somebody who left"),
            }
            for entry, name in history
        ],
    )
