"""Takes the pictures in docs/ from a running demo: python -m tests.support.screenshots URL."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support.browser import launched

DOCS = Path(__file__).resolve().parents[2] / "docs"
WIDTH, HEIGHT = 1280, 900


def look_around(browser: Browser, base: str, role: str) -> Page:
    """A page that sees the demo as the guide of this role."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
    page.goto(f"{base}/login")
    page.get_by_role("button", name=re.compile(rf", an? {role}$")).click()
    page.wait_for_load_state()
    return page


def keep(page: Page, name: str, *, most: int = 1400) -> None:
    """Save the page as docs/<name>.png, cut to `most` pixels from the top."""
    height = min(most, int(page.evaluate("document.documentElement.scrollHeight")))
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.screenshot(path=DOCS / f"{name}.png")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def take(base: str) -> None:
    """The six main pages: home, picker, interview with its guide, feedback, progress, desk."""
    with launched() as browser:
        candidate = look_around(browser, base, "candidate")
        keep(candidate, "home")
        candidate.goto(f"{base}/book")
        keep(candidate, "book")
        candidate.goto(f"{base}/progress")
        keep(candidate, "progress")
        released = candidate.locator("a[href$='/feedback/released']").first.get_attribute("href")
        candidate.goto(f"{base}{released}")
        keep(candidate, "feedback")
        interviewer = look_around(browser, base, "interviewer")
        interviewer.get_by_role("link", name=re.compile("interview page")).first.click()
        keep(interviewer, "interview")
        keep(look_around(browser, base, "organiser"), "desk")


if __name__ == "__main__":
    take(sys.argv[1].rstrip("/"))
