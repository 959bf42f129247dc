"""The town a journey is told in: its clock, its post, and the people with their browsers.

A `Visitor` does what a person with a mouse does, with JavaScript or without; a `KeyboardVisitor`
never touches the mouse. Journeys are told once, to any of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from mockint import clock
from mockint.db import Base, db
from mockint.models import Booking
from mockint.services import relay, upkeep
from tests import factories
from tests.people import Character
from tests.support.smtp import MailServer

MOST_TABS = 90
"""So many presses of Tab reach anything on a page of ours, or it cannot be reached."""
LINK = re.compile(r"https?://127\.0\.0\.1:\d+(/\S*)")
QUIET = frozenset({"login", "heartbeat"})
"""Tables that note when somebody was last seen."""


class Town:
    """Where it is what time, and who brings the mail."""

    def __init__(
        self, app: Flask, smtp: MailServer, new_page: Callable[..., Page], now: datetime
    ) -> None:
        self.app, self.smtp, self._new_page = app, smtp, new_page
        self.start = now

    @property
    def now(self) -> datetime:
        with self.app.app_context():
            return clock.now()

    def deliver(self) -> None:
        """Let the worker do its round."""
        with self.app.app_context():
            now = clock.now()
            upkeep.run(now=now)
            swept = relay.sweep(now=now, transport=relay.transport_of(self.settings))
            assert not swept.trouble
            db.session.remove()

    @property
    def settings(self) -> Any:
        return self.app.extensions["mockint"]

    def wait_until(self, moment: datetime) -> None:
        """Let time pass, with the worker at work all the while."""
        with self.app.app_context():
            upkeep.advance_clock(by=moment - clock.now())
            db.session.remove()

    def wait(self, **duration: float) -> None:
        self.wait_until(self.now + timedelta(**duration))

    @contextmanager
    def made(self) -> Iterator[None]:
        """What the block makes is there before the story begins."""
        with self.app.app_context():
            yield
            db.session.remove()

    def booking(self) -> Booking:
        """The booking of this story, while it has only one."""
        with self.app.app_context():
            found = db.session.scalars(select(Booking)).unique().one()
            db.session.expunge_all()
            db.session.remove()
        return found

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table, apart from those that only note that somebody looked."""
        with self.app.app_context():
            found = {
                table.name: [tuple(row) for row in db.session.execute(select(table))]
                for table in Base.metadata.sorted_tables
                if table.name not in QUIET
            }
            db.session.remove()
        return found

    def meets(
        self,
        who: Character,
        *,
        keyboard: bool = False,
        script: bool = True,
        zone: str = "",
        **options: Any,
    ) -> Visitor:
        """Somebody opens a browser of their own, in their own zone unless they travel."""
        zone = zone or who.zone
        page = self._new_page(java_script_enabled=script, timezone_id=zone, **options)
        kind = KeyboardVisitor if keyboard else Visitor
        return kind(self, who, page, script)


@dataclass
class Visitor:
    """Somebody at a browser."""

    town: Town
    who: Character
    page: Page
    script: bool = True
    acts: list[str] = field(default_factory=list)
    """What was pressed, followed, chosen and typed."""

    def __post_init__(self) -> None:
        self.place = self.page.locator("main")

    @contextmanager
    def group(self, name: str) -> Iterator[None]:
        """What the block presses and fills in lies in this part of the page."""
        whole, self.place = self.place, self.page.get_by_role("group", name=name, exact=True)
        yield
        self.place = whole

    # Looking

    def opens(self, address: str) -> None:
        self.page.goto(address)

    def sees(self, *words: str) -> None:
        for text in words:
            expect(self.page.locator("body")).to_contain_text(text)

    def sees_no(self, *words: str) -> None:
        for text in words:
            expect(self.page.locator("body")).not_to_contain_text(text)

    def heading(self, words: str) -> None:
        expect(self.page.locator("main h1, main h2.head").first).to_contain_text(words)

    # Acting

    def press(self, label: str, *, exact: bool = True) -> None:
        buttons = self.place.get_by_role("button", name=label, exact=exact)
        # Forms begin with a button only the Enter key presses.
        self._press(buttons.and_(self.page.locator(':not([tabindex="-1"])')).first)
        self.acts.append(f"press {label}")

    def follow(self, label: str, *, exact: bool = True) -> None:
        self._press(self.place.get_by_role("link", name=label, exact=exact).first)
        self.acts.append(f"follow {label}")

    def opens_day(self, day: str) -> None:
        """A day of the picker, such as Thursday 26 November."""
        self.follow(day, exact=False)
        weekday, rest = day.split(" ", 1)
        expect(self.page.locator("#day")).to_have_text(f"{weekday[:3]} {rest}")

    def goes_to(self, entry: str) -> None:
        """An entry of the navigation."""
        self._press(
            self.page.get_by_role("navigation", name="Main").get_by_role("link", name=entry)
        )
        self.acts.append(f"go to {entry}")

    def opens_up(self, summary: str) -> None:
        self._press(self.place.locator("summary").filter(has_text=summary).first)
        self.acts.append(f"open {summary}")

    def types(self, label: str, text: str) -> None:
        self._type(self.place.get_by_label(label, exact=True).first, text)
        self.acts.append(f"type {label}")

    def picks(self, label: str, value: str) -> None:
        """Choose from a list."""
        self._pick(self.place.get_by_label(label, exact=True).first, value)
        self.acts.append(f"pick {label}")

    def ticks(self, label: str) -> None:
        self._tick(self.place.get_by_label(label, exact=True).first)
        self.acts.append(f"tick {label}")

    def chooses(self, name: str, value: str) -> None:
        """One of a group of radios, by the field's name."""
        self._choose(self.page.locator(f'input[name="{name}"][value="{value}"]'))
        self.acts.append(f"choose {name} {value}")

    def _press(self, place: Locator) -> None:
        place.click()

    def _type(self, place: Locator, text: str) -> None:
        place.fill(text)

    def _pick(self, place: Locator, value: str) -> None:
        place.select_option(value)

    def _tick(self, place: Locator) -> None:
        place.check()

    def _choose(self, place: Locator) -> None:
        place.check()

    # Mail

    def letters(self) -> list[EmailMessage]:
        """What has come, oldest first."""
        self.town.deliver()
        return self.town.smtp.to(self.who.email)

    def letter(self, subject: str) -> EmailMessage:
        """The newest one whose subject says this."""
        found = [one for one in self.letters() if subject in one["Subject"]]
        assert found, f"{self.who.name} got {[one['Subject'] for one in self.letters()]}"
        return found[-1]

    def follows_mail(self, subject: str, path: str = "/") -> None:
        """Open the first link of a mail whose path begins so."""
        found = [link for link in links(self.letter(subject)) if link.startswith(path)]
        assert found, f"no link to {path} in {subject!r}"
        self.opens(found[0])

    # Coming in

    def comes_in(self, role: str) -> None:
        """As somebody who has an account and is signed in already."""
        with self.town.made():
            from mockint.queries.people import with_address

            person = with_address(self.who.email)
            assert person is not None
            client = self.town.app.test_client()
            factories.login(client, person.id, role=role)
            cookie = client.get_cookie("mockint")
            assert cookie is not None
        self.page.context.add_cookies(
            [{"name": "mockint", "value": cookie.value, "url": self.town.settings.base_url}]
        )


