"""Booking a time: few keys, two people after the same time, a hold that ran out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.journeys.story import KeyboardVisitor, Town, Visitor
from tests.people import JONAS, ROBIN, SANJANA, Character
from tests.support.browser import Complaints

SANJANA_TIME = "18:45"
ROBIN_TIME = "09:30"
"""The same instant, 13:00 UTC, where Robin lives."""


@pytest.fixture
def street(town: Town) -> Town:
    """One interviewer with hours, two candidates who look for the same."""
    with town.made():
        factories.interviewer(JONAS, now=town.start)
        factories.candidate(SANJANA, now=town.start)
        factories.stranger(now=town.start)
    return town


def comes(town: Town, who: Character, **how: Any) -> Visitor:
    visitor = town.meets(who, **how)
    visitor.comes_in("candidate")
    return visitor


def test_twelve_keys_lead_to_the_page_that_confirms(street: Town) -> None:
    sanjana = comes(street, SANJANA, keyboard=True)
    assert isinstance(sanjana, KeyboardVisitor)
    sanjana.opens("/")
    sanjana.keys = 0
    sanjana.skips_to_content()
    sanjana.tabs("Book an interview", "Enter")
    sanjana.heading("Book an interview")
    sanjana.skips_to_content()
    sanjana.tabs("Change")
    sanjana.tabs("Later")
    sanjana.tabs("Tuesday 24 November", "Enter")
    expect(sanjana.page.locator("#day")).to_be_focused()
    sanjana.tabs("", "Enter")
    sanjana.sees("Held until")
    assert sanjana.keys <= 12


def test_arrow_keys_go_from_free_day_to_free_day(street: Town) -> None:
    sanjana = comes(street, SANJANA, keyboard=True)
    sanjana.opens("/book")
    days = sanjana.page.locator("[data-days] a")
    days.first.focus()
    sanjana.page.keyboard.press("ArrowRight")
    expect(days.nth(1)).to_be_focused()
    sanjana.page.keyboard.press("ArrowDown")
    expect(days.nth(8)).to_be_focused()
    sanjana.page.keyboard.press("ArrowUp")
    sanjana.page.keyboard.press("ArrowLeft")
    expect(days.first).to_be_focused()
    sanjana.page.keyboard.press("ArrowLeft")
    expect(days.first).to_be_focused()


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_who_comes_second_is_offered_the_nearest_times(
    street: Town, complaints: Complaints, script: bool
) -> None:
    complaints.expect("409")
    sanjana = comes(street, SANJANA, script=script)
    robin = comes(street, ROBIN, script=script)
    for visitor in (sanjana, robin):
        visitor.opens("/book?track=coding&level=mid&length=60&day=2026-11-25")
        visitor.sees("Wednesday 25 November")
    sanjana.press(SANJANA_TIME)
    sanjana.press("Book it")
    sanjana.sees("Booked")
    robin.press(ROBIN_TIME)
    robin.sees("09:30 on Wed 25 Nov was just taken", "your choices are kept")
    near = robin.page.locator(".banner-taken button")
    expect(near).to_have_count(3)
    robin.sees("Coding & data structures", "60 minutes")
    near.first.click()
    robin.sees("Held until")
    robin.press("Book it")
    robin.sees("Booked")


def test_the_time_is_lost_between_hold_and_confirmation(
    street: Town, complaints: Complaints
) -> None:
    """The hold runs out while Robin thinks; Sanjana books the time; nothing typed is lost."""
    complaints.expect("409")
    robin, sanjana = comes(street, ROBIN), comes(street, SANJANA)
    robin.opens("/book?day=2026-11-25")
    robin.press(ROBIN_TIME)
    robin.sees("Held until")
    street.wait(minutes=11)
    sanjana.opens("/book?day=2026-11-25")
    sanjana.press(SANJANA_TIME)
    sanjana.press("Book it")
    sanjana.sees("Booked")
    robin.press("Book it")
    robin.sees("09:30 on Wed 25 Nov was just taken")
    expect(robin.page.locator(".banner-taken button")).to_have_count(3)


def test_a_hold_that_ran_out_still_books_when_nobody_took_the_time(street: Town) -> None:
    sanjana = comes(street, SANJANA)
    sanjana.opens("/book?day=2026-11-25")
    sanjana.press(SANJANA_TIME)
    sanjana.sees("Held until 15:25")
    street.wait(minutes=11)
    sanjana.opens(sanjana.page.url)
    sanjana.sees("The hold ran out at 15:25", "you can still book it")
    sanjana.press("Book it")
    sanjana.sees("Booked")
    assert street.booking().start_at == datetime(2026, 11, 25, 13, 0, tzinfo=UTC)


def test_two_minutes_before_it_ends_a_hold_says_so(street: Town) -> None:
    """Once, politely; a hold that is made longer begins anew."""
    sanjana = comes(street, SANJANA)
    page = sanjana.page
    page.clock.install(time=street.start)
    sanjana.opens("/book?day=2026-11-25")
    sanjana.press(SANJANA_TIME)
    sanjana.sees("Held until 15:25")
    page.clock.pause_at(street.start + timedelta(hours=1))  # later than all it has loaded
    sanjana.opens(page.url)
    notice = page.get_by_role("status")
    page.clock.run_for(7 * 60_000)
    expect(notice).to_have_text("")
    page.clock.run_for(61_000)
    expect(notice).to_have_text("Your hold ends soon, at 15:25. Book it, or hold it longer.")
    street.wait(minutes=8)
    sanjana.press("Hold it 10 more minutes")
    sanjana.sees("Held until 15:33")
    expect(notice).to_have_text("")
    page.clock.run_for(9 * 60_000)
    expect(notice).to_have_text("Your hold ends soon, at 15:33. Book it, or hold it longer.")


def test_an_own_hold_stays_visible_and_can_be_swapped(street: Town) -> None:
    sanjana = comes(street, SANJANA)
    sanjana.opens("/book?day=2026-11-25")
    sanjana.press(SANJANA_TIME)
    sanjana.sees("Held until 15:25")
    street.wait(minutes=5)
    sanjana.press("Hold it 10 more minutes")
    sanjana.sees("Held until 15:30")
    sanjana.follow("Choose another")
    sanjana.sees("is held for you until")
    expect(sanjana.page.locator(".time-button.held")).to_contain_text(SANJANA_TIME)
    sanjana.press("19:15")
    sanjana.sees("Held until")
    sanjana.press("Book it")
    sanjana.sees("Booked")
    assert street.booking().start_at == datetime(2026, 11, 25, 13, 30, tzinfo=UTC)


def test_the_day_opens_without_leaving_the_page(street: Town) -> None:
    sanjana = comes(street, SANJANA)
    sanjana.opens("/book")
    sanjana.page.evaluate("window.stayed = true")
    sanjana.page.get_by_role("link", name="Thursday 26 November").click()
    expect(sanjana.page.locator("#day")).to_be_focused()
    sanjana.sees("Thursday 26 November")
    assert "day=2026-11-26" in sanjana.page.url
    assert sanjana.page.evaluate("window.stayed")
    sanjana.page.go_back()
    expect(sanjana.page.locator("#day")).to_contain_text("Tue 24 November")


def test_a_form_that_lay_too_long_says_so(street: Town, complaints: Complaints) -> None:
    complaints.expect("400|403|419|422")
    sanjana = comes(street, SANJANA)
    sanjana.opens("/book?day=2026-11-25")
    sanjana.page.evaluate(
        "for (const it of document.querySelectorAll('[name=csrf_token]')) it.value = 'old'"
    )
    sanjana.press(SANJANA_TIME)
    sanjana.sees("This page was open too long")
    assert street.state()["booking"] == []
