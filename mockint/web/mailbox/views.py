"""Demo and development only: the mails as people see them, and the movable clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from mockint.domain import zones
from mockint.domain.errors import N_, Invalid
from mockint.queries import mailbox as mailbox_query
from mockint.queries import paging
from mockint.services import upkeep
from mockint.web import presenters
from mockint.web.accounts import sessions
from mockint.web.guards import DEMO, allow

blueprint = Blueprint("mailbox", __name__)

STEPS_H = (1, 6, 24, 72)
"""By how many hours the clock can be moved."""

SHOW_HTML = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
        "sandbox allow-popups allow-popups-to-escape-sandbox"
        " allow-top-navigation-by-user-activation",
    )
)
"""For a mail's own HTML: styled inline of necessity, everything else is off."""


@blueprint.app_context_processor
def demo_context() -> dict[str, Any]:
    """What pages of other blueprints show of the demo."""
    if not current_app.extensions["mockint"].shows_mailbox:
        return {"shows_mailbox": False, "demo_guides": list}
    link = Markup('<a href="{}">{}</a>').format(url_for("mailbox.index"), _("Mailbox and clock"))
    return {"shows_mailbox": True, "demo_guides": mailbox_query.guides, "clock_banner": link}


@blueprint.get("/mailbox")
@allow(DEMO)
def index() -> ResponseReturnValue:
    """Every mail that was kept instead of sent."""
    person_id = request.args.get("person", type=int)
    address = request.args.get("address", "").strip()[:254]
    number = request.args.get("page", 1, type=int)
    page = paging.page(mailbox_query.mails(person_id=person_id, address=address), number)

    def link(number: int) -> str:
        chosen = {"person": person_id, "address": address or None, "page": number}
        return url_for("mailbox.index", **chosen)  # type: ignore[arg-type]  # they are arguments

    shown = range(max(1, page.number - 3), min(page.pages, page.number + 3) + 1)
    return render_template(
        "mailbox/index.html",
        page=page,
        paging={
            "first": page.first,
            "last": page.last,
            "total": page.total,
            "numbers": [(n, link(n), n == page.number) for n in shown],
            "previous": link(page.number - 1) if page.number > 1 else None,
            "next": link(page.number + 1) if page.number < page.pages else None,
        },
        readers=mailbox_query.readers(),
        chosen=person_id,
        address=address,
        steps=STEPS_H,
        **_zone(),
    )


def _zone() -> dict[str, str]:
    return {"reader_label": zones.label(presenters.reader_zone(), presenters.now())}


def _opened(mail_id: int) -> mailbox_query.Opened:
    found = mailbox_query.opened(mail_id)
    return found if found is not None else abort(404)


@blueprint.get("/mailbox/<int:mail_id>")
@allow(DEMO)
def show(mail_id: int) -> ResponseReturnValue:
    """One mail: as HTML, as text, and its calendar entry."""
    page = render_template("mailbox/show.html", mail=_opened(mail_id), **_zone())
    response = Response(page)
    response.headers["Content-Security-Policy"] = (
        f"{current_app.config['CONTENT_SECURITY_POLICY']}; frame-src 'self'"
    )
    return response


@blueprint.get("/mailbox/<int:mail_id>/html")
@allow(DEMO)
def html(mail_id: int) -> ResponseReturnValue:
    """The HTML part alone, in a sandbox; its links open in the whole window."""
    text = _opened(mail_id).html.replace("<head>", '<head><base target="_top">', 1)
    response = Response(text)
    response.headers["Content-Security-Policy"] = SHOW_HTML
    return response


@blueprint.get("/mailbox/<int:mail_id>/invite.ics")
@allow(DEMO)
def ics(mail_id: int) -> ResponseReturnValue:
    """The calendar entry as the attachment it is in the mail."""
    text = _opened(mail_id).calendar_text or abort(404)
    response = Response(text.replace("\n", "\r\n"), mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=invite.ics"
    return response


@blueprint.post("/demo/advance")
@allow(DEMO)
def advance() -> ResponseReturnValue:
    """Move the clock forward and do what fell due meanwhile."""
    hours = request.form.get("hours", type=int)
    if hours not in STEPS_H:
        raise Invalid("hours", N_("Choose from the list."))
    now = upkeep.advance_clock(by=timedelta(hours=hours))
    moment = presenters.moment(now)
    label = zones.label(presenters.reader_zone(), now)
    flash(_("It is now %(moment)s, %(zone)s.", moment=moment, zone=label), "success")
    return redirect(url_for("mailbox.index"), 303)


@blueprint.post("/demo/look-around")
@allow(DEMO)
def look_around() -> ResponseReturnValue:
    """Sign in as somebody of the demo, without a password."""
    people = dict(mailbox_query.guides())
    role = request.form.get("role", "")
    if role not in people:
        raise Invalid("role", N_("Choose from the list."))
    sessions.start(people[role], role=role, now=presenters.now())
    return redirect(url_for("pages.home"), 303)
