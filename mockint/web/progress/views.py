"""Released feedback over time, and the practice items to tick off."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mockint.domain.errors import N_, Invalid, NotYours
from mockint.queries import progress as query
from mockint.services import progress as service
from mockint.web import presenters
from mockint.web.guards import CANDIDATE, allow
from mockint.web.progress import export, page, selfview, sharing
from mockint.web.typed import whole

blueprint = Blueprint("progress", __name__)
blueprint.add_url_rule(
    "/interviews/<int:booking_id>/self-assessment",
    "self_assessment",
    selfview.form,
    methods=["GET", "POST"],
)
blueprint.add_url_rule("/progress/shares", "shares", sharing.index, methods=["GET", "POST"])
blueprint.add_url_rule(
    "/progress/shares/<int:share_id>/end", "end_share", sharing.end, methods=["POST"]
)
blueprint.add_url_rule("/practice/sharing", "practice_sharing", sharing.practice, methods=["POST"])
blueprint.add_url_rule("/progress.json", "as_json", export.as_json)
blueprint.add_url_rule("/progress.csv", "as_csv", export.as_csv)
blueprint.add_url_rule("/shared/<token>", "shared", sharing.shared, methods=["GET", "POST"])


@blueprint.get("/progress")
@allow(CANDIDATE)
def progress() -> ResponseReturnValue:
    """One track at one level; `of` names it, the one met last by default."""
    g.nav = "Progress"
    groups = query.of(current_user.id)
    if not groups:
        return render_template("progress/empty.html")
    wanted = request.args.get("of", groups[0].key)
    group = next((found for found in groups if found.key == wanted), None)
    if group is None:
        raise NotYours
    return render_template("progress/progress.html", **page.context(group, groups))


@blueprint.post("/practice/<int:item_id>")
@allow(CANDIDATE)
def practice(item_id: int) -> ResponseReturnValue:
    """Tick an item off, or open it again."""
    answer = request.form.get("done")
    if query.item_of(item_id, candidate_id=current_user.id) is None:
        raise NotYours
    if answer not in ("yes", "no"):
        raise Invalid("done", N_("Say whether it is done: tick it off or open it again."))
    item = service.tick(
        item_id,
        candidate_id=current_user.id,
        done=answer == "yes",
        now=presenters.now(),
    )
    anchor = f"practice-{item.id}"
    if request.form.get("back") == "home":
        return redirect(url_for("pages.home", _anchor=anchor), 303)
    booking_id = whole(request.form.get("booking"))
    if booking_id:
        return redirect(url_for("feedback.read", booking_id=booking_id, _anchor=anchor), 303)
    group = request.form.get("of")
    return redirect(url_for("progress.progress", of=group, _anchor=anchor), 303)
