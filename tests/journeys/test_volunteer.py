"""From an application to the first booking: an organiser asks for a change, then approves."""

from __future__ import annotations

import pytest

from tests import factories
from tests.journeys.story import Town, Visitor
from tests.people import AMINA, JONAS, SANJANA
from tests.support.browser import Complaints

NOTE = "Say which languages you can interview in."


@pytest.mark.parametrize("way", ["mouse", "plain", "keyboard"])
def test_a_volunteer_is_approved_and_booked(town: Town, complaints: Complaints, way: str) -> None:
    complaints.expect("422")  # the organiser forgets the note at first
    script = way != "plain"
    with town.made():
        factories.organiser(now=town.start)
        factories.candidate(now=town.start)
    jonas = town.meets(JONAS, keyboard=way == "keyboard", script=script)
    amina = town.meets(AMINA, script=script)
    amina.comes_in("organiser")

    applies(jonas)
    sends_back(amina)
    changes_it(jonas)
    approves(amina)
    opens_a_week(jonas)
    is_booked(town.meets(SANJANA, script=script))


def applies(jonas: Visitor) -> None:
    jonas.opens("/")
    jonas.follow("Volunteer as an interviewer")
    jonas.types("Name", "Jonas")
    jonas.types("E-mail address", JONAS.email)
    jonas.picks("Time zone", JONAS.zone)
    jonas.press("Make my account")
    jonas.heading("Look into your mail")
    jonas.follows_mail("Confirm", "/confirm/")
    jonas.press("Confirm and sign in")
    jonas.heading("Give an hour to somebody who prepares")
    jonas.types("Company", "Nordlicht")
    jonas.types("What you do there", "Staff engineer")
    jonas.types("Years of work", "9")
    for label in ("Coding & data structures", "Mid", "Senior"):
        jonas.ticks(label)
    jonas.types("A few lines about you", "Twelve years of payment systems.")
    jonas.types("Meeting link", "https://meet.example/jonas")
    jonas.press("Send application")
    jonas.sees("Your application is with the organisers")
    assert jonas.letter("application")


def sends_back(amina: Visitor) -> None:
    amina.opens("/")
    amina.follow("Jonas", exact=False)
    amina.sees("Nordlicht", "waits for your answer")
    amina.press("Send back with the note")
    amina.sees("There is something to correct")
    amina.types("Note to the volunteer", NOTE)
    amina.press("Send back with the note")
    amina.sees(NOTE)


def changes_it(jonas: Visitor) -> None:
    jonas.letter("A question about your application")
    jonas.opens("/")
    jonas.sees("The organisers ask for a change", NOTE)
    jonas.follow("Your application")
    jonas.sees(NOTE)
    jonas.ticks("Deutsch")
    jonas.press("Send it again")
    jonas.sees("Your application is with the organisers")


def approves(amina: Visitor) -> None:
    amina.opens("/")
    amina.follow("Jonas", exact=False)
    amina.sees("Deutsch")
    amina.press("Approve")
    amina.sees("Approved")


def opens_a_week(jonas: Visitor) -> None:
    """Monday to Friday in at most eight interactions."""
    jonas.letter("You are an interviewer")
    jonas.opens("/")
    jonas.heading("Nobody can book you yet")
    jonas.follow("Set your hours")
    jonas.acts.clear()
    with jonas.group("Monday"):
        jonas.press("Add hours")
        jonas.picks("Monday, from", "17:00")
        jonas.picks("Monday, to", "21:00")
        jonas.opens_up("Copy to")
        jonas.ticks("Monday to Friday")
        if jonas.script:
            jonas.press("Copy")
    jonas.press("Save hours")
    assert len(jonas.acts) <= 8
    jonas.sees("Hours saved")
    jonas.sees("starts of 60 minutes in the next two weeks")
    jonas.sees("Tue 24 Nov, 17:00")


def is_booked(sanjana: Visitor) -> None:
    sanjana.comes_in("candidate")
    sanjana.opens("/book")
    sanjana.press("21:45")
    sanjana.press("Book it")
    sanjana.sees("Booked", "17:00 to 18:00", "Jonas, Berlin")
