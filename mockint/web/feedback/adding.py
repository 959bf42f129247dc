"""Adding words to feedback that is sealed."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain import feedback as rules
from mockint.domain import tone
from mockint.domain.errors import Conflict, NotYours, Refusal
from mockint.models import Feedback
from mockint.queries import ended
from mockint.queries import tone as tone_query
from mockint.services import addendum as service
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.feedback import reading, wording
from mockint.web.guards import INTERVIEWER, allow

Errors = list[tuple[str, str | None]]


@allow(INTERVIEWER)
def addendum(booking_id: int) -> ResponseReturnValue:
    """Text only, checked like the form; hints are shown once before it is added."""
    g.nav = "Feedback"
    found = service.of_author(booking_id, current_user.id)
    if found is None:
        abort(404)
    if found.state not in rules.SEALED:
        raise Conflict("Words can be added once the feedback is sealed.")
    if request.method == "GET":
        return _page(found, "")
    text = request.form.get("text", "")
    doubts = [one for one in tone.of_text("addendum", text, tone_query.lists()) if not one.refused]
    if doubts and request.form.get("sure") != tone_of(doubts):
        return _page(found, text, doubts=doubts)
    try:
        service.add(booking_id, author_id=current_user.id, text=text, now=presenters.now())
    except NotYours:
        raise
    except Refusal as refusal:
        return _page(found, text, errors=[(sentence(refusal), "#text")]), refusal.status
    flash(_("Added, with its date. It cannot be changed any more."), "success")
    return redirect(reading.address(booking_id), 303)


def tone_of(doubts: list[tone.Finding]) -> str:
    """What the button sends back, so that only the hints that were shown are passed over."""
    return " ".join(sorted(f"{one.kind}:{one.said.casefold()}" for one in doubts))[:500]


def _page(
    found: Feedback,
    text: str,
    *,
    errors: Errors | None = None,
    doubts: list[tone.Finding] | None = None,
) -> str:
    return render_template(
        "feedback/addendum.html",
        booking=found.booking,
        name=presenters.given(found.booking.candidate.name),
        addenda=ended.addenda(found.id),
        text=text,
        errors=errors or [],
        hints=[wording.told(one) for one in doubts or []],
        sure=tone_of(doubts or []),
        least=rules.ADDENDUM[0],
        most=rules.ADDENDUM[1],
    )
