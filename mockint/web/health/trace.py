"""Each request has a number, a place in the figures and, where logs are JSON, one line.

The line says which route answered, never which address was asked for: tokens, numbers of rows,
query strings, names and network addresses stay out of the log.
"""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request

from mockint.settings import Settings
from mockint.web.health import figures

log = structlog.get_logger()

HEADER = "X-Request-ID"
USABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")
NO_ROUTE = "none"


def install(app: Flask) -> None:
    """Begin with the first, end with the last of what happens to a request."""
    settings: Settings = app.extensions["mockint"]

    @app.before_request
    def began() -> None:
        g.began = time.perf_counter()
        given = request.headers.get(HEADER, "") if settings.trusted_proxies else ""
        g.request_id = given if USABLE.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def answered(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        response.headers[HEADER] = g.get("request_id", "")
        method = request.environ["REQUEST_METHOD"]
        _count(method, response.status_code, seconds)
        if settings.log_json:
            log.info(
                "request",
                method=method if method in figures.METHODS else "other",
                route=route(),
                status=response.status_code,
                ms=round(seconds * 1000, 1),
                role=g.get("role") or ("signed in" if g.get("login") else ""),
                refused=g.get("refused", ""),
            )
        return response

    @app.teardown_request
    def over(error: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars("request_id")


def _count(method: str, status: int, seconds: float) -> None:
    kept = figures.current()
    if kept is None:
        return
    kept.answered(route=route(), method=method, status=status, seconds=seconds)
    if g.get("refused"):
        kept.refused(g.refused)


def route() -> str:
    """The pattern that the address matched, such as /bookings/<int:booking_id>."""
    return request.url_rule.rule if request.url_rule else NO_ROUTE


def request_id() -> str:
    """The number of this request, for a page that says what went wrong."""
    return str(g.get("request_id", ""))
