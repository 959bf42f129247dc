"""The page of a candidate whose interviewer cannot come, in each of its states."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from mockint.db import db, transaction
from mockint.models import Booking, InterviewerProfile
from mockint.services import answer
from tests.pages import visits
from tests.pages.visits import Town
from tests.support.browser import Complaints
from tests.support.world import NOW


@pytest.fixture
def lost(town: Town) -> Iterator[Booking]:
    """Jonas cannot come; afterwards he can."""
    with town.app.app_context():
        booking_id, jonas = town.world.bookings["coming"], town.world.people["interviewer"]
        answer.give(booking_id, by=jonas, partstat="DECLINED", now=NOW)
        yield db.session.get_one(Booking, booking_id)
        db.session.rollback()
        answer.give(booking_id, by=jonas, partstat="TENTATIVE", now=NOW)


@pytest.mark.parametrize(
    ("state", "buttons"),
    [("stand-in", ["Keep the time with Mara"]), ("times", 3), ("ended", ["Take this time"])],
)
def test_every_state_is_as_good_a_page(
    browser: Browser,
    town: Town,
    complaints: Complaints,
    lost: Booking,
    state: str,
    buttons: list[str] | int,
) -> None:
    mara = db.session.get_one(InterviewerProfile, town.world.people["other_interviewer"])
    shown = db.session.get_one(Booking, town.world.bookings["cancelled"])
    with transaction():
        mara.state = "withdrawn" if state == "times" else "approved"
        shown.cancelled_side = "interviewer"
    booking_id = shown.id if state == "ended" else lost.id
    with visits.looking(browser, town.url, town.cookie("candidate"), complaints) as page:
        page.goto(f"/interviews/{booking_id}/instead")
        seen = page.locator("main form button").all_inner_texts()
        visits.bring_axe(page)
        faults = visits.faults_everywhere(page)
        faults += visits.sideways(page, 320) + visits.sideways(page, 390, text=200)
    with transaction():
        mara.state, shown.cancelled_side = "approved", None
    assert faults == []
    assert buttons in (seen, len(seen))
