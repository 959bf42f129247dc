"""Every word a page says is marked for translation; hours and dates follow the reader's locale.

The pages are drawn in a made-up language; a word in plain letters that is no data was forgotten.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from flask import Flask
from sqlalchemy import select

from mockint import clock
from mockint.db import db
from mockint.domain import zones
from mockint.domain.rubric import LANGUAGES
from mockint.models import KeptMail
from mockint.services import availability, rubric
from mockint.web.kits.words import paragraphs
from tests import factories
from tests.support import pseudo
from tests.support.doors import doors, visitor
from tests.support.web import Client
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "mockint",
    "Mock interviews",
    "Wiki",
    "UTC",
    "CSV",
    "ICS",
    "Google",
    "Microsoft",
    "Outlook.com",
    "Firefox on Linux",
)
SHORTEST = 3
"""Shorter data would hide too much."""


@pytest.fixture(scope="module")
def made_up(world_app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """All readers read the made-up language."""
    folder = tmp_path_factory.mktemp("translations")
    catalog = pseudo.write(folder)
    babel = world_app.extensions["babel"]
    before = babel.locale_selector, babel.translation_directories
    babel.locale_selector = lambda: pseudo.LOCALE
    babel.translation_directories = [str(folder)]
    yield catalog
    babel.locale_selector, babel.translation_directories = before


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner)


def mail_lines(raw: bytes) -> Iterator[str]:
    """What a kept mail says, and its calendar object in the words of RFC 5545."""
    mail = message_from_bytes(raw, policy=policy.default)
    for part in mail.walk():
        if part.get_content_type() in ("text/plain", "text/calendar"):
            for line in part.get_content().replace("\r\n ", "").replace("\\", "").splitlines():
                yield line.removeprefix("SUMMARY:")


@pytest.fixture(scope="module")
def data(world_app: Flask) -> re.Pattern[str]:
    """What is no word of ours: what people wrote, the rubric's text, names of places and days."""
    locale = Locale.parse(pseudo.LOCALE)
    found: set[str] = set(OURS)
    rubrics = json.loads((ROOT / "mockint/data/rubrics.json").read_text("utf-8"))
    found.update(text.removeprefix("3 = ") for text in strings(rubrics))
    for path in sorted((ROOT / "mockint/data/kits").glob("*.json")):
        for text in strings(json.loads(path.read_text("utf-8"))):
            found.add(text)
            found.update(one.text for one in paragraphs(text))
    found.update(zones.place(zone) for zone in zones.people_zones())
    found.update(zones.people_zones())
    for zone in zones.people_zones():
        found.update(zone.replace("_", " ").split("/"))
    found.update(LANGUAGES.values())
    found.update(("REQUEST", "CONFIRMED", "CANCEL", "CANCELLED"))
    for width in ("wide", "abbreviated"):
        found.update(locale.months["format"][width].values())
        found.update(locale.days["format"][width].values())
    found.update(("minute", "minutes", "hour", "hours", "day", "days"))
    with world_app.app_context():
        for mapper in db.Model.registry.mappers:
            for row in db.session.scalars(select(mapper.class_)).unique():
                for column in mapper.columns:
                    found.update(strings(getattr(row, column.key)))
        for raw in db.session.scalars(select(KeptMail.raw)):
            found.update(mail_lines(raw))
        db.session.remove()
    found.update([text.rstrip(".") for text in found])  # a sentence of ours may go on behind it
    pieces = {pseudo.plain(text) for text in found}
    longest_first = sorted((p for p in pieces if len(p) >= SHORTEST), key=len, reverse=True)
    return re.compile("|".join(rf"(?<![A-Za-z]){re.escape(p)}(?![A-Za-z])" for p in longest_first))


READERS = (None, "candidate", "interviewer", "organiser", "volunteer")
WORD = re.compile(r"[A-Za-z]{2,}")
ADDRESS = re.compile(r"[\w+]*[a-z](\.{3}|[./@:+]+)[a-z0-9]\S*", re.IGNORECASE)
"""Of a person, a page or a file."""
SOURCE = re.compile(r"BEGIN:VCALENDAR|From: ")
"""A mail or a calendar object as it went out."""