class KeyboardVisitor(Visitor):
    """Somebody who has no mouse; every key is counted and the focus must show."""

    keys = 0

    def _key(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def skips_to_content(self) -> None:
        """The first Tab of every page offers to skip its head."""
        self._key("Tab")
        self._focused("Skip to the content")
        self._key("Enter")

    def tabs(self, label: str, then: str = "") -> None:
        """One Tab leads to what is called so; then a key."""
        self._key("Tab")
        self._focused(label)
        if then:
            self._key(then)

    def _focused(self, label: str) -> None:
        place = self.page.locator(":focus")
        expect(place).to_contain_text(label)
        self._focus_shows(place)

    def _reach(self, place: Locator) -> None:
        """Press Tab until `place` has the focus."""
        place.wait_for(state="attached")
        for _ in range(MOST_TABS):
            if place.evaluate("it => it === document.activeElement"):
                self._focus_shows(place)
                return
            self._key("Tab")
        raise AssertionError(f"Tab does not reach {place}")

    def _focus_shows(self, place: Locator) -> None:
        seen = place.evaluate(
            """it => [it, it.closest("label")].some(
                at => at && parseFloat(getComputedStyle(at).outlineWidth) >= 2
                    && getComputedStyle(at).outlineStyle !== "none")"""
        )
        assert seen, f"no outline shows the focus on {place}"

    def _press(self, place: Locator) -> None:
        self._reach(place)
        self._key("Enter")

    def _type(self, place: Locator, text: str) -> None:
        self._reach(place)
        self._key("Control+a")
        self.page.keyboard.insert_text(text)

    def _pick(self, place: Locator, value: str) -> None:
        self._reach(place)
        if place.input_value() != value:
            words = place.locator(f'option[value="{value}"]').inner_text()
            self.page.keyboard.type(words)

    def _tick(self, place: Locator) -> None:
        self._reach(place)
        if not place.is_checked():
            self._key("Space")

    def _choose(self, place: Locator) -> None:
        """Tab into the group, then arrows; 1 to 4 where the page offers them."""
        value, name = place.get_attribute("value") or "", place.get_attribute("name") or ""
        focused = "it => document.activeElement.name === it.name"
        for _ in range(MOST_TABS):
            if place.evaluate(focused):
                break
            self._key("Tab")
        else:
            raise AssertionError(f"Tab does not reach the group {name}")
        if value in "1234" and place.evaluate('it => !!it.closest("[data-anchors]")'):
            self._key(value)
        for _ in range(10):
            if place.evaluate("it => it === document.activeElement"):
                break
            self._key("ArrowDown")
        if not place.is_checked():
            self._key("Space")
        assert place.is_checked(), f"{name} {value} could not be chosen"
        self._focus_shows(place)


def links(letter: EmailMessage) -> list[str]:
    """Paths of the links to our pages, in the order of the text."""
    body = letter.get_body(("plain",))
    assert body is not None
    return [found.rstrip(".,") for found in LINK.findall(body.get_content())]


def calendar(letter: EmailMessage) -> dict[str, str]:
    """The calendar object of a mail: its properties by name, without parameters."""
    part = next(one for one in letter.walk() if one.get_content_type() == "text/calendar")
    text = part.get_content().replace("\r\n ", "").replace("\n ", "")
    found = {"method": str(part.get_param("method"))}
    for line in text.splitlines():
        name, _colon, value = line.partition(":")
        found.setdefault(name.partition(";")[0], value)
    return found
