"""Which pages there are and who looks at them; what a look measures."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Response

from mockint.domain import feedback as rules
from tests import factories
from tests.support.browser import AXE, Complaints
from tests.support.doors import Door, doors, may_enter
from tests.support.web import Client
from tests.support.world import World

LOOKERS = (None, "candidate", "interviewer", "organiser", "volunteer")
"""Who looks, the first who may; what belongs to two sides is seen from both."""
ALWAYS_TOO = {"pages.home": LOOKERS, "accounts.account": LOOKERS[1:]}
"""Pages that differ by role."""
COOKIE = "mockint"
MOST_REQUESTS, MOST_BYTES = 8, 60 * 1024
"""Of any page; the bytes of everything it loads, gzipped."""
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (1280, "light"),
    (1280, "dark"),
    (390, "dark"),
    (390, "light"),
    (320, "light"),
)
"""Widths and themes axe-core sees, in an order that changes one thing at a time."""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Town:
    """The running app and what exists in it."""

    app: Flask
    world: World
    url: str
    _visits: list[tuple[str, str | None]] = field(default_factory=list)

    def client(self, who: str | None) -> Client:
        client = self.app.test_client()
        assert isinstance(client, Client)
        if who is not None:
            role = who if who != "volunteer" else ""
            factories.login(client, self.world.people[who], role=role)
        return client

    def visits(self) -> list[tuple[str, str | None]]:
        """Every page that answers 200 and each step of a form, with who looks at it, in order."""
        if not self._visits:
            clients = {who: self.client(who) for who in LOOKERS}
            seen = set()
            for door in doors(self.app, self.world, "GET"):
                for who in LOOKERS:
                    both = door.owned and who in ("candidate", "interviewer")
                    again = who in ALWAYS_TOO.get(door.endpoint, ())
                    if not may_enter(door, who) or (
                        door.address in seen and not both and not again
                    ):
                        continue
                    if self._is_page(door, clients[who]):
                        seen.add(door.address)
                        self._visits.append((door.address, who))
            steps = f"/interviews/{self.world.bookings['owed']}/feedback?step="
            self._visits += [(steps + step, "interviewer") for step in rules.STEPS]
            self._visits.append(("/nowhere", "candidate"))
        return self._visits

    def _is_page(self, door: Door, client: Client) -> bool:
        if door.endpoint == "mailbox.html":
            return False  # a mail as mail programs show it; it has its own tests
        answer = client.get(door.address)
        return answer.status_code == 200 and answer.mimetype == "text/html"

    @contextmanager
    def language(self, locale: str) -> Iterator[None]:
        """Let everybody read this language."""
        babel = self.app.extensions["babel"]
        before: Callable[[], str] = babel.locale_selector
        babel.locale_selector = lambda: locale
        try:
            yield
        finally:
            babel.locale_selector = before

    def cookie(self, who: str | None) -> str | None:
        """What the browser of this person carries."""
        found = self.client(who).get_cookie(COOKIE) if who else None
        return found.value if found else None


@contextmanager
def looking(
    browser: Browser, url: str, cookie: str | None, complaints: Complaints
) -> Iterator[Page]:
    """A page in a browser of this person's own; nothing moves on it."""
    context: BrowserContext = browser.new_context(
        base_url=url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    complaints.watch(context)
    if cookie:
        context.add_cookies([{"name": COOKIE, "value": cookie, "url": url}])
    try:
        yield context.new_page()
    finally:
        context.close()


def weigh(page: Page, address: str) -> tuple[int, int]:
    """Open the page: requests made, bytes of all answers as gzip would send them."""
    answers: list[Response] = []

    def heard(answer: Response) -> None:
        answers.append(answer)

    page.on("response", heard)
    page.goto(address, wait_until="load")
    page.remove_listener("response", heard)
    size = sum(len(gzip.compress(one.body(), 6)) for one in answers if one.status < 300)
    return len(answers), size


def faults(page: Page) -> list[str]:
    """What axe-core finds: rule, the first elements, and what it says of them."""
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": STANDARDS}}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]


def faults_everywhere(page: Page) -> list[str]:
    """What axe-core finds in every one of `LOOKS`, all its rules each time."""
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme} {width}: {fault}" for fault in faults(page)]
    return found


def bring_axe(page: Page) -> None:
    """Make axe-core known to the page, past its policy."""
    page.evaluate(AXE.read_text(encoding="utf-8"))


WIDER = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const out = [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && (box.right > room + 1 || box.left < -1);
  });
  const name = one => one.tagName.toLowerCase() + (one.className ? '.' + one.className : '');
  const first = out.filter(one => !out.includes(one.parentElement)).slice(0, 3);
  return [`${document.documentElement.scrollWidth} px wide`, ...first.map(name)];
}"""


def sideways(page: Page, width: int, *, text: int = 100) -> list[str]:
    """What makes the page scroll sideways at this width and text size in per cent."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{text}%")
    found: list[str] = page.evaluate(WIDER)
    page.evaluate("() => { document.documentElement.style.fontSize = '' }")
    return found
