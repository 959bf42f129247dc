"""From sign-up to feedback that was read: with a mouse, without JavaScript, without a mouse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from tests.journeys.story import Town, Visitor, calendar
from tests.people import JONAS, SANJANA

EVIDENCE = (
    "Asked for the size of the input and for empty lists before the first line of code, "
    "then said “two nested loops, so n squared” and looked for something better."
)
SUMMARY = (
    "You turned a loose prompt into a task and said what each step costs. Your first idea was "
    "right and you defended it well. Testing came late, after the time for it was gone, so a "
    "wrong bound stayed in the code. Test with the smallest input first, then with none at all."
)
EXERCISE = "Write five inputs that could break it before you run a program."
DIMENSIONS = 5
IN_KATHMANDU = "Kathmandu, UTC+05:45"


@pytest.mark.parametrize("way", ["mouse", "plain", "keyboard"])
def test_from_sign_up_to_feedback(town: Town, way: str) -> None:
    tell(town, keyboard=way == "keyboard", script=way != "plain")


@pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
def test_the_same_on_postgresql(town: Town) -> None:
    tell(town, keyboard=False, script=True)


def tell(town: Town, *, keyboard: bool, script: bool) -> None:
    """The whole story."""
    with town.made():
        factories.interviewer(JONAS, now=town.start)
    sanjana = town.meets(SANJANA, keyboard=keyboard, script=script)
    jonas = town.meets(JONAS, keyboard=keyboard, script=script)

    signs_up(sanjana)
    says_what_she_prepares_for(sanjana)
    books(sanjana)
    both_are_invited(town, sanjana, jonas)
    both_are_reminded(town, sanjana, jonas)
    they_meet(town, sanjana, jonas)
    he_writes(town, jonas)
    she_rates(sanjana)
    nothing_is_shown_while_it_rests(town, sanjana)
    she_reads(town, sanjana)
    she_practises(sanjana)


def signs_up(sanjana: Visitor) -> None:
    sanjana.opens("/")
    sanjana.heading("Practise the interview before it counts")
    sanjana.follow("Start practising")
    sanjana.types("Name", "Sanjana")
    sanjana.types("E-mail address", SANJANA.email)
    zone = sanjana.page.get_by_label("Time zone")
    if sanjana.script:
        assert zone.input_value() == SANJANA.zone, "the device's zone is guessed"
    else:
        sanjana.picks("Time zone", SANJANA.zone)
    sanjana.press("Make my account")
    sanjana.heading("Look into your mail")
    sanjana.follows_mail("Confirm", "/confirm/")
    sanjana.heading(f"Confirm {SANJANA.email}")
    sanjana.press("Confirm and sign in")


def says_what_she_prepares_for(sanjana: Visitor) -> None:
    sanjana.heading("What do you prepare for?")
    sanjana.chooses("target_level", "mid")
    sanjana.ticks("Coding & data structures")
    sanjana.press("Save and choose a time")
    sanjana.heading("Book an interview")


def books(sanjana: Visitor) -> None:
    """At most three clicks and no typing, from the first page on."""
    sanjana.opens("/")
    sanjana.heading("Your first hour goes here")
    sanjana.acts.clear()
    sanjana.follow("Book an interview")
    sanjana.sees(IN_KATHMANDU, "with anyone")
    sanjana.press("18:45")
    sanjana.sees("Held until 15:25", "You, Kathmandu", "Jonas, Berlin")
    sanjana.press("Book it")
    assert len(sanjana.acts) <= 3
    assert not [act for act in sanjana.acts if act.startswith("type")]
    sanjana.sees("Booked", "Put it in your calendar", IN_KATHMANDU)


def both_are_invited(town: Town, sanjana: Visitor, jonas: Visitor) -> None:
    booking = town.booking()
    assert booking.start_at == datetime(2026, 11, 24, 13, 0, tzinfo=UTC), "18:45 in Kathmandu"
    for who, other in ((sanjana, jonas), (jonas, sanjana)):
        letter = who.letter("Booked")
        entry = calendar(letter)
        assert entry["method"] == entry["METHOD"] == "REQUEST"
        assert entry["DTSTART"] == "20261124T130000Z"
        assert entry["DTEND"] == "20261124T140000Z"
        assert entry["UID"] == booking.uid
        assert entry["ATTENDEE"] == f"mailto:{who.who.email}"
        assert other.who.email not in letter.as_string()


def both_are_reminded(town: Town, sanjana: Visitor, jonas: Visitor) -> None:
    booking = town.booking()
    town.wait_until(booking.start_at - timedelta(hours=2))
    day_before = [who.letter("In ") for who in (sanjana, jonas)]
    town.wait_until(booking.start_at - timedelta(minutes=50))
    hour_before = [who.letter("In 1 hour") for who in (sanjana, jonas)]
    assert day_before != hour_before
    sanjana.opens("/")
    sanjana.heading("Your next interview is in 50 minutes")


def they_meet(town: Town, sanjana: Visitor, jonas: Visitor) -> None:
    booking = town.booking()
    jonas.comes_in("interviewer")
    for who, other in ((sanjana, "Jonas"), (jonas, "Sanjana")):
        who.opens("/")
        who.follow("Open interview page")
        who.sees("Opens at", other)
    town.wait_until(booking.start_at + timedelta(minutes=5))
    for who in (sanjana, jonas):
        who.opens(f"/interviews/{booking.id}")
        join = who.page.get_by_role("link", name="Join the call")
        assert join.get_attribute("href") == "https://meet.example/jonas"
    sanjana.press("Jonas came")
    sanjana.sees("Noted")
    jonas.press("Sanjana came")
    jonas.sees("Noted")


def he_writes(town: Town, jonas: Visitor) -> None:
    booking = town.booking()
    town.wait_until(booking.end_at + timedelta(minutes=10))
    jonas.follows_mail("feedback", "/interviews/")
    if "/feedback" not in jonas.page.url:
        jonas.follow("Write the feedback")
    for number in range(1, DIMENSIONS + 1):
        jonas.sees(f"Dimension {number} of {DIMENSIONS}")
        jonas.types("1. What did you see or hear?", f"Minute {10 * number}. {EVIDENCE}")
        jonas.chooses("score", "2" if number == 2 else "3")
        jonas.press("Next: ", exact=False)
    jonas.heading("Overall recommendation")
    jonas.chooses("recommendation", "3")
    jonas.press("Next: ", exact=False)
    jonas.types("Summary", SUMMARY)
    jonas.types("Strength 1", "Says what a step costs before writing it.")
    jonas.press("Next: ", exact=False)
    jonas.types("What you saw", "Testing came after the time for it was gone.")
    jonas.types("What to do", EXERCISE)
    jonas.types("How often, how long, until when", "Daily, 5 minutes")
    jonas.types("How they will know it worked", "Inputs stand there before the first run.")
    jonas.press("Next: ", exact=False)
    jonas.heading("Read it once more")
    jonas.press("Submit feedback")
    jonas.sees("Held until")


def she_rates(sanjana: Visitor) -> None:
    sanjana.follows_mail("How was your interviewer", "/interviews/")
    sanjana.heading("How was the interview with Jonas?")
    for question in ("clarity", "realism", "help", "respect"):
        sanjana.chooses(question, "4")
    sanjana.press("Send the rating")
    sanjana.sees("Your rating is kept")


def nothing_is_shown_while_it_rests(town: Town, sanjana: Visitor) -> None:
    sanjana.opens(f"/interviews/{town.booking().id}/feedback/released")
    sanjana.heading("Your feedback is not released yet")
    sanjana.sees_no("Minute 10")


def she_reads(town: Town, sanjana: Visitor) -> None:
    town.wait(minutes=70)
    sanjana.follows_mail("Your feedback is ready", "/interviews/")
    sanjana.heading("Yes. This would pass at mid level today.")
    sanjana.sees("Minute 10.", "Minute 50.", SUMMARY[:60], EXERCISE)
    sanjana.press("4, ", exact=False)
    sanjana.sees("You said:")


def she_practises(sanjana: Visitor) -> None:
    sanjana.goes_to("Progress")
    sanjana.heading("One interview: too early for a trend")
    sanjana.sees("Coding & data structures", EXERCISE)
    sanjana.press(f"Done: {EXERCISE}")
    sanjana.sees("Done Tue 24 Nov")
    sanjana.goes_to("Home")
    sanjana.sees("1 of 1 done", "You have no interview booked")
