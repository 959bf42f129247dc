"""How values are shown: instants in the reader's zone and locale, navigation, assets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_day_names, get_time_format
from babel.units import format_unit
from flask import Flask, current_app, g, has_request_context, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from mockint import clock
from mockint.domain import zones
from mockint.domain.errors import N_
from mockint.domain.rubric import LANGUAGES, LEVELS, TRACKS
from mockint.queries import community as community_query
from mockint.queries import health
from mockint.queries.people import SignedIn
from mockint.web import svg
from mockint.web.language import current_locale, locale_of


def now() -> datetime:
    """The instant of this request: asked once, the same everywhere on the page."""
    if not has_request_context():
        return clock.now()
    if "now" not in g:
        g.now = clock.now()
    return g.now


def reader() -> SignedIn | None:
    """Whoever is signed in; cheaper than `current_user` where it is asked often."""
    found = current_user._get_current_object()
    return found if found.is_authenticated else None


def reader_zone() -> str:
    """IANA zone of whoever reads the page; UTC for strangers."""
    person = reader()
    return person.zone if person else "UTC"


def local(at: datetime, zone: str | None = None) -> datetime:
    """The instant on the reader's (or that zone's) clock."""
    return at.astimezone(ZoneInfo(zone or reader_zone()))


def _locale() -> Locale:
    return current_locale() or locale_of("en")


def hour(at: datetime, zone: str | None = None) -> str:
    """18:45, or 6:45 pm where people write it so."""
    shown = local(at, zone)
    return _time_words(60 * shown.hour + shown.minute, _locale())


@lru_cache(maxsize=8192)
def _time_words(minutes: int, locale: Locale) -> str:
    return format_time(time(minutes // 60, minutes % 60), _time_pattern(locale), locale=locale)


def _time_pattern(locale: Locale) -> str:
    """The locale's short time; English without a country reads 24 hours."""
    return "HH:mm" if str(locale) == "en" else "short"


def hours(minutes: Iterable[int]) -> list[str]:
    """The same for minutes of a day, many at once."""
    locale = _locale()
    return [_time_words(one, locale) for one in minutes]


def hour_of_day(minutes: int) -> str:
    """18:45 or 6:45 PM for minutes of a day on no date; the end of a day is 24:00 or midnight."""
    if minutes < 1440:
        return _time_words(minutes, _locale())
    short = _time_pattern(_locale()) == "short" and get_time_format("short", _locale()).pattern
    return _("midnight") if short and "h" in short else "24:00"


def day(at: datetime | date, zone: str | None = None, *, long: bool = False) -> str:
    """Thu 26 Nov, or Thursday 26 November when `long`."""
    if isinstance(at, datetime):
        at = local(at, zone).date()
    return date_words(at, "EEEE d MMMM" if long else "EEE d MMM")


def date_words(at: date, pattern: str) -> str:
    """A date by a pattern of CLDR, with the names of the reader's language."""
    return _date_words(at, pattern, _locale())


@lru_cache(maxsize=8192)
def _date_words(at: date, pattern: str, locale: Locale) -> str:
    return format_date(at, pattern, locale=locale)


def dates(days: Iterable[date], pattern: str) -> list[str]:
    """The same of many."""
    locale = _locale()
    return [_date_words(one, pattern, locale) for one in days]


def moment(at: datetime, zone: str | None = None) -> str:
    """Thu 26 Nov, 18:45 (say the zone beside it)."""
    return f"{day(at, zone)}, {hour(at, zone)}"


def span(start: datetime, end: datetime, zone: str | None = None) -> str:
    """18:45 to 19:45."""
    return _("%(start)s to %(end)s", start=hour(start, zone), end=hour(end, zone))


def weekday(number: int) -> str:
    """Monday for 0."""
    return str(get_day_names("wide", locale=_locale())[number])


