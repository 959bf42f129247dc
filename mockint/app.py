"""The application factory, in named steps."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, Response, request
from structlog.typing import EventDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

import mockint.models  # noqa: F401 - the tables must be known before a migration or a mapper runs
from mockint import clock
from mockint.db import db, end_reading
from mockint.models import ClockOffset
from mockint.settings import Settings, activate, secret_key
from mockint.web import errors, extensions, guards, presenters, templates
from mockint.web.accounts import sessions
from mockint.web.accounts.views import blueprint as accounts
from mockint.web.bookings.views import blueprint as bookings
from mockint.web.desk.views import blueprint as desk
from mockint.web.feedback.views import blueprint as feedback
from mockint.web.feeds.views import blueprint as feeds
from mockint.web.health import figures, trace
from mockint.web.health.views import blueprint as health
from mockint.web.health.views import for_monitoring
from mockint.web.hours.views import blueprint as hours
from mockint.web.interviews.views import blueprint as interviews
from mockint.web.kits.views import blueprint as kits
from mockint.web.mailbox.views import blueprint as mailbox
from mockint.web.owncalendars.views import blueprint as owncalendars
from mockint.web.pages.views import blueprint as pages
from mockint.web.progress.views import blueprint as progress
from mockint.web.rounds.views import blueprint as rounds
from mockint.web.slots.views import blueprint as slots

HASHED = re.compile(r"^/static/dist/[\w.-]+-\w{8}\.\w+$")
"""A built file whose name says what is in it, so it never changes."""
ADDRESS = re.compile(r"[^\s<>\"'(),:;]+@[^\s<>\"'(),:;]+")
"""An e-mail address, or close enough."""
ROOT = Path(__file__).resolve().parent.parent
REDIS_PATIENCE = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
"""Seconds a page waits for Redis before it counts tries by itself."""
BLUEPRINTS = (
    pages, accounts, hours, owncalendars, slots, bookings, interviews, feeds, feedback, progress,
    rounds, kits, desk, mailbox, health,
)  # fmt: skip

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)


class RowNumber(IntegerConverter):
    """`<int:...>` in a route: a number that no row can have is no address."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


def create_app(settings: Settings) -> Flask:
    """Build the web application for these settings."""
    app = Flask(
        "mockint", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.url_map.converters["int"] = RowNumber
    _log(settings)
    _configure(app, settings)
    figures.install(app)
    trace.install(app)  # before all else that looks at a request
    _bind(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.metrics_token:
        app.register_blueprint(for_monitoring)
    guards.install(app)
    errors.install(app)
    presenters.install(app)
    if not settings.embedded:
        from mockint.tasks import queue  # Celery, only where a queue is used

        queue.install(app)
    _send_headers(app, settings)
    templates.install(app, Path(settings.data_dir) / "templates")
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def _log(settings: Settings) -> None:
    """One event a line on standard error; tracebacks show no variables, as those hold secrets."""
    shown: list[Any] = [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]
    if settings.log_json:
        shown = [
            structlog.processors.format_exc_info,
            _without_addresses,
            structlog.processors.JSONRenderer(),
        ]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shown,
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _without_addresses(logger: object, name: str, event: EventDict) -> EventDict:
    """Mail servers and libraries repeat addresses in what they say; the log must not."""
    return {
        key: ADDRESS.sub("(address)", value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def _configure(app: Flask, settings: Settings) -> None:
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=secret_key(settings),
        CONTENT_SECURITY_POLICY=POLICY,
        TESTING=settings.mode == "test",
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        SESSION_COOKIE_NAME="__Host-mockint" if secure else "mockint",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # a login ends by its own row, as soon as its cookie
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        MAX_CONTENT_LENGTH=256 * 1024,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        MAX_FORM_PARTS=2000,
        WTF_CSRF_TIME_LIMIT=24 * 3600,
        WTF_I18N_ENABLED=False,  # its own words come from a file read for each form; ours do not
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS=REDIS_PATIENCE if settings.redis_url else {},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
        MIGRATIONS=str(ROOT / "migrations"),
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        **sessions.SECURITY,
    )
    app.extensions["mockint"] = settings
    activate(settings)


POOL = 16
"""Connections a process keeps at most; fewer than its threads would make and end some all day."""


def _engine_options(settings: Settings) -> dict[str, Any]:
    """A PostgreSQL that went away is noticed within seconds, whatever the network does."""
    options: dict[str, Any] = {
        "hide_parameters": True,  # an error in the log must not hold what people wrote
    }
    if settings.database.startswith("postgresql"):
        options["isolation_level"] = "READ COMMITTED"  # what write units count on
        options["pool_size"] = POOL
        options["connect_args"] = {
            "connect_timeout": 5,
            "tcp_user_timeout": 15_000,
            "keepalives_idle": 30,
        }
    return options


def _bind(app: Flask, settings: Settings) -> None:
    if settings.database.startswith("sqlite:///"):
        Path(settings.database.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    app.teardown_appcontext(end_reading)  # runs before the session is removed
    extensions.csrf.init_app(app)
    extensions.babel.init_app(app, locale_selector=sessions.locale)
    extensions.limiter.init_app(app)
    sessions.install(app)
    if settings.moves_clock:
        clock.move_by(lambda: _clock_offset(app))


def _clock_offset(app: Flask) -> timedelta:
    """How far this installation's clock was moved; read outside any open transaction."""
    with app.app_context(), db.engine.connect() as connection:
        seconds = connection.scalar(db.select(ClockOffset.seconds))
    return timedelta(seconds=seconds or 0)


def _send_headers(app: Flask, settings: Settings) -> None:
    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault(
            "Content-Security-Policy", app.config["CONTENT_SECURITY_POLICY"]
        )
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()"
        )
        if settings.base_url.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static" or response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "private, no-store")
        elif HASHED.search(request.path):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
