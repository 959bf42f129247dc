"""/healthz, /readyz and /metrics: no login, no cookie, nothing personal."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from mockint.db import db
from mockint.domain import zones
from mockint.queries import health, moment
from mockint.settings import Settings
from mockint.web.guards import ANYONE, allow
from mockint.web.health import figures, scrape

blueprint = Blueprint("health", __name__)
for_monitoring = Blueprint("monitoring", __name__)
"""Registered only where a token is set."""
MAIL = ("mail", "answers")


@blueprint.get("/healthz")
@allow(ANYONE)
def healthz() -> ResponseReturnValue:
    """The process answers; it asks nobody else."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@allow(ANYONE)
def readyz() -> ResponseReturnValue:
    """Whether people can be served: database, tables, and somebody who does the background work.

    Mail that does not flow, or come in, is said, but makes nothing unready: pages work without it.
    """
    settings: Settings = current_app.extensions["mockint"]
    found = {name: (ok, words) for name, ok, words in _checks()}
    ready = all(ok for name, (ok, _words) in found.items() if name not in MAIL)
    found["zone rules"] = (True, f"IANA {zones.rules_version()}.")
    checks = {name: {"ok": ok, "sentence": words} for name, (ok, words) in found.items()}
    return jsonify(ready=ready, mode=settings.mode, checks=checks), 200 if ready else 503


def _checks() -> Iterator[tuple[str, bool, str]]:
    try:
        health.be_quick()
        now = moment.now()
        found = [("database", True, "It answers.")]
        gap = health.schema_gap(current_app.config["MIGRATIONS"])
        found.append(("migrations", not gap, f"No: {gap}." if gap else "The newest are applied."))
        if not gap:
            found += [(name, *look(now)) for name, look in LOOKS]
            if current_app.extensions["mockint"].imap_url:
                found.append(("answers", *_answers(now)))
    except SQLAlchemyError:
        db.session.rollback()
        found = [("database", False, "It does not answer.")]
    yield from found


def _worker(now: datetime) -> tuple[bool, str]:
    """Somebody looked for mail lately."""
    return _heard("sweep", now, "No worker has looked for mail yet.", "A worker looked for mail")


def _scheduler(now: datetime) -> tuple[bool, str]:
    """A scheduler's message reached a worker lately."""
    return _heard("scheduler", now, "No scheduler was heard yet.", "A scheduler was heard")


def _heard(name: str, now: datetime, never: str, heard: str) -> tuple[bool, str]:
    beat = health.beats().get(name)
    if beat is None:
        return False, never
    age = now - beat.at
    if age >= health.BEAT_LATE:
        return False, f"{heard} {_minutes(age.total_seconds())} ago."
    return True, f"{heard} {max(0, int(age.total_seconds()))} s ago."


def _mail(now: datetime) -> tuple[bool, str]:
    beat, since = health.beats().get("sweep"), health.oldest_owed(now=now)
    waits = "No mail waits."
    if since is not None:
        waits = f"The oldest due mail waits for {_minutes((now - since).total_seconds())}."
    if beat is not None and beat.trouble:
        return False, f"The mail server takes nothing. {waits}"
    return since is None or now - since < health.MAIL_LATE, waits


def _answers(now: datetime) -> tuple[bool, str]:
    """The mailbox that answers come to was read to its end lately."""
    read = _heard("answers", now, "No worker has read it yet.", "It was read")
    if health.inbox_trouble():
        return False, f"The mailbox cannot be read. {read[1]}"
    return read


LOOKS: tuple[tuple[str, Callable[[datetime], tuple[bool, str]]], ...] = (
    ("worker", _worker),
    ("scheduler", _scheduler),
    ("mail", _mail),
)


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)} min"


@for_monitoring.get("/metrics")
@allow(ANYONE)
def metrics() -> ResponseReturnValue:
    """Figures for Prometheus, for who knows the token."""
    settings: Settings = current_app.extensions["mockint"]
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    known = hmac.compare_digest(given.strip().encode(), settings.metrics_token.encode())
    if kind.lower() != "bearer" or not known:
        answer = Response("The token is missing or wrong.\n", 401, mimetype="text/plain")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    figures.current()
    text, kind = scrape.text(figures.folder())
    return Response(text, content_type=kind)