def test_no_page_says_a_word_that_is_not_marked(
    world_app: Flask, world: World, made_up: Catalog, data: re.Pattern[str]
) -> None:
    said: dict[str, str] = {}
    for who in READERS:
        client = visitor(world_app, world, who)
        for door in doors(world_app, world, "GET"):
            answer = client.get(door.address)
            if door.endpoint == "mailbox.html":
                continue  # the mail itself, in its reader's language
            if answer.mimetype == "text/html" and answer.status_code == 200:
                for text in pseudo.Words(answer.text).said:
                    said.setdefault(text, f"{who or 'anonymous'} {door.address}")
    found = []
    for text, where in said.items():
        plain = pseudo.plain(text)
        if SOURCE.match(plain) or not WORD.search(plain):
            continue
        if WORD.search(ADDRESS.sub(" ", data.sub(" ", plain))):
            found.append(f"{where}: {text[:100]}")
    assert "\n".join(sorted(found)) == ""


def test_the_made_up_language_can_tell(data: re.Pattern[str]) -> None:
    page = (
        '<p title="Not marked">⟦Ñóŧ⟧ Sanjana, Mon 23 Nov</p><button>Save</button>'
        "<script>var words</script>"
    )
    left = [t for t in pseudo.Words(page).said if WORD.search(data.sub("", pseudo.plain(t)))]
    assert left == ["Not marked", "Save"]


# Extraction


def test_every_text_has_the_same_places_in_both_forms() -> None:
    for message in pseudo.extracted():
        if isinstance(message.id, tuple):
            one, many = (set(pseudo.KEPT.findall(form)) for form in message.id)
            assert one <= many, message.id


def test_no_text_is_put_together_before_it_is_marked() -> None:
    """`_(f"...")` and `_("..." % x)` look marked, and are found by nobody."""
    wrong = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for folder, pattern in (
            ("mockint", "*.py"),
            ("templates", "*.html"),
            ("templates", "*.txt"),
        )
        for file in sorted((ROOT / folder).rglob(pattern))
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if re.search(r"\b(_|_l|N_|n?gettext)\(\s*f[\"']", line)
    ]
    assert wrong == []


# Hours as the reader writes them


@pytest.mark.parametrize(
    ("locale", "hour", "zone_words"),
    [("en", "18:45", "Kathmandu, UTC+05:45"), ("en_GB", "18:45", ""), ("en_US", "6:45 PM", "")],
)
def test_hours_follow_the_locale(
    app: Flask, client: Client, db_session: object, locale: str, hour: str, zone_words: str
) -> None:
    rubric.publish_default(now=clock.now())
    sanjana, jonas = factories.candidate(), factories.interviewer()
    factories.person_with(sanjana, locale=locale)
    start = factories.tomorrow_at(18, sanjana.zone, days=2) + timedelta(minutes=45)
    made = factories.booking(sanjana, jonas, start=start)
    factories.login(client, sanjana, role="candidate")
    for address in (f"/bookings/{made.id}", f"/interviews/{made.id}", "/interviews", "/"):
        page = client.get(address)
        assert page.status_code == 200
        text = page.text.replace("\u202f", " ")
        assert hour in text, address
        assert zone_words in text, address
        if hour == "6:45 PM":
            assert not re.search(r">\s*18:45", text), address


@pytest.mark.parametrize(
    ("locale", "evening", "end_of_day"),
    [("en", "18:00", "24:00"), ("en_GB", "18:00", "24:00"), ("en_US", "6:00 PM", "midnight")],
)
def test_hours_of_the_week_follow_the_locale(
    client: Client, db_session: object, locale: str, evening: str, end_of_day: str
) -> None:
    jonas = factories.interviewer(weekly=[(0, 18 * 60, 24 * 60)])
    factories.person_with(jonas, locale=locale)
    availability.save_exception(
        jonas.id,
        first_on=clock.now().date() + timedelta(days=5),
        last_on=clock.now().date() + timedelta(days=5),
        blocks=[(18 * 60, 24 * 60)],
        today=clock.now().date(),
    )
    factories.login(client, jonas, role="interviewer")
    text = client.get("/hours").text.replace("\u202f", " ")
    assert text.count(f"{evening} to {end_of_day}") == 2, "the week's bar and the other date"
    for page in (text, client.get("/hours/dates/1").text.replace("\u202f", " ")):
        assert f'<option value="18:00" selected>{evening}</option>' in page
        assert f'<option value="24:00" selected>{end_of_day}</option>' in page


def test_an_unknown_locale_reads_english(app: Flask, client: Client, db_session: object) -> None:
    robin = factories.stranger()
    factories.person_with(robin, locale="xx_YY")
    factories.login(client, robin, role="candidate")
    assert client.get("/account").status_code == 200
