"""Keeping two people apart: on the page of one of them, the other by name."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.account import clean_line
from mockint.domain.errors import N_, Invalid, NotYours, Refusal
from mockint.models import Person
from mockint.queries import blocked as blocked_query
from mockint.services import blocked
from mockint.web import presenters
from mockint.web.desk import people
from mockint.web.desk.blueprint import blueprint
from mockint.web.desk.forms import ApartForm
from mockint.web.guards import ORGANISER, allow
from mockint.web.typed import whole


@blueprint.post("/people/<int:person_id>/apart")
@allow(ORGANISER)
def keep_apart(person_id: int) -> ResponseReturnValue:
    """Keep somebody apart from a person; who shares a name with others is chosen from them."""
    found, form = people.file_of(person_id), ApartForm()
    choice: Sequence[Person] = ()
    try:
        name = clean_line("name", form.text("name"))
        choice = blocked_query.called(name, but=person_id)
        blocked.keep_apart(
            person_id,
            _one_of(choice, whole(request.form.get("other"))),
            reason=form.text("reason"),
            by=current_user.id,
            now=presenters.now(),
        )
    except NotYours:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        several = choice if len(choice) > 1 else ()
        return people.page(found, apart_form=form, choice=several), refusal.status
    flash(_("They are kept apart from now on. Neither of them is told."), "success")
    return redirect(url_for("desk.person", person_id=person_id, _anchor="apart"), 303)


def _one_of(choice: Sequence[Person], chosen: int | None) -> int:
    """The one who is meant; `chosen` says which of several."""
    if not choice:
        raise Invalid("name", N_("Nobody here has this in their name or address."))
    if len(choice) == 1:
        return choice[0].id
    if chosen in {one.id for one in choice}:
        assert chosen is not None
        return chosen
    raise Invalid("name", N_("Several people match. Choose one of them below."))


@blueprint.post("/people/<int:person_id>/apart/<int:other_id>/removal")
@allow(ORGANISER)
def allow_again(person_id: int, other_id: int) -> ResponseReturnValue:
    """Let the two meet again."""
    blocked.allow(person_id, other_id, by=current_user.id, now=presenters.now())
    flash(_("They can be matched again."), "success")
    return redirect(url_for("desk.person", person_id=person_id, _anchor="apart"), 303)
