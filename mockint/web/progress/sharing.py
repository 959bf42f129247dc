"""Links to chosen feedback: the candidate's list of them, and the page that one opens."""

from __future__ import annotations

from typing import Any

from flask import (
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.errors import N_, Invalid, LimitReached
from mockint.domain.progress import sharing as rules
from mockint.models import ProgressShare
from mockint.queries import progress as progress_query
from mockint.queries import shares as query
from mockint.services import shares as service
from mockint.web import presenters
from mockint.web.errors import sentence
from mockint.web.extensions import limiter
from mockint.web.feedback import reading
from mockint.web.guards import ANYONE, CANDIDATE, allow
from mockint.web.typed import whole

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
_OPENED = "shares"
"""In the session: links whose button this browser pressed."""
_MOST_OPENED = 10


# The candidate


@allow(CANDIDATE)
def index() -> ResponseReturnValue:
    """One's own links and a form for a new one."""
    if request.method == "GET":
        return _page({"life": "30"})
    typed = {"name": request.form.get("name", ""), "life": request.form.get("life", "")}
    chosen = [whole(text) or 0 for text in request.form.getlist("interviews")]
    try:
        service.make(current_user.id, **typed, interviews=chosen, now=presenters.now())
    except Invalid as refusal:
        target = "#share-interviews" if refusal.field == "interviews" else f"#{refusal.field}"
        answer = _page(typed, chosen, errors=[(sentence(refusal), target)], wrong=refusal.field)
        return answer, refusal.status
    except LimitReached as refusal:
        return _page(typed, chosen, errors=[(sentence(refusal), None)]), refusal.status
    flash(_("Your link is made. Copy its address below."), "success")
    return redirect(url_for("progress.shares"), 303)


def _page(
    typed: dict[str, str],
    chosen: list[int] | None = None,
    *,
    errors: list[tuple[str, str | None]] | None = None,
    wrong: str = "",
) -> str:
    g.nav = "Progress"
    now = presenters.now()
    readable = list(reversed(progress_query.released(current_user.id)))
    days = {row.booking_id: row.booking for row in readable}
    return render_template(
        "progress/shares.html",
        links=[
            _row(one, days, works=rules.works(one.expires_at, now))
            for one in query.own(current_user.id)
        ],
        readable=[row.booking for row in readable],
        lives=[(key, _(words)) for key, words in rules.LIVES.items()],
        typed=typed,
        chosen=chosen or [],
        errors=errors or [],
        wrong=wrong,
    )


def _row(share: ProgressShare, bookings: dict[int, Any], *, works: bool) -> dict[str, Any]:
    return {
        "share": share,
        "works": works,
        "address": service.address(share) if works else None,
        "bookings": [
            bookings[item.booking_id] for item in share.items if item.booking_id in bookings
        ],
    }


@allow(CANDIDATE)
def end(share_id: int) -> ResponseReturnValue:
    """The address stops working at once."""
    service.end(share_id, by=current_user.id, now=presenters.now())
    flash(_("The link has ended. Its address shows nothing any more."), "success")
    return redirect(url_for("progress.shares"), 303)


@allow(CANDIDATE)
def practice() -> ResponseReturnValue:
    """Whether later interviewers see what is practised, once their scores are in."""
    answer = request.form.get("shown")
    if answer not in ("yes", "no"):
        raise Invalid("shown", N_("Say whether later interviewers may see it: yes or no."))
    service.show_practice(current_user.id, shown=answer == "yes", now=presenters.now())
    return redirect(url_for("progress.progress", _anchor="practise"), 303)


# Whoever has the address


@allow(ANYONE)
@limiter.limit("120/hour")
def shared(token: str) -> ResponseReturnValue:
    """A page with one button; behind it what was chosen.

    Programs that look into links see the button only, and what is noted as opened was opened by
    a person.
    """
    if request.method == "POST":
        row = service.open_(token, now=presenters.now())
        session[_OPENED] = [*session.get(_OPENED, ()), row.id][-_MOST_OPENED:]
        return redirect(url_for("progress.shared", token=token), 303)
    row = service.find(token, now=presenters.now())
    owner = query.owner(row)
    if row.id not in session.get(_OPENED, ()):
        return _answer(
            render_template(
                "progress/shared_closed.html", token=token, name=presenters.given(owner.name)
            )
        )
    return _answer(
        render_template(
            "progress/shared.html",
            name=presenters.given(owner.name),
            zone=owner.zone,
            until=row.expires_at,
            interviews=[reading.context(found) for found in query.shown(row)],
        )
    )


def _answer(page: str) -> Response:
    answer = make_response(page)
    answer.headers.update(HEADERS)
    return answer
