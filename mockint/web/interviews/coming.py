"""Whether both sides come: how it is said, and answering it oneself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.account import LinkUseless
from mockint.domain.errors import Conflict
from mockint.domain.reply import Partstat
from mockint.models import Booking, Reply
from mockint.queries.interviews import Interview
from mockint.services import answer, decline, matching, replies
from mockint.web import presenters
from mockint.web.accounts import limits
from mockint.web.bookings import sides
from mockint.web.errors import sentence
from mockint.web.guards import ANYONE, CANDIDATE, INTERVIEWER, allow
from mockint.web.interviews import words
from mockint.web.interviews.blueprint import blueprint


def context(found: Interview) -> dict[str, Any]:
    """What the section about coming is drawn from."""
    theirs = found.theirs
    said = found.mine.partstat if found.mine else Partstat.NEEDS_ACTION
    other = getattr(found.booking, found.other_side)
    return {
        "said": said,
        "coming": {
            "mine": words.coming(found.mine, own=True),
            "theirs": words.coming(theirs, own=False),
            "comment": theirs.comment if theirs else "",
        },
        "other_declined": theirs is not None and theirs.partstat == Partstat.DECLINED,
        "waits_until": decline.waits_until(found.booking),
        "proposed": _proposed(found),
        "unreached": other.undeliverable_at is not None,
    }


def _proposed(found: Interview) -> list[tuple[str, datetime, bool]]:
    """Who would rather meet when (the reader has no name), and whether it can be moved there."""
    asked = [
        ("" if told is found.mine else words.other(found), told.proposed_start)
        for told in (found.mine, found.theirs)
        if told is not None and told.proposed_start is not None
    ]
    free = matching.moves(found.booking, now=presenters.now()) if asked else []
    return [(who, start, start in free) for who, start in asked]


@blueprint.post("/<int:booking_id>/answer")
@allow(CANDIDATE, INTERVIEWER)
def give(booking_id: int) -> ResponseReturnValue:
    """Say whether one comes oneself."""
    said = request.form.get("answer", "")
    answer.give(booking_id, by=current_user.id, partstat=said, now=presenters.now())
    flash(noted(said), "success")
    return redirect(url_for("interviews.show", booking_id=booking_id), 303)


def noted(partstat: str) -> str:
    """What an answer that counts leads to."""
    if partstat == Partstat.DECLINED:
        return _("Noted. The other side is told by mail. You can still change your mind.")
    return _("Noted. The other side sees it on this page.")


@blueprint.route("/answers/<token>", methods=["GET", "POST"], endpoint="confirm_answer")
@allow(ANYONE)
@limits.a_network
def confirm(token: str) -> ResponseReturnValue:
    """An answer came that nobody could prove: the page asks, its button says that it was me."""
    now = presenters.now()
    try:
        if request.method == "GET":
            return _ask(token, *replies.held(token, now=now))
        held, booking = replies.confirm(token, now=now)
    except (LinkUseless, Conflict) as refusal:
        page = render_template("interviews/answer_useless.html", sentence=sentence(refusal))
        return page, refusal.status
    flash(noted(held.partstat), "success")
    return redirect(url_for("interviews.show", booking_id=booking.id), 303)


def _ask(token: str, held: Reply, booking: Booking) -> str:
    g.nav = "Interviews"
    person = booking.candidate if held.side == "candidate" else booking.interviewer
    return render_template(
        "interviews/answer.html",
        token=token,
        title=_title(held),
        what=sides.what(booking),
        when=presenters.moment(booking.start_at, person.zone),
        zone=person.zone,
        proposed=presenters.moment(held.proposed_start, person.zone)
        if held.method == "COUNTER" and held.proposed_start
        else None,
        comment=held.comment,
    )


def _title(held: Reply) -> str:
    if held.method == "COUNTER":
        return _("Did you ask for another time?")
    return {
        Partstat.ACCEPTED: _("Did you answer that you will come?"),
        Partstat.TENTATIVE: _("Did you answer that you may come?"),
        Partstat.DECLINED: _("Did you answer that you cannot come?"),
    }.get(Partstat(held.partstat), _("Did you answer the invitation?"))
