"""Publishing a round, what could not be booked, and its files."""

from __future__ import annotations

from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.errors import NotYours
from mockint.domain.round.states import State
from mockint.queries import round as query
from mockint.services.round import publishing
from mockint.web import presenters
from mockint.web.guards import ORGANISER, allow
from mockint.web.rounds import words
from mockint.web.rounds.blueprint import blueprint
from mockint.web.rounds.organiser import card_of, moved


@blueprint.route("/desk/rounds/<int:round_id>/publication", methods=["GET", "POST"])
@allow(ORGANISER)
def publication(round_id: int) -> ResponseReturnValue:
    """What follows from publishing, before it does."""
    if request.method == "POST":
        return _publish(round_id)
    g.nav = "Rounds"
    found = query.review(card_of(round_id).id)
    if found is None:
        raise NotYours()
    return render_template(
        "rounds/publication.html",
        review=found,
        card=found.card,
        ready=found.card.state == State.REVIEWED and found.card.job is None and not found.stale,
        days=words.days,
        State=State,
    )


def _publish(round_id: int) -> ResponseReturnValue:
    """Book every match and tell everybody."""
    return moved(
        round_id,
        lambda: publishing.start(round_id, by=current_user.id, now=presenters.now()),
        _("Publishing. Every match becomes a booking, and the mails go out."),
    )


@blueprint.post("/desk/rounds/<int:round_id>/publication/retry")
@allow(ORGANISER)
def retry(round_id: int) -> ResponseReturnValue:
    """Try once more what could not be booked."""
    return moved(
        round_id,
        lambda: publishing.retry(round_id, by=current_user.id, now=presenters.now()),
        _("Tried again: what can be booked now is booked."),
    )


@blueprint.get("/desk/rounds/<int:round_id>/instance")
@allow(ORGANISER)
def instance(round_id: int) -> ResponseReturnValue:
    """What was solved, without names, as any programme can read it."""
    card_of(round_id)
    return _file(f"round-{round_id}-instance.json.gz", query.instance_file(round_id))


@blueprint.get("/desk/rounds/<int:round_id>/result")
@allow(ORGANISER)
def result(round_id: int) -> ResponseReturnValue:
    """What came out, with the numbers that prove it."""
    card_of(round_id)
    return _file(f"round-{round_id}-result.json.gz", query.result_file(round_id))


def _file(name: str, content: bytes | None) -> Response:
    if content is None:
        raise NotYours()
    return Response(
        content,
        content_type="application/gzip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
