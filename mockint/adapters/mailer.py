"""Renders mails from templates/mail in the recipient's language, zone and locale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta
from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from mockint.domain import zones

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates" / "mail"
TRANSLATIONS = ROOT / "translations"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of one mail; the text part is complete by itself."""

    subject: str
    text: str
    html: str


@lru_cache(maxsize=128)
def known_locale(locale: str) -> str:
    """The locale if Babel knows it, else English."""
    try:
        return str(Locale.parse(locale))
    except (ValueError, UnknownLocaleError):
        return "en"


@lru_cache(maxsize=32)
def _environment(locale: str) -> Environment:
    """One environment a language: it holds the language's words and date formats."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    words: NullTranslations = Translations.load(str(TRANSLATIONS), [locale])
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.globals.update(
        locale=locale.replace("_", "-"), direction=Locale.parse(locale).text_direction
    )
    environment.filters.update(
        hour=_hour, day=_day, long_day=_long_day, ahead=_ahead, inline=inline, capital=_capital,
        place=zones.place, zone=_zone, bare=_bare, duration=_duration,
    )  # fmt: skip
    return environment


def render(kind: str, context: Mapping[str, Any], locale: str) -> Rendered:
    """The three templates of a kind, in this language; a missing value is an error."""
    environment = _environment(known_locale(locale))
    subject = " ".join(environment.get_template(f"{kind}/subject.txt").render(context).split())
    text = environment.get_template(f"{kind}/body.txt").render(context)
    html = environment.get_template(f"{kind}/body.html").render({**context, "subject": subject})
    return Rendered(subject, _tidy(text), html.strip() + "\n")


def render_text(name: str, context: Mapping[str, Any], locale: str) -> str:
    """One plain text template, such as the words inside a calendar entry."""
    return _environment(known_locale(locale)).get_template(name).render(context).strip()


def _tidy(text: str) -> str:
    """No blank ends of lines, no two empty lines in a row."""
    lines = [line.rstrip() for line in text.strip().split("\n")]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept) + "\n"


def _babel(context: Context) -> Locale:
    return _locale(str(context["locale"]))


@cache
def _locale(name: str) -> Locale:
    return Locale.parse(name, sep="-")


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


@pass_context
def _hour(context: Context, at: datetime, zone: str) -> str:
    """18:45, or 6:45 pm where people write it so; English without a country reads 24 hours."""
    locale = _babel(context)
    pattern = "HH:mm" if str(locale) == "en" else "short"
    return format_time(_local(at, zone), pattern, locale=locale)


@pass_context
def _day(context: Context, at: datetime, zone: str) -> str:
    """Thu 26 Nov."""
    return format_date(_local(at, zone).date(), "EEE d MMM", locale=_babel(context))


@pass_context
def _long_day(context: Context, at: datetime, zone: str) -> str:
    """Thursday 26 November 2026."""
    return format_date(_local(at, zone).date(), "EEEE d MMMM y", locale=_babel(context))


@pass_context
def _ahead(context: Context, at: datetime, now: datetime) -> str:
    """In 24 hours, in 1 hour, in 40 minutes."""
    left = at - now
    step = timedelta(hours=1) if left >= timedelta(minutes=90) else timedelta(minutes=1)
    rounded = round(left / step) * step
    granularity = "hour" if rounded % timedelta(hours=1) == timedelta() else "minute"
    return format_timedelta(
        rounded,
        granularity=granularity,  # type: ignore[arg-type]  # one of Babel's words
        threshold=30 if granularity == "hour" else 100,
        add_direction=True,
        locale=_babel(context),
    )


@pass_context
def _duration(context: Context, length: timedelta) -> str:
    """10 minutes, 24 hours, 7 days."""
    return format_timedelta(length, threshold=2.1, locale=_babel(context))


def _zone(zone: str, at: datetime) -> str:
    """Kathmandu (UTC+05:45)."""
    town = zones.place(zone)
    return town if town == "UTC" else f"{town} ({zones.offset_label(zone, at)})"


def inline(name: str) -> str:
    """A track's or level's name inside a sentence: "ML concepts" keeps its capitals."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bare(url: str) -> str:
    """An address as people read it."""
    return url.removeprefix("https://").removeprefix("http://")
