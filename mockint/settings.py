"""What the operator sets: one frozen dataclass read from MOCKINT_* variables."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import urlsplit

Mode = Literal["production", "demo", "development", "test"]
PREFIX = "MOCKINT_"
FROM_FILE = "_FILE"
T = TypeVar("T")


class SettingsError(Exception):
    """A setting is missing, unknown or unusable; the message says which and what to do."""


def _setting(
    default: T,
    meaning: str,
    *,
    unset: str = "none",
    secret: bool = False,
    bounds: tuple[float, float] | None = None,
) -> T:
    """A field with its meaning; `unset` is what the docs show for an empty default."""
    about = {"meaning": meaning, "unset": unset, "secret": secret, "bounds": bounds}
    made: T = field(default=default, metadata=about)
    return made


@dataclass(frozen=True, slots=True)
class Settings:
    """Operator settings. Every field is the variable MOCKINT_<NAME IN CAPITALS>."""

    mode: Mode = _setting(  # noqa: RUF009 - it makes a field
        "production",
        "`demo` and `development` keep mail in a local mailbox page and let the clock be moved; "
        "never on the open internet",
    )
    base_url: str = _setting(
        "http://127.0.0.1:8000", "where people reach it; every link in a mail starts with it"
    )
    database_url: str = _setting(
        "",
        "`postgresql://user:password@host/name` or `sqlite:////path/mockint.db`",
        unset="`mockint.db` in the data folder",
        secret=True,
    )
    redis_url: str = _setting(
        "",
        "`redis://:password@host:6379/0`; wakes workers and shares rate limits. Without it one web "
        "process also does the worker's job",
        secret=True,
    )
    smtp_url: str = _setting(
        "",
        "`smtp://user:password@host:587` (STARTTLS when offered) or `smtps://host:465`; `serve` "
        "and `worker` need it in production",
        secret=True,
    )
    imap_url: str = _setting(
        "",
        "`imaps://user:password@host/folder` of the mailbox that answers come to; `imap://` uses "
        "STARTTLS. A @ in the user is written %40, and without a folder it is the inbox",
        unset="none: answers are handed over by `mockint mail ingest -`, or not read",
        secret=True,
    )
    pipes_replies: bool = _setting(
        False,
        "your mail server hands answers to invitations to `mockint mail ingest -`, so calendars "
        "are asked for one; with `MOCKINT_IMAP_URL` they are asked anyway",
    )
    authserv_id: str = _setting(
        "",
        "how the mail server that takes in answers names itself in `Authentication-Results`; only "
        "its topmost header is believed",
        unset="none: no sender is believed, and each answer is confirmed by a click",
    )
    mail_from: str = _setting(
        "",
        "sender of every mail and organizer of every calendar entry",
        unset="`mockint@` the host of the base URL",
    )
    data_dir: str = _setting("instance", "folder for the SQLite file and the generated secret")
    secret_key: str = _setting(
        "",
        "signs cookies; at least 32 characters, the same for every web process",
        unset="generated once into the data folder, mode 0600",
        secret=True,
    )
    trusted_proxies: int = _setting(
        0,
        "how many reverse proxies stand in front; that many entries of `X-Forwarded-For` and "
        "`-Proto` are believed, counted from the right",
        bounds=(0, 8),
    )
    calendar_networks: str = _setting(
        "",
        "private networks that volunteers' own calendars may be read from, on any port, like "
        "`10.1.0.0/16, fd12::/32`; for a Nextcloud that only you can reach",
        unset="none: public addresses only, on ports 80 and 443",
    )
    jitsi_url: str = _setting(
        "", "base address for meeting rooms made for volunteers, like `https://meet.example.org`"
    )
    metrics_token: str = _setting(
        "",
        "bearer token that `/metrics` asks for; without one there is no such page",
        secret=True,
    )
    log_json: bool = _setting(False, "logs as JSON lines")
    retry_scale: float = _setting(
        1.0,
        "stretches or shortens every pause before a mail is tried again; production keeps 1",
        bounds=(0.001, 10),
    )

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
    def takes_replies(self) -> bool:
        """Whether what people answer from their calendars gets here."""
        return self.pipes_replies or bool(self.imap_url)

    @property
    def calendar_allowed(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks of `calendar_networks`; ValueError when one is none."""
        named = (each.strip() for each in self.calendar_networks.split(","))
        return tuple(ip_network(each) for each in named if each)

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


SECRETS = tuple(f.name for f in fields(Settings) if f.metadata["secret"])
"""Settings that may also be given as a file: MOCKINT_<NAME>_FILE."""


def reference() -> Iterator[str]:
    """The lines of the table of settings in the docs, in Markdown."""
    yield "| variable | default | meaning |"
    yield "| --- | --- | --- |"
    for f in fields(Settings):
        default = str(f.default).lower() if isinstance(f.default, bool) else f"{f.default}"
        shown = f"`{default}`" if default else f.metadata["unset"]
        name = f"`{PREFIX}{f.name.upper()}`" + (" *" if f.metadata["secret"] else "")
        yield f"| {name} | {shown} | {f.metadata['meaning']} |"


# Reading the environment


SCHEMES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "base_url": (("https", "http"), "https://mock.example.org"),
    "database_url": (
        ("sqlite", "postgresql", "postgres", "postgresql+psycopg"),
        "postgresql://mockint:password@db.example.org/mockint",
    ),
    "redis_url": (("redis", "rediss", "unix"), "redis://redis.example.org:6379/0"),
    "smtp_url": (("smtp", "smtps"), "smtp://user:password@mail.example.org:587"),
    "imap_url": (
        ("imaps", "imap"),
        "imaps://mockint%40example.org:password@mail.example.org/INBOX",
    ),
    "jitsi_url": (("https", "http"), "https://meet.example.org"),
}
"""What each address may start with, and one to copy."""


