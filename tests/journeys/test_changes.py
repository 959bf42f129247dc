"""Plans change: moving and cancelling from the links of the mail, from either side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from mockint.services import account, booking, holds
from mockint.services.matching import Wanted
from tests import factories
from tests.journeys.story import Town, Visitor, calendar, links
from tests.people import AMINA, JONAS, ROBIN, SANJANA, Character
from tests.support.browser import Complaints

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
"""Thursday 18:45 in Kathmandu, 14:00 in Berlin."""
REASON = "I have to travel that day."


@pytest.fixture
def booked(town: Town) -> Town:
    """Sanjana has booked Jonas, and both got their invitations."""
    with town.made():
        factories.interviewer(JONAS, now=town.start)
        factories.organiser(now=town.start)
        person = factories.candidate(now=town.start)
        wanted = Wanted("coding", "mid", 60, START)
        held = holds.hold(person.id, wanted, now=town.start)
        booking.confirm(held.id, candidate_id=person.id, now=town.start)
    town.deliver()
    return town


def comes(town: Town, who: Character, role: str, **how: Any) -> Visitor:
    visitor = town.meets(who, **how)
    visitor.comes_in(role)
    return visitor


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_she_moves_it_by_half_an_hour(booked: Town, script: bool) -> None:
    """The new time overlaps the old one, which stays hers until the last button."""
    sanjana = comes(booked, SANJANA, "candidate", script=script)
    jonas = booked.meets(JONAS)
    before = {who.who.name: calendar(who.letter("Booked")) for who in (sanjana, jonas)}
    sanjana.follows_mail("Booked", "/bookings/1/reschedule")
    sanjana.heading("Move this interview")
    sanjana.opens_day("Thursday 26 November")
    sanjana.press("19:15")
    sanjana.sees("Move to", "Now: Thu 26 Nov, 18:45, Kathmandu")
    assert booked.booking().start_at == START, "nothing has happened yet"
    sanjana.press("Move to this time")
    sanjana.sees("Moved. Both of you get a mail with the new time.", "19:15 to 20:15")
    assert booked.booking().start_at == START + timedelta(minutes=30)
    for who in (sanjana, jonas):
        entry = calendar(who.letter("Rescheduled"))
        old = before[who.who.name]
        assert entry["UID"] == old["UID"]
        assert entry["ORGANIZER"] == old["ORGANIZER"]
        assert int(entry["SEQUENCE"]) == int(old["SEQUENCE"]) + 1
        assert entry["DTSTART"] == "20261126T133000Z"


def test_he_moves_it_to_another_day(booked: Town) -> None:
    jonas = comes(booked, JONAS, "interviewer")
    jonas.follows_mail("Booked", "/bookings/1/reschedule")
    jonas.opens_day("Friday 27 November")
    jonas.press("15:00")
    jonas.press("Move to this time")
    jonas.sees("Moved.", "15:00 to 16:00", "Berlin, UTC+01:00")
    assert booked.booking().start_at == datetime(2026, 11, 27, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("who", "role", "other"),
    [(SANJANA, "candidate", JONAS), (JONAS, "interviewer", SANJANA)],
    ids=["candidate", "interviewer"],
)
def test_either_side_cancels_and_says_why(
    booked: Town, complaints: Complaints, who: Character, role: str, other: Character
) -> None:
    complaints.expect("422")
    visitor, told = comes(booked, who, role), booked.meets(other)
    visitor.follows_mail("Booked", "/bookings/1/cancellation")
    visitor.heading("Cancel this interview")
    visitor.press("Cancel this interview")
    visitor.sees("There is something to correct", "Say in a few words why")
    assert booked.booking().state == "confirmed"
    visitor.types("Why do you cancel?", REASON)
    visitor.press("Cancel this interview")
    visitor.sees("Cancelled. The other side is told by mail.", REASON)
    letter = told.letter("Cancelled")
    assert REASON in str(letter.get_body(("plain",)))
    entry = calendar(letter)
    assert entry["METHOD"] == entry["method"] == "CANCEL"
    assert entry["STATUS"] == "CANCELLED"
    visitor.opens("/")
    visitor.sees_no("18:45 to 19:45", "14:00 to 15:00")


def test_after_the_cut_off_only_an_organiser_can(booked: Town) -> None:
    booked.wait_until(START - timedelta(hours=3))
    sanjana = comes(booked, SANJANA, "candidate")
    for path in ("/bookings/1/reschedule", "/bookings/1/cancellation"):
        sanjana.opens(path)
        sanjana.sees("The last moment to")
        expect(sanjana.page.locator("main form")).to_have_count(0)
    amina = comes(booked, AMINA, "organiser")
    amina.opens("/desk/bookings/1")
    amina.follow("Cancel...")
    amina.types("Why do you cancel?", "Jonas called in ill.")
    amina.press("Cancel this interview")
    assert booked.booking().state == "cancelled"
    assert "Jonas called in ill." in str(sanjana.letter("Cancelled").get_body(("plain",)))


def test_organiser_moves_it_after_the_cut_off(booked: Town) -> None:
    booked.wait_until(START - timedelta(hours=3))
    amina = comes(booked, AMINA, "organiser")
    amina.opens("/desk/bookings/1")
    amina.follow("Move")
    amina.opens_day("Saturday 28 November")
    amina.page.locator(".time-button").first.click()
    amina.press("Move to this time")
    amina.sees("Moved.")
    assert booked.booking().start_at.date().isoformat() == "2026-11-28"


def test_looking_at_every_link_of_every_mail_changes_nothing(booked: Town) -> None:
    """As scanners and curious clicks do: each link three times, strangers and owners alike."""
    with booked.made():
        account.ask_for_login(SANJANA.email, now=booked.now)
        account.ask_for_reset(SANJANA.email, now=booked.now)
    booked.deliver()
    booked.wait_until(START + timedelta(hours=1, minutes=10))
    visitors = {
        SANJANA.email: comes(booked, SANJANA, "candidate"),
        JONAS.email: comes(booked, JONAS, "interviewer"),
    }
    stranger = booked.meets(ROBIN)
    letters = {email: visitor.letters() for email, visitor in visitors.items()}
    addresses = {
        (email, link) for email, many in letters.items() for one in many for link in links(one)
    }
    assert {link.split("/")[1] for _email, link in addresses} >= {
        "bookings", "interviews", "login", "reset", "reminders",
    }  # fmt: skip
    before = booked.state()
    for email, link in sorted(addresses):
        for visitor in (visitors[email], stranger):
            look(visitor, link)
    assert booked.state() == before


def look(visitor: Visitor, link: str) -> None:
    """HEAD and GET, three times each."""
    request = visitor.page.context.request
    base = visitor.town.settings.base_url
    for method in ("HEAD", "GET") * 3:
        answer = request.fetch(base + link, method=method, max_redirects=5)
        assert answer.status < 500, f"{method} {link}: {answer.status}"
