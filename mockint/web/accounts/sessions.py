"""Logins as rows: the cookie carries a key, the row says whether it still counts."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Flask
from flask_login import current_user
from flask_security import SQLAlchemyUserDatastore

from mockint.db import db
from mockint.models import Person, Role
from mockint.web.extensions import security

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
}


def locale() -> str:
    """The reader's language; English until they choose."""
    return str(current_user.locale) if current_user.is_authenticated else "en"


def key_hash(key: str) -> str:
    """What the database keeps of a secret that was handed out."""
    return hashlib.sha256(key.encode()).hexdigest()


def install(app: Flask) -> None:
    """Bind Flask-Security without its routes."""
    datastore = SQLAlchemyUserDatastore(db, Person, Role)
    security.init_app(app, datastore, register_blueprint=False)
