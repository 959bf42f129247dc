"""Small comforts: the zone that is guessed and offered, the counter of chosen rows, the copy."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from mockint.services import booking, holds
from mockint.services.matching import Wanted
from tests import factories
from tests.journeys.story import Town
from tests.people import AMINA, SANJANA

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("device", "zone"),
    [
        ("Asia/Kathmandu", "Asia/Kathmandu"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Europe/Busingen", "Europe/Busingen"),
    ],
)
def test_the_devices_zone_is_guessed(town: Town, device: str, zone: str) -> None:
    page = town.meets(SANJANA, zone=device).page
    page.goto("/signup")
    field = page.get_by_label("Time zone")
    seen = field.input_value()
    assert seen == zone or field.evaluate(
        "(it, device) => new Date().toLocaleString('en', {timeZone: it.value})"
        " === new Date().toLocaleString('en', {timeZone: device})",
        device,
    )


def test_another_place_is_offered_where_times_are_chosen(town: Town) -> None:
    with town.made():
        factories.candidate(now=town.start)
        factories.interviewer(now=town.start)
    sanjana = town.meets(SANJANA, zone="Africa/Lagos")
    sanjana.comes_in("candidate")
    sanjana.opens("/book")
    sanjana.sees("Your device says Lagos.")
    sanjana.follow("Use Lagos")
    assert sanjana.page.get_by_label("Time zone").input_value() == "Africa/Lagos"
    sanjana.press("Use this zone")
    sanjana.sees("Lagos, UTC+01:00")
    sanjana.opens("/book")
    expect(sanjana.page.locator("[data-zone-offer]")).to_be_hidden()


def test_the_meeting_link_is_copied(town: Town) -> None:
    booked(town)
    sanjana = town.meets(SANJANA)
    sanjana.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sanjana.comes_in("candidate")
    sanjana.opens("/bookings/1")
    sanjana.press("Copy the link")
    expect(sanjana.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = sanjana.page.evaluate("navigator.clipboard.readText()")
    assert copied == "https://meet.example/jonas"


def test_without_script_nothing_offers_to_copy(town: Town) -> None:
    booked(town)
    sanjana = town.meets(SANJANA, script=False)
    sanjana.comes_in("candidate")
    sanjana.opens("/bookings/1")
    expect(sanjana.page.locator("[data-copy-text]")).to_be_hidden()


def booked(town: Town) -> None:
    """Sanjana has booked Jonas, an organiser looks after them, and the mail is out."""
    with town.made():
        factories.organiser(now=town.start)
        factories.interviewer(now=town.start)
        person = factories.candidate(now=town.start)
        held = holds.hold(person.id, Wanted("coding", "mid", 60, START), now=town.start)
        booking.confirm(held.id, candidate_id=person.id, now=town.start)
    town.deliver()


def test_chosen_rows_are_counted(town: Town) -> None:
    booked(town)
    amina = town.meets(AMINA)
    amina.comes_in("organiser")
    amina.opens("/desk/mail?state=sent")
    counted, boxes = amina.page.locator("[data-bulk-count]"), amina.page.locator("td.pick input")
    expect(counted).to_contain_text("0")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(counted).to_contain_text("2")
    amina.page.locator("[data-bulk-none]").click()
    expect(counted).to_contain_text("0")
    expect(boxes.nth(0)).not_to_be_checked()