def _fault_of(name: str, url: str) -> str | None:
    """What is wrong with an address, without its text: that may hold a password."""
    scheme, colon, _rest = url.partition("://")
    schemes, _example = SCHEMES[name]
    if not colon or scheme not in schemes:
        return f"it does not start with {' or '.join(f'{each}://' for each in schemes[:2])}"
    try:
        parts = urlsplit(url)
        port = parts.port  # raises for what is no port
    except ValueError:
        return "its port is not a number from 1 to 65535"
    if port == 0:
        return "its port is not a number from 1 to 65535"
    path = parts.path.strip("/")
    if parts.fragment:
        return "it holds a #, which is written as %23 in a password"
    if scheme == "sqlite":
        return None if path and path != ":memory:" and not parts.netloc else "it names no file"
    if name == "database_url":  # the host may be a socket, named in the query
        return None if path else "it names no database"
    if not parts.hostname and scheme != "unix":
        return "it names no host"
    if scheme in ("redis", "rediss") and path and not path.isdigit():
        return "its database is not a number"
    if name == "imap_url" and not (parts.username and parts.password):
        return "it names no user and password"
    if name == "imap_url" and parts.query:
        return "it holds a ?, which is written as %3F in a password"
    if name == "base_url" and (path or parts.query or parts.username):
        return "it is more than a scheme, a host and a port"
    return None


def _require_address(name: str, url: str) -> None:
    fault = _fault_of(name, url) if url else None
    if fault:
        _schemes, example = SCHEMES[name]
        raise SettingsError(
            f"{PREFIX}{name.upper()} cannot be used: {fault}. Write it like {example}."
        )


def _value(setting: Field[Any], text: str) -> object:
    """The text of a variable in the type of its field."""
    variable = f"{PREFIX}{setting.name.upper()}"
    text = text.strip()
    if setting.name == "mode":
        if text not in get_args(Mode):
            raise SettingsError(f"{variable} is {text!r}. Use one of: {', '.join(get_args(Mode))}.")
        return text
    if isinstance(setting.default, bool):
        if text.lower() in ("1", "true", "yes", "on"):
            return True
        if text.lower() in ("0", "false", "no", "off", ""):
            return False
        raise SettingsError(f"{variable} is {text!r}. Write true or false.")
    if isinstance(setting.default, int | float):
        least, most = setting.metadata["bounds"]
        try:
            number = type(setting.default)(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise SettingsError(f"{variable} is {text!r}. Write a number from {least} to {most}.")
        return number
    return text


def _content(variable: str, path: str) -> str:
    """The secret that a file holds."""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            f"{variable} names a file that cannot be read: {why}. "
            "Correct the path, or let this user read it."
        ) from error
    if not text:
        raise SettingsError(f"{variable} names an empty file. Write the secret into it.")
    return text


def _texts(environment: Mapping[str, str]) -> dict[str, str]:
    """What was set, by field name; unknown names are refused, so that a typo cannot hide."""
    known = {f.name.upper(): f.name for f in fields(Settings)}
    files = {f"{name.upper()}{FROM_FILE}": name for name in SECRETS}
    texts: dict[str, str] = {}
    for variable in sorted(v for v in environment if v.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX)
        if name in known:
            texts[known[name]] = environment[variable]
        elif name not in files:
            raise SettingsError(
                f"{variable} is not a setting of mockint. Remove it or check its spelling."
            )
        elif texts.get(files[name]):
            raise SettingsError(
                f"{variable} and {variable.removesuffix(FROM_FILE)} are both set. Remove one."
            )
        else:
            texts[files[name]] = _content(variable, environment[variable])
    return texts


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read and check every MOCKINT_* variable."""
    texts = _texts(environment)
    values = {f.name: _value(f, texts[f.name]) for f in fields(Settings) if f.name in texts}
    if values.get("base_url") == "":
        raise SettingsError("MOCKINT_BASE_URL is empty. Write it like https://mock.example.org.")
    for name in SCHEMES:
        _require_address(name, str(values.get(name, "")))
    if "base_url" in values:
        values["base_url"] = str(values["base_url"]).rstrip("/")
    settings = Settings(**values)  # type: ignore[arg-type]  # each was read in its field's type
    if settings.mail_from and not _is_mailbox(settings.mail_from):
        raise SettingsError(
            "MOCKINT_MAIL_FROM is not an address alone. Write it like mockint@example.org."
        )
    if any(c.isspace() or c in ";()" for c in settings.authserv_id):
        raise SettingsError(
            "MOCKINT_AUTHSERV_ID is not a name alone. Write it like mail.example.org."
        )
    try:
        settings.calendar_allowed  # noqa: B018 - it is asked here so that a bad one is found at once
    except ValueError as error:
        raise SettingsError(
            "MOCKINT_CALENDAR_NETWORKS names something else than networks. "
            "Write them like 10.1.0.0/16, fd12::/32."
        ) from error
    if not settings.data_dir:
        raise SettingsError("MOCKINT_DATA_DIR is empty. Write a folder, or remove it.")
    if settings.mode == "production" and settings.retry_scale != 1:
        raise SettingsError("MOCKINT_RETRY_SCALE is for tests. Remove it in production.")
    return settings


def _is_mailbox(text: str) -> bool:
    local, at, host = text.rpartition("@")
    return bool(at and local and host) and not any(c in " \t<>,;" for c in text)


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
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _kept_secret(path)
    except OSError as error:
        raise SettingsError(
            f"MOCKINT_DATA_DIR ({settings.data_dir}) cannot be used: {error.strerror}. "
            "Write a folder that this user may write to."
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
