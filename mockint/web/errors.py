"""A refusal becomes a page with a plain sentence; nothing ends in a bare 500."""

from __future__ import annotations

import structlog
from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from mockint.db import db
from mockint.domain.errors import Refusal

log = structlog.get_logger()


def sentence(refusal: Refusal) -> str:
    """The refusal in the reader's language."""
    text = _(refusal.sentence)
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
    def failed(error: HTTPException) -> tuple[str, int] | HTTPException:
        if error.code is None or error.code < 400:
            return error
        return page(error.code, WORDS.get(error.code, error.description or ""))

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        db.session.rollback()
        log.exception("request_failed", path=request.path, method=request.method)
        if app.testing:
            raise error
        return page(
            500, _("Something broke on our side. Nothing was changed. Try again in a minute.")
        )


WORDS = {
    400: "The page sent something that cannot be used. Go back, check it and send it again.",
    403: "This page is for another role. Switch roles on your account page.",
    404: "There is nothing at this address.",
    405: "This address shows a page; it cannot be used like that.",
    413: "That is too much text for one form. Shorten it and send it again.",
    429: "Too many tries. Wait a few minutes and try again.",
}


def page(status: int, text: str) -> tuple[str, int]:
    """The error page for `status`, saying `text`."""
    return render_template("errors/error.html", status=status, sentence=text), status
