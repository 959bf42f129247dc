"""The page of one's own calendar feed, and the feed itself for who has its address."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.http import is_resource_modified

from mockint.queries import feed as query
from mockint.services import feed as service
from mockint.services import polls
from mockint.web import presenters
from mockint.web.guards import ANYONE, SIGNED_IN, allow

blueprint = Blueprint("feeds", __name__)

HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
"""It may be kept by its reader, who must ask each time; the address goes nowhere."""


@blueprint.get("/feeds/<token>.ics")
@allow(ANYONE)
def ics(token: str) -> ResponseReturnValue:
    """All interviews of the person whose token it is; programs ask again and again."""
    now = presenters.now()
    feed = polls.find(token)
    kept = polls.kept(feed, now=now)
    if kept is not None and not _differs(kept.etag, kept.modified):
        return _versioned(Response(status=304), kept)
    written = polls.write(feed, now=now)
    answer = Response(written.octets, content_type="text/calendar; charset=utf-8")
    return _versioned(answer, written.version).make_conditional(request)


def _differs(etag: str, modified: datetime) -> bool:
    return is_resource_modified(request.environ, etag=f'"{etag}"', last_modified=modified)


def _versioned(answer: Response, version: polls.Version) -> Response:
    answer.headers.update(HEADERS)
    answer.set_etag(version.etag)
    answer.last_modified = version.modified
    return answer


@blueprint.get("/account/feed")
@allow(SIGNED_IN)
def page() -> ResponseReturnValue:
    """Its address, and what it is good for."""
    row = query.own(current_user.id)
    address = service.address(row) if row else None
    return render_template(
        "feeds/page.html",
        feed=row,
        address=address,
        webcal=address and f"webcal:{address.partition(':')[2]}",
    )


@blueprint.post("/account/feed")
@allow(SIGNED_IN)
def make() -> ResponseReturnValue:
    """A new address; the one before ends."""
    words = (
        _("Your feed has a new address.") if query.own(current_user.id) else _("Your feed is made.")
    )
    service.make(current_user.id, now=presenters.now())
    flash(words, "success")
    return redirect(url_for("feeds.page"), 303)


@blueprint.post("/account/feed/end")
@allow(SIGNED_IN)
def revoke() -> ResponseReturnValue:
    """The address ends, and none takes its place."""
    service.revoke(current_user.id)
    flash(_("Your feed has ended. Nobody can read it any more."), "success")
    return redirect(url_for("feeds.page"), 303)
