"""The hours editor with its script: add, copy, remove, and a preview that follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests import factories
from tests.journeys.story import Town, Visitor
from tests.people import JONAS


@pytest.fixture
def jonas(town: Town) -> Visitor:
    with town.made():
        factories.interviewer(JONAS, weekly=(), now=town.start)
    visitor = town.meets(JONAS)
    visitor.comes_in("interviewer")
    visitor.opens("/hours")
    return visitor


def day(jonas: Visitor, name: str) -> Locator:
    return jonas.page.get_by_role("group", name=name, exact=True)


def rules(jonas: Visitor) -> list[tuple[int, int, int]]:
    return sorted(row[1:4] for row in jonas.town.state()["availability_rule"])


def test_adding_copying_removing_and_saving(jonas: Visitor) -> None:
    page = jonas.page
    page.evaluate("window.stayed = true")
    with jonas.group("Monday"):
        jonas.press("Add hours")
        expect(page.get_by_label("Monday, from")).to_be_focused()
        expect(day(jonas, "Monday").get_by_role("checkbox", name="Monday")).to_be_checked()
        jonas.press("Add hours")
        expect(day(jonas, "Monday").locator("li")).to_have_count(2)
        page.get_by_label("Monday, from").nth(1).select_option("21:00")
        page.get_by_label("Monday, to").nth(1).select_option("22:30")
        jonas.opens_up("Copy to")
        jonas.ticks("Wednesday")
        jonas.ticks("Sunday")
        jonas.press("Copy")
    expect(page.get_by_label("Sunday, to").nth(1)).to_have_value("22:30")
    with jonas.group("Wednesday"):
        jonas.press("Remove these hours, Wednesday")
        expect(day(jonas, "Wednesday").locator("li")).to_have_count(1)
    with jonas.group("Sunday"):
        page.get_by_role("checkbox", name="Sunday", exact=True).first.uncheck()
        expect(day(jonas, "Sunday").locator("[data-off]")).to_be_visible()
    assert page.evaluate("window.stayed"), "all of it in place"
    assert rules(jonas) == [], "nothing is saved before Save"
    jonas.press("Save hours")
    jonas.sees("Hours saved")
    assert rules(jonas) == [(0, 1080, 1200), (0, 1260, 1350), (2, 1260, 1350)]


def test_the_preview_follows(jonas: Visitor) -> None:
    gives = jonas.page.locator("#gives")
    expect(gives).to_contain_text("Nobody can book you yet")
    with jonas.group("Tuesday"):
        jonas.press("Add hours")
    expect(gives).to_contain_text("starts of 60 minutes in the next two weeks")
    expect(gives).to_contain_text("Tue 24 Nov, 18:00, Berlin")
    expect(gives.locator(".time")).to_have_text("6")
    jonas.page.get_by_label("Tuesday, to").select_option("19:00")
    expect(gives.locator(".time")).to_have_text("2")
    expect(jonas.page.locator("#saved-words")).to_have_text("Not saved yet.")
    assert rules(jonas) == []


def test_keys_alone_do_it(town: Town) -> None:
    with town.made():
        factories.interviewer(JONAS, weekly=(), now=town.start)
    jonas = town.meets(JONAS, keyboard=True)
    jonas.comes_in("interviewer")
    jonas.opens("/hours")
    with jonas.group("Friday"):
        jonas.press("Add hours")
    expect(jonas.page.get_by_label("Friday, from")).to_be_focused()
    jonas.press("Save hours")
    jonas.sees("Hours saved")
    assert rules(jonas) == [(4, 1080, 1200)]
