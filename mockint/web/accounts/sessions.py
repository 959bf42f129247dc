"""Logins as rows: the cookie carries a key, the row says whether it still counts."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import structlog
from babel import Locale
from flask import Flask, Request, current_app, g, request, session
from flask_login import current_user
from flask_security import MailUtil, SQLAlchemyUserDatastore
from sqlalchemy.exc import OperationalError

from mockint.db import db
from mockint.domain.account import login_over
from mockint.models import Person, Role
from mockint.queries import people
from mockint.queries.people import SignedIn
from mockint.services import logins
from mockint.web import presenters
from mockint.web.extensions import security
from mockint.web.language import locale_of

log = structlog.get_logger()


class NoMail(MailUtil):
    """Mail leaves through the outbox alone; a path that forgets it fails loudly."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError("mail is recorded in the outbox, never sent by a request")


SECURITY: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__time_cost": 2,
        "argon2__memory_cost": 19456,
        "argon2__parallelism": 1,
    },
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_SALT": "unused with argon2, which salts by itself",
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_REGISTER_BLUEPRINT": False,
    "SECURITY_TRACKABLE": False,
    "SECURITY_CLI_USERS_NAME": False,
    "SECURITY_CLI_ROLES_NAME": False,
}

COOKIE = "login"
"""Where the session keeps the key of the login row."""
KNOWN = "known"
"""Where the session remembers, also after a logout, who logged in here before."""
KNOWN_MAX = 5
SEEN_EVERY = timedelta(minutes=10)


def locale() -> Locale:
    """The reader's language; English until they choose."""
    return locale_of(current_user.locale if current_user.is_authenticated else "en")


def key_hash(key: str) -> str:
    """What the database keeps of a secret that was handed out."""
    return hashlib.sha256(key.encode()).hexdigest()


def install(app: Flask) -> None:
    """Bind Flask-Security without its routes, its mails and its own session."""
    datastore = SQLAlchemyUserDatastore(db, Person, Role)
    security.init_app(app, datastore, register_blueprint=False, mail_util_cls=NoMail)
    app.extensions["security"].principal.identity_loaders.clear()  # `guards` asks for roles
    manager = app.extensions["security"].login_manager
    manager.session_protection = None
    manager.user_loader(lambda user_id: None)
    manager.request_loader(_person_of)


def _person_of(incoming: Request) -> SignedIn | None:
    """Whoever is logged in with this cookie; asked once a request."""
    g.login = None
    key = session.get(COOKIE)
    if incoming.endpoint == "static" or not isinstance(key, str):
        return None
    found = people.live_login(key_hash(key))
    if found is None:
        return None
    now = presenters.now()
    strict = current_app.extensions["mockint"].mode == "production" and "organiser" in found.roles
    if login_over(found.login_at, found.seen_at, now=now, strict=strict):
        return None
    if now - found.seen_at >= SEEN_EVERY:
        _touch(found.login_id, now)
    g.login = found
    return found


def _touch(login_id: int, now: datetime) -> None:
    """Note that the device was seen; a busy database is no reason to refuse the page."""
    try:
        logins.touch(login_id, now=now)
    except OperationalError as error:
        db.session.rollback()
        log.info("login_not_touched", reason=str(error.orig))


def start(person: Person, *, role: str = "", now: datetime) -> None:
    """Log this browser in: a new row, a new key, nothing kept of the session before."""
    known = [digest for digest in _known() if digest != _digest(person.email)]
    old = session.get(COOKIE)
    session.clear()
    session[COOKIE] = key = secrets.token_urlsafe(32)
    session[KNOWN] = [_digest(person.email), *known][:KNOWN_MAX]
    session.permanent = True
    logins.start(
        person.id,
        key_hash=key_hash(key),
        old_key_hash=key_hash(old) if isinstance(old, str) else "",
        role=role,
        device=device(request.headers.get("User-Agent", "")),
        now=now,
    )


def rotate(*, role: str | None = None) -> None:
    """Give this device a new key and, when given, another role; the old key is dead."""
    key = secrets.token_urlsafe(32)
    logins.rekey(current_user.login_id, key_hash=key_hash(key), role=role)
    session[COOKIE] = key


def forget() -> None:
    """Empty this browser's session; only which accounts it knows stays, for the limits."""
    known = _known()
    session.clear()
    if known:
        session[KNOWN] = known


def knows(email: str) -> bool:
    """Whether this browser logged in to this account before."""
    return _digest(email) in _known()


def _known() -> list[str]:
    kept = session.get(KNOWN)
    return [str(digest) for digest in kept] if isinstance(kept, list) else []


def _digest(email: str) -> str:
    return hashlib.sha256(email.lower().encode()).hexdigest()[:16]


BROWSERS = ("Firefox", "Edg", "OPR", "SamsungBrowser", "Chrome", "Safari")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux")
SHOWN = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "CrOS": "ChromeOS"}


def device(user_agent: str) -> str:
    """Browser and system in words, such as "Firefox on Linux"; empty when it does not say."""

    def first(names: tuple[str, ...]) -> str:
        found = next((name for name in names if re.search(rf"\b{name}", user_agent)), "")
        return SHOWN.get(found, found)

    return " on ".join(filter(None, (first(BROWSERS), first(SYSTEMS))))
