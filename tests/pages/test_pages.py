"""Every page, as its readers see it: accessible, never wider than the screen, light, quiet.

The pages are those the routes give; a new one is looked at by being there.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.pages import visits
from tests.pages.visits import Town
from tests.support import pseudo
from tests.support.browser import Complaints

ROOT = Path(__file__).resolve().parents[2]
SHARES = 30
"""The pages are dealt into this many tests, so that workers share them."""
MOST_CSS_BYTES = 10 * 1024


def problems(page: Page, address: str, town: Town) -> list[str]:
    """Everything that is wrong with a page, in words."""
    found = []
    requests, size = visits.weigh(page, address)
    if requests > visits.MOST_REQUESTS:
        found.append(f"{requests} requests")
    if size > visits.MOST_BYTES:
        found.append(f"{size} bytes gzipped")
    visits.bring_axe(page)
    found += visits.faults_everywhere(page)
    for width, text in ((320, 100), (390, 100), (390, 200), (1280, 200)):
        found += [
            f"wider than {width} px at {text} %: {one}"
            for one in visits.sideways(page, width, text=text)
        ]
    for language, width in ((pseudo.LOCALE, 320), ("ar", 320)):
        with town.language(language):
            page.goto(address, wait_until="load")
        found += [
            f"wider than {width} px in {language}: {one}" for one in visits.sideways(page, width)
        ]
    return found


@pytest.mark.parametrize("share", range(SHARES))
def test_pages(browser: Browser, town: Town, complaints: Complaints, share: int) -> None:
    complaints.expect(r"the server responded with a status of 404")
    wrong: list[str] = []
    for address, who in town.visits()[share::SHARES]:
        before = len(complaints.found)
        with visits.looking(browser, town.url, town.cookie(who), complaints) as page:
            found = problems(page, address, town)
        found += complaints.unexpected[before:]
        wrong += [f"{who or 'anonymous'} {address}: {one}" for one in found]
    assert "\n".join(wrong) == ""


def test_every_page_is_looked_at(town: Town) -> None:
    assert len(town.visits()) >= 2 * SHARES, "fewer shares would do"


def test_our_style_is_small() -> None:
    sheets = list((ROOT / "static" / "dist").glob("*.css"))
    assert sheets
    assert sum(len(gzip.compress(one.read_bytes(), 9)) for one in sheets) <= MOST_CSS_BYTES


def test_a_look_finds_what_is_wrong(browser: Browser, town: Town, complaints: Complaints) -> None:
    """Faults put into a good page are named; without this the tests above could sleep."""
    complaints.expect("Content Security Policy")
    complaints.expect("planted")
    with visits.looking(browser, town.url, None, complaints) as page:
        requests, size = visits.weigh(page, "/help")
        assert 3 <= requests <= visits.MOST_REQUESTS
        assert 5_000 < size < visits.MOST_BYTES
        visits.bring_axe(page)
        assert visits.faults(page) == visits.sideways(page, 320) == []
        page.evaluate(
            """() => {
              const main = document.querySelector('main');
              main.append(document.createElement('img'));
              const pale = document.createElement('p');
              pale.textContent = 'Can you read this?';
              pale.style.color = '#ddd';
              pale.style.width = '30rem';
              main.append(pale);
              const script = document.createElement('script');
              script.textContent = '1';
              main.append(script);
              console.error('planted');
            }"""
        )
        rules = {fault.partition(":")[0] for fault in visits.faults(page)}
        assert rules == {"image-alt", "color-contrast"}
        everywhere = visits.faults_everywhere(page)
        for rule, dark in (("image-alt", True), ("color-contrast", False)):
            themes = {one.split()[0] for one in everywhere if f" {rule}: " in one}
            assert themes == ({"light", "dark"} if dark else {"light"})
        assert visits.sideways(page, 320)[1:] == ["p"]
        assert visits.sideways(page, 1280) == []
        assert visits.sideways(page, 700, text=200) != []
    heard = "\n".join(complaints.found)
    assert "Content Security Policy" in heard
    assert "planted" in heard
