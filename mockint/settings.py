"""What the operator sets: one frozen dataclass read from MOCKINT_* variables."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

Mode = Literal["production", "demo", "development", "test"]
PREFIX = "MOCKINT_"


class SettingsError(Exception):
    """A setting is missing, unknown or unusable; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Operator settings. Every field is the variable MOCKINT_<NAME IN CAPITALS>."""

    mode: Mode = "production"
    base_url: str = "http://127.0.0.1:8000"
    """Where people reach this installation; every link in a mail starts with it."""
    database_url: str = ""
    """SQLite file or PostgreSQL; empty means `mockint.db` in the data folder."""
    redis_url: str = ""
    """Empty means embedded: one web process that also does the worker's job."""
    smtp_url: str = ""
    """smtp://user:password@host:587 or smtps://; empty keeps mail in the local mailbox page."""
    mail_from: str = ""
    """Sender and organizer address; empty means mockint@<host of base_url>."""
    data_dir: str = "instance"
    """Folder for the SQLite file and the generated secret."""
    secret_key: str = ""
    """Signs cookies; empty means one is generated once into the data folder."""
    jitsi_url: str = ""
    """Base URL for meeting links made for volunteers, such as https://meet.example.org."""
    log_json: bool = False
    """Logs as JSON lines."""
    trusted_proxies: int = 0
    """Reverse proxies in front; as many entries of X-Forwarded-* are believed, from the right."""
    metrics_token: str = ""
    """What `/metrics` asks for as a bearer token; empty means that page is not there."""
    retry_scale: float = 1.0
    """Stretches or shortens every pause before a mail is tried again; production keeps 1."""

    @property
    def embedded(self) -> bool:
        """One process does everything; no Redis."""
        return not self.redis_url

    @property
    def moves_clock(self) -> bool:
        """Whether the clock may be moved (`mockint demo advance`)."""
        return self.mode != "production"

    @property
    def shows_mailbox(self) -> bool:
        """The local mailbox page and "look around as" exist only here."""
        return self.mode in ("demo", "development", "test")

    @property
    def host(self) -> str:
        """Host name of the base URL, the right-hand side of our UIDs and Message-IDs."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def sender(self) -> str:
        """Address every mail comes from."""
        return self.mail_from or f"mockint@{self.host}"

    @property
    def database(self) -> str:
        """SQLAlchemy URL, with the psycopg driver named for PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{Path(self.data_dir).resolve() / 'mockint.db'}"
        for scheme in ("postgresql://", "postgres://"):
            if self.database_url.startswith(scheme):
                return "postgresql+psycopg://" + self.database_url.removeprefix(scheme)
        return self.database_url


SECRETS = ("database_url", "redis_url", "smtp_url", "secret_key", "metrics_token")
"""Settings that may also be given as a file: MOCKINT_<NAME>_FILE."""


SCHEMES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "database_url": (
        ("sqlite", "postgresql", "postgres", "postgresql+psycopg"),
        "postgresql://mockint:password@db.example.org/mockint",
    ),
    "redis_url": (("redis", "rediss", "unix"), "redis://redis.example.org:6379/0"),
    "smtp_url": (("smtp", "smtps"), "smtp://user:password@mail.example.org:587"),
    "jitsi_url": (("https", "http"), "https://meet.example.org"),
}
"""What each address may start with, and one to copy."""


def _require_scheme(name: str, text: str, schemes: tuple[str, ...], example: str) -> None:
    """Refuse an address of a kind we cannot use; its text is not said, it may hold a password."""
    scheme, colon, _rest = text.partition("://")
    if text and (not colon or scheme not in schemes):
        raise SettingsError(f"{PREFIX}{name.upper()} cannot be used. Write it like {example}.")


def _boolean(name: str, text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise SettingsError(f"{PREFIX}{name} is {text!r}. Write true or false.")


def _number(name: str, text: str, kind: type[int] | type[float], most: float) -> int | float:
    try:
        number = kind(text)
    except ValueError:
        number = kind(-1)
    if not 0 <= number <= most:
        raise SettingsError(f"{PREFIX}{name} is {text!r}. Write a number from 0 to {most:g}.")
    return number


def _read(name: str, text: str) -> object:
    """The value of a variable in its field's type."""
    if name == "LOG_JSON":
        return _boolean(name, text)
    if name == "TRUSTED_PROXIES":
        return _number(name, text, int, 8)
    if name == "RETRY_SCALE":
        return _number(name, text, float, 10)
    return text.strip()


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read every MOCKINT_* variable; unknown names are refused, so that a typo cannot hide."""
    known = {f.name.upper(): f for f in fields(Settings)}
    values: dict[str, object] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX)
        if name.endswith("_FILE") and name.removesuffix("_FILE").lower() in SECRETS:
            name = name.removesuffix("_FILE")
            try:
                text = Path(text).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(
                    f"{variable} names a file that cannot be read: {error}."
                ) from error
        if name not in known:
            raise SettingsError(
                f"{variable} is not a setting of mockint. Remove it or check its spelling."
            )
        values[known[name].name] = _read(name, text)
    if values.get("mode", "production") not in get_args(Mode):
        raise SettingsError(
            f"MOCKINT_MODE is {values['mode']!r}. Use one of: {', '.join(get_args(Mode))}."
        )
    if values.get("mode", "production") == "production" and values.get("retry_scale", 1) != 1:
        raise SettingsError("MOCKINT_RETRY_SCALE is for tests. Remove it, or set MOCKINT_MODE.")
    base_url = str(values.get("base_url", Settings().base_url)).rstrip("/")
    if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
        raise SettingsError(
            f"MOCKINT_BASE_URL is {base_url!r}. Write it like https://mock.example.org."
        )
    values["base_url"] = base_url
    for name, (schemes, example) in SCHEMES.items():
        _require_scheme(name, str(values.get(name, "")), schemes, example)
    return Settings(**cast("dict[str, str]", values))  # type: ignore[arg-type]  # bool and Mode checked above


_active: Settings | None = None


def activate(settings: Settings) -> None:
    """Make `settings` those of this process; the app factory calls it."""
    global _active
    _active = settings


def active() -> Settings:
    """The settings of the app that was built last in this process."""
    if _active is None:
        raise SettingsError("No app was built yet.")
    return _active


SHORTEST_SECRET = 32


def secret_key(settings: Settings) -> str:
    """The signing secret: given, or generated once into the data folder (mode 0600)."""
    if settings.secret_key:
        if len(settings.secret_key) < SHORTEST_SECRET:
            raise SettingsError(
                f"MOCKINT_SECRET_KEY is too short. Use at least {SHORTEST_SECRET} characters."
            )
        return settings.secret_key
    path = Path(settings.data_dir) / "secret_key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _kept_secret(path)
    except OSError as error:
        raise SettingsError(
            f"MOCKINT_DATA_DIR ({settings.data_dir}) cannot be used: {error.strerror}."
        ) from error


def _kept_secret(path: Path) -> str:
    try:
        with open(path, "x", encoding="ascii", opener=partial(os.open, mode=0o600)) as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(f"{path} holds no secret. Delete it and start again: one is made.")
    return secret