def duration(minutes: int) -> str:
    """None, 45 minutes, 12 hours or 3 days, in the largest unit that fits."""
    if not minutes:
        return _("None")
    for size, unit in ((1440, "day"), (60, "hour")):
        if minutes % size == 0 and minutes >= size * (2 if unit == "day" else 1):
            return str(format_unit(minutes // size, unit, locale=_locale()))
    return str(format_unit(minutes, "minute", locale=_locale()))


def machine(at: datetime) -> str:
    """For a <time> element."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='minutes')}Z"


def given(name: str) -> str:
    """How a person is called in a sentence: the first word of the shown name."""
    return name.split(" ", 1)[0]


def address(endpoint: str) -> str:
    """`url_for` of an address without parts of its own; every page has a dozen of them."""
    return _address(endpoint, request.environ.get("SCRIPT_NAME", ""))


@lru_cache(maxsize=512)
def _address(endpoint: str, mounted_at: str) -> str:
    return url_for(endpoint)


def asset(name: str) -> str:
    """URL of a built asset under its hashed name; the plain name while nothing is built."""
    if "assets" not in g:
        g.assets = _assets()
    known: Callable[[str], str] = g.assets
    return known(name)


def _assets() -> Callable[[str], str]:
    """The assets as they are built now; asked once a page, as a new build is picked up at once."""
    manifest = f"{current_app.static_folder}/dist/manifest.json"
    try:
        modified = os.stat(manifest).st_mtime
    except OSError:
        modified = 0.0
    return _built(manifest, modified, request.environ.get("SCRIPT_NAME", ""))


@lru_cache(maxsize=8)
def _built(manifest: str, modified: float, mounted_at: str) -> Callable[[str], str]:
    names: dict[str, str] = {}
    if modified:
        names = json.loads(Path(manifest).read_text(encoding="utf-8"))
    folder = url_for("static", filename="dist/")
    return lambda name: folder + names.get(name, name)


@dataclass(frozen=True, slots=True)
class Destination:
    """A word of the navigation."""

    label: str
    url: str
    current: bool
    count: int | None


def nav(role: str) -> list[Destination]:
    """The navigation of the role this device looks through."""
    here = g.get("nav")
    return [
        Destination(_(label), address(endpoint), here == label, _waiting(endpoint))
        for label, endpoint in NAV.get(role, ())
    ]


NAV: dict[str, list[tuple[str, str]]] = {
    "candidate": [
        (N_("Home"), "pages.home"),
        (N_("Book"), "slots.picker"),
        (N_("Interviews"), "interviews.index"),
        (N_("Progress"), "progress.progress"),
    ],
    "interviewer": [
        (N_("Home"), "pages.home"),
        (N_("Hours"), "hours.hours"),
        (N_("Interviews"), "interviews.index"),
        (N_("Feedback"), "feedback.owed"),
    ],
    "organiser": [
        (N_("Desk"), "desk.desk"),
        (N_("Bookings"), "desk.bookings"),
        (N_("Rounds"), "rounds.desk"),
        (N_("People"), "desk.people"),
        (N_("Mail"), "desk.mail"),
        (N_("Settings"), "desk.settings"),
    ],
}
"""Role to (label, endpoint)."""

COUNTS: dict[str, Callable[[], int]] = {}
"""Endpoint to how many things wait there; its views say so."""


def waits(endpoint: str, count: int) -> None:
    """How many things wait there, from a view that knows without asking again."""
    g.setdefault("waiting", {})[endpoint] = count


def _waiting(endpoint: str) -> int | None:
    known: dict[str, int] = g.get("waiting", {})
    if endpoint in known:
        return known[endpoint]
    return COUNTS[endpoint]() if endpoint in COUNTS else None


def active_role() -> str:
    """The role this device looks through; the first one held when none was chosen."""
    person = reader()
    held = person.roles if person else ()
    if person and person.login_role in held:
        role = person.login_role
    else:
        role = next((one for one in ("organiser", "interviewer", "candidate") if one in held), "")
    g.role = role
    return role


def mail_alarm() -> bool:
    """Whether the organiser who reads the page should look at the mails."""
    return health.mail_fails(now=now())


class Named(Mapping[str, str]):
    """Names that a template reads in the reader's language."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def __getitem__(self, key: str) -> str:
        return str(_(self._names[key]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def install(app: Flask) -> None:
    """Give every template its globals, filters and context."""
    app.jinja_env.globals.update(
        asset=asset,
        svg=svg,
        now=now,
        mail_alarm=mail_alarm,
        zone_label=zones.label,
        place=zones.place,
        TRACKS=Named(TRACKS),
        LEVELS=Named(LEVELS),
        LANGUAGES=LANGUAGES,
    )
    for function in (hour, day, moment, span, machine, given, local, duration, weekday):
        app.jinja_env.filters[function.__name__] = function

    app.context_processor(_page)


def _page() -> dict[str, Any]:
    """What the layout shows on every page."""
    person, community, locale = reader(), community_query.current(), _locale()
    role = active_role() if person else ""
    urls = {key: address(endpoint) for key, endpoint in PAGE_URLS.items()}
    if community.contact:
        urls["contact_url"] = f"mailto:{community.contact}"
    zone = person.zone if person else "UTC"
    return {
        "community": community,
        "person": person,
        "role": role,
        "nav_items": nav(role),
        "zone_label": zones.label(zone, now()) if person else "",
        "zone_name": zone,
        "locale": str(locale),
        "text_direction": locale.text_direction,
        **urls,
    }


PAGE_URLS = {
    "home_url": "pages.home",
    "zone_url": "accounts.zone",
    "account_url": "accounts.account",
    "help_url": "pages.help",
    "privacy_url": "pages.privacy",
}
