"""A round played through the pages by a browser, with the worker's own process beside them."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import timedelta

from playwright.sync_api import Error, Page
from sqlalchemy import select

from mockint import clock
from mockint.db import db
from mockint.models import Person
from mockint.queries import round as query
from mockint.services import behalf, rubric
from mockint.services.matching import Wanted
from tests import factories
from tests.people import AMINA, ROBIN
from tests.prove.installation import Installation
from tests.prove.outcome import Figure, Options, Outcome, at_least, at_most, exactly
from tests.support import rounds
from tests.support.browser import launched
from tests.support.servers import Unavailable

CLAIM = "A round of 1,000 x 300 goes from its plan to invitations; what was booked meanwhile stays."
DATABASES = ("postgresql", "sqlite")
CANDIDATES, INTERVIEWERS = 1_000, 300
BY_HAND = 2
PATIENCE_S = 300
INVITED = """
    SELECT count(*) FROM round_match
    JOIN outbox_message ON outbox_message.booking_id = round_match.booking_id
    WHERE outbox_message.kind = 'invitation' AND round_match.round_id = :number
"""


def run(options: Options) -> Outcome:
    with Installation(options, workers=1) as site, launched() as browser:
        with site.context():
            rubric.publish_default(now=clock.now())
            factories.stranger(now=clock.now())
            client = site.app.test_client()
            factories.login(client, factories.organiser(now=clock.now()), role="organiser")
            cookie = client.get_cookie("mockint")
        if cookie is None:
            raise Unavailable("The organiser could not sign in.")
        context = browser.new_context(base_url=site.url)
        context.add_cookies([{"name": "mockint", "value": cookie.value, "url": site.url}])
        page = context.new_page()
        number = _opened(page)
        with site.context():
            rounds.crowd(
                number,
                candidates=CANDIDATES,
                interviewers=INTERVIEWERS,
                seed=options.seed,
                now=clock.now(),
            )
        return _played(site, page, number)


def _press(page: Page, name: str | re.Pattern[str]) -> None:
    """Press a button, and wait for the page that comes of it."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=isinstance(name, str)).click()


def _opened(page: Page) -> int:
    page.goto("/desk/rounds/new")
    page.get_by_label("Name of the round").fill("Winter weeks")
    _press(page, "Save as a draft")
    _press(page, "Open the round")
    return int(page.url.rsplit("/", 1)[1])


def _played(site: Installation, page: Page, number: int) -> Outcome:
    page.reload()
    _press(page, "Close it now")
    _press(page, "Solve it")
    solved_s, seen = _watched(page)
    pinned = _pinned(site, page, number)
    _press(page, "Solve it again")
    again_s, _seen = _watched(page)
    with site.context():
        kept = pinned in {
            (one.candidate_id, one.interviewer_id) for one in query.matches(number, limit=5000)[0]
        }
    page.goto(f"/desk/rounds/{number}/review")
    _press(page, "Accept this result")
    _booked_by_hand(site, number, pinned)
    page.goto(f"/desk/rounds/{number}/publication")
    _press(page, re.compile("^Publish "))
    published_s, booking = _watched(page)
    with site.context():
        found = query.desk(number)
    if found is None:
        raise Unavailable("The round is gone.")
    invited = site.rows(INVITED, number=number)[0][0]
    figures = [
        Figure("solved, as the page shows it", solved_s, "s"),
        Figure("solved again", again_s, "s"),
        Figure("published", published_s, "s"),
        Figure("shares of progress seen", len(seen | booking), "", at_least(2)),
        Figure("pins not kept", 0 if kept else 1, "", exactly(0)),
        Figure("matched, of 1,000", found.matched, "", at_least(1)),
        Figure("not booked, and named", found.failed, "", exactly(BY_HAND)),
        Figure("matched but not invited", 2 * found.booked - invited, "", exactly(0)),
        Figure("broken promises", len(site.violations()), "", at_most(0)),
    ]
    return Outcome(figures, {"candidates": CANDIDATES, "interviewers": INTERVIEWERS})


def _watched(page: Page) -> tuple[float, set[str]]:
    """How long the worker has it in hand, and every share the page showed meanwhile."""
    began, seen = time.monotonic(), set[str]()
    while time.monotonic() < began + PATIENCE_S:
        with suppress(Error):  # the page turns while it is looked at
            shares = page.locator("#bar b").all_inner_texts()
            if not shares and not page.locator("progress").count():
                return time.monotonic() - began, seen
            seen.update(shares)
        page.wait_for_timeout(100)
    raise Unavailable(f"The page still shows {sorted(seen)} after {PATIENCE_S} s.")


def _pinned(site: Installation, page: Page, number: int) -> tuple[int, int]:
    """Pin somebody who had no match; who, and with whom."""
    with site.context():
        lost, wanted = rounds.to_pin(number)
    page.goto(f"/desk/rounds/{number}/candidates/{lost.candidate_id}")
    page.get_by_label("Interviewer").select_option(str(wanted.interviewer_id))
    _press(page, "Pin")
    page.get_by_role("link", name="Back to the round").click()
    return lost.candidate_id, wanted.interviewer_id


def _booked_by_hand(site: Installation, number: int, pinned: tuple[int, int]) -> None:
    """Two matches lose their interviewer to somebody who is booked by hand."""
    with site.context():
        ids = {
            who.email: db.session.scalars(select(Person.id).where(Person.email == who.email)).one()
            for who in (AMINA, ROBIN)
        }
        taken: list[query.MatchLine] = []
        for one in query.matches(number, limit=5000)[0]:
            apart = all(abs(one.start_at - other.start_at) > timedelta(hours=2) for other in taken)
            if apart and one.candidate_id != pinned[0] and len(taken) < BY_HAND:
                taken.append(one)
        for one in taken:
            wanted = Wanted(one.track, "mid", 60, one.start_at, one.interviewer_id)
            behalf.book(
                ids[ROBIN.email], wanted, request_key=None, by=ids[AMINA.email], now=clock.now()
            )
