"""A refusal becomes a page with a plain sentence; nothing ends in a bare 500."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from mockint.db import db, is_away, is_collision
from mockint.domain.errors import N_, Refusal
from mockint.web.health import trace

log = structlog.get_logger()


def sentence(refusal: Refusal, reworded: Callable[[str], str] = str) -> str:
    """The refusal in the reader's language; `reworded` says it to somebody else than it was to."""
    if request.method == "POST":
        g.refused = type(refusal).__name__
    text = _(reworded(refusal.sentence))
    return text % refusal.params if refusal.params else text


def install(app: Flask) -> None:
    """Register the handlers."""

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> tuple[str, int]:
        return page(error.status, sentence(error))

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> tuple[str, int]:
        return page(
            400,
            _("This page was open too long. Go back, reload it and send it again."),
        )

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:
            return error
        text, status = page(error.code, _(WORDS.get(error.code, OTHERWISE)))
        kept = {n: v for n, v in error.get_headers() if n in ("Allow", "Retry-After")}
        return text, status, kept

    @app.errorhandler(SQLAlchemyError)
    def without_database(error: SQLAlchemyError) -> ResponseReturnValue:
        if not is_away(error):
            return broken(error)
        _let_go()
        if app.testing:
            raise error
        if is_collision(error) and not g.get("tried_again"):
            g.tried_again = True
            return _again(app)
        log.warning(
            "database_away",
            route=trace.route(),
            method=request.method,
            error=type(getattr(error, "orig", error)).__name__,
        )
        return *page(503, _translated(_unsaved(error))), {"Retry-After": RETRY_AFTER_S}

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        _let_go()
        log.error("request_failed", route=trace.route(), method=request.method, exc_info=error)
        if app.testing:
            raise error
        return page(500, _translated(BROKEN))


WORDS = {
    400: N_("The page sent something that cannot be used. Go back, check it and send it again."),
    403: N_("This page is for another role. Switch roles on your account page."),
    404: N_("There is nothing at this address."),
    405: N_("This address shows a page; it cannot be used like that."),
    413: N_("That is too much text for one form. Shorten it and send it again."),
    429: N_("Too many tries. Wait a few minutes and try again."),
}
RETRY_AFTER_S = "5"
OTHERWISE = N_("This did not work. Go back and try again.")
BUSY = N_("The database is busy or away. Nothing was changed. Try again in a few seconds.")
UNSURE = N_(
    "The database went away. Look in a few seconds whether what you sent was saved; if not, send "
    "it again."
)
BROKEN = N_("Something broke on our side. Nothing was changed. Try again in a minute.")


def _let_go() -> None:
    """End the transaction, if there still is one to end."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session.remove()


def _again(app: Flask) -> ResponseReturnValue:
    """Do the request once more; what it had done was undone when it met another one."""
    try:
        return app.dispatch_request()
    except Exception as error:
        return app.handle_user_exception(error)


def _unsaved(error: SQLAlchemyError) -> str:
    """A connection that broke may have carried the commit."""
    broke = isinstance(error, DBAPIError) and error.connection_invalidated
    return UNSURE if broke and request.method == "POST" else BUSY


def page(status: int, text: str) -> tuple[str, int]:
    """The error page for `status`, saying `text`; in English for nobody without a database."""
    what = {"status": status, "sentence": text, "request_id": trace.request_id()}
    try:
        return render_template("errors/error.html", **what), status
    except SQLAlchemyError:
        template = current_app.jinja_env.get_template("errors/error.html")
        with force_locale("en"):
            return template.render(**what), status


def _translated(text: str) -> str:
    """In the reader's language, if the database can tell which."""
    try:
        return _(text)
    except SQLAlchemyError:
        return text
