"""Default deny: every route says who may call it, and the app does not start otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mockint.web import presenters

View = TypeVar("View", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = "signed in"
CANDIDATE = "candidate"
INTERVIEWER = "interviewer"
ORGANISER = "organiser"
DEMO = "demo"
"""Only in demo, development and test modes, on loopback."""
POLICIES = frozenset({ANYONE, SIGNED_IN, CANDIDATE, INTERVIEWER, ORGANISER, DEMO})


def allow(*policies: str) -> Callable[[View], View]:
    """Declare who may call a view; several policies mean any of them."""
    unknown = set(policies) - POLICIES
    if unknown or not policies:
        raise ValueError(f"unknown policies: {unknown}")

    def declare(view: View) -> View:
        view._allowed = frozenset(policies)  # type: ignore[attr-defined]  # read by `install`
        return view

    return declare


class SafeRequest(Request):
    """HEAD looks like GET to every view, so none can take it for a form that was sent.

    Only the environment still says HEAD, which is where Werkzeug reads that no body goes out.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.method == "HEAD":
            self.method = "GET"


class UndeclaredRouteError(Exception):
    """A route without `@allow`; found when the app starts."""


def install(app: Flask) -> None:
    """Refuse to start with an undeclared route, and check every request against its declaration."""
    views = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    bare = sorted(e for e in views if not hasattr(app.view_functions[e], "_allowed"))
    if bare:
        raise UndeclaredRouteError(f"routes without @allow: {', '.join(bare)}")
    app.request_class = SafeRequest
    app.before_request(_check)


def _is_foreign() -> bool:
    """Whether a form was sent from another site; behind the token this is the second lock."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return False
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return True
    origin = request.headers.get("Origin", "null")
    if origin in ("null", _origin(current_app.extensions["mockint"].base_url)):
        return False
    return origin != request.host_url.rstrip("/")


@cache
def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    if _is_foreign():
        abort(400)
    allowed: frozenset[str] = getattr(current_app.view_functions[request.endpoint], "_allowed")  # noqa: B009 - mypy
    if ANYONE in allowed:
        return None
    if DEMO in allowed:
        settings = current_app.extensions["mockint"]
        if settings.shows_mailbox and request.remote_addr in ("127.0.0.1", "::1"):
            return None
        abort(404)
    if not current_user.is_authenticated:
        if request.method == "GET":
            return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
        return redirect(url_for("accounts.login"))
    if SIGNED_IN in allowed:
        return None
    if current_user.role_names & allowed:
        presenters.active_role()  # noted for the log
        return None
    abort(403)
