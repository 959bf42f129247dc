"""Painting hours with its script: by dragging, by keys, and by copying a day."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from mockint.queries import round as query
from tests import factories
from tests.journeys.story import KeyboardVisitor, Town, Visitor
from tests.people import SANJANA
from tests.support import rounds


@pytest.fixture
def number(town: Town) -> int:
    """A round that is open, of the week from Monday 7 December in Berlin."""
    with town.made():
        factories.candidate(now=town.start)
        by = factories.organiser(now=town.start).id
        return rounds.opened("December week", by=by, now=town.start)


def visits(town: Town, number: int, *, keyboard: bool = False) -> Visitor:
    sanjana = town.meets(SANJANA, keyboard=keyboard)
    sanjana.comes_in("candidate")
    sanjana.opens(f"/rounds/{number}/request")
    return sanjana


def hour(sanjana: Visitor, day: str, of_day: int) -> Locator:
    return sanjana.page.locator(f"input[value='2026-12-{day}T{of_day:02}']")


def drag(sanjana: Visitor, start: Locator, *through: Locator) -> None:
    """Press on the first, over all others, and let go on the last."""
    mouse = sanjana.page.mouse
    for number, place in enumerate((start, *through)):
        label = place.locator("..")
        label.scroll_into_view_if_needed()
        box = label.bounding_box()
        assert box is not None
        mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        if number == 0:
            mouse.down()
    mouse.up()


def painted(sanjana: Visitor, words: str) -> None:
    expect(sanjana.page.locator("[data-paint-count]")).to_have_text(words)


def test_dragging_paints_a_rectangle_and_wipes_one(town: Town, number: int) -> None:
    sanjana = visits(town, number)
    at = lambda day, of_day: hour(sanjana, day, of_day)  # noqa: E731 - a word for the lines below
    drag(sanjana, at("08", 17), at("10", 20))
    painted(sanjana, "Painted: 12 hours on 3 days.")
    drag(sanjana, at("09", 18), at("11", 22), at("09", 19))
    painted(sanjana, "Painted: 10 hours on 3 days.")
    expect(at("11", 22)).not_to_be_checked()
    expect(at("10", 20)).to_be_checked()
    at("12", 9).locator("..").click()
    painted(sanjana, "Painted: 11 hours on 4 days.")
    at("12", 9).locator("..").click()
    drag(sanjana, at("08", 17), at("08", 18), at("08", 17))
    painted(sanjana, "Painted: 9 hours on 3 days.")


def test_copying_and_clearing_happen_in_place(town: Town, number: int) -> None:
    sanjana = visits(town, number)
    sanjana.page.evaluate("window.stayed = true")
    hour(sanjana, "08", 19).locator("..").click()
    sanjana.press("Copy to all days: Tue 8 Dec")
    painted(sanjana, "Painted: 7 hours on 7 days.")
    sanjana.press("Clear all")
    painted(sanjana, "Painted: 0 hours on 0 days.")
    assert sanjana.page.evaluate("window.stayed")


def test_keys_alone_paint_and_send(town: Town, number: int) -> None:
    sanjana = visits(town, number, keyboard=True)
    assert isinstance(sanjana, KeyboardVisitor)
    sanjana._reach(hour(sanjana, "08", 18))
    keys = sanjana.page.keyboard
    keys.press("Space")
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "ArrowLeft"):
        keys.press(key)
    expect(hour(sanjana, "09", 19)).to_be_focused()
    painted(sanjana, "Painted: 4 hours on 2 days.")
    sanjana.press("Send my request")
    sanjana.sees("You asked")
    with town.made():
        card = query.find(number)
        assert card is not None
        assert card.asked == 1
