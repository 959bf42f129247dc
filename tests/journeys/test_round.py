"""A round from its plan to the interviews: asked by painting, solved, changed, published.

TEST_ROUND_SIZE=1000x300 plays it with as many people.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from mockint import clock
from mockint.db import db
from mockint.models import Booking, OutboxMessage, Person, RoundMatch
from mockint.queries import round as query
from mockint.queries import verify
from mockint.services import behalf
from mockint.services.matching import Wanted
from mockint.services.round import publishing, solving
from tests import factories
from tests.journeys.story import Town, Visitor
from tests.people import AMINA, JONAS, ROBIN, SANJANA
from tests.support import rounds

CANDIDATES, INTERVIEWERS = map(int, os.environ.get("TEST_ROUND_SIZE", "60x20").split("x"))


@pytest.mark.parametrize("script", [True, False], ids=["mouse", "plain"])
def test_a_round(town: Town, script: bool) -> None:
    with town.made():
        factories.organiser(now=town.start)
        factories.candidate(now=town.start)
        factories.interviewer(now=town.start)
        factories.stranger(now=town.start)
    amina = town.meets(AMINA, script=script)
    amina.comes_in("organiser")
    round_id = plans(amina)
    asks(town.meets(SANJANA, script=script))
    offers(town.meets(JONAS, script=script))
    others_answer(town, round_id)
    closes_and_solves(amina)
    pins_one(amina, round_id)
    taken = books_two_by_hand(amina, round_id)
    publishes(amina)
    reports(amina, round_id, taken)
    everybody_is_told(town, round_id)


def plans(amina: Visitor) -> int:
    amina.opens("/")
    amina.goes_to("Rounds")
    amina.follow("Plan a round")
    amina.types("Name of the round", "December weeks")
    amina.press("Save as a draft")
    amina.sees("Nobody but organisers sees it")
    amina.press("Open the round")
    amina.sees("Interviewers are asked by mail")
    return int(amina.page.url.rsplit("/", 1)[1])


def asks(sanjana: Visitor) -> None:
    """She paints four evenings; with a mouse by dragging, else one and copies it."""
    sanjana.comes_in("candidate")
    sanjana.opens("/")
    sanjana.follow("December weeks")
    sanjana.heading("When can you come?")
    if sanjana.script:
        cell = "label:has(input[value='2026-12-{}T{}'])"
        first, last = (sanjana.page.locator(cell.format(*at)) for at in (("08", 18), ("11", 21)))
        first.scroll_into_view_if_needed()
        start, end = first.bounding_box(), last.bounding_box()
        assert start is not None
        assert end is not None
        mouse = sanjana.page.mouse
        mouse.move(start["x"] + 5, start["y"] + 5)
        mouse.down()
        mouse.move(end["x"] + 5, end["y"] + 5, steps=8)
        mouse.up()
        expect(sanjana.page.locator("[data-paint-count]")).to_have_text(
            "Painted: 16 hours on 4 days."
        )
    else:
        for hour in range(18, 22):
            sanjana.page.locator(f"input[value='2026-12-08T{hour}']").check()
        sanjana.press("Copy to all days: Tue 8 Dec")
        expect(sanjana.page.locator("input[value='2026-12-11T21']")).to_be_checked()
    sanjana.press("Send my request")
    sanjana.sees("You can change it until the round closes", "You asked")


def offers(jonas: Visitor) -> None:
    jonas.comes_in("interviewer")
    jonas.follows_mail("How many interviews can you take? December weeks", "/rounds/")
    jonas.heading("How many interviews do you take?")
    jonas.types("Interviews at the most", "2")
    jonas.press("Confirm")
    jonas.sees("You take 2 at the most")


def others_answer(town: Town, round_id: int) -> None:
    with town.made():
        rounds.crowd(
            round_id,
            candidates=CANDIDATES - 1,
            interviewers=INTERVIEWERS - 1,
            seed=20261123,
            now=town.start,
        )


def closes_and_solves(amina: Visitor) -> None:
    amina.page.reload()
    amina.press("Close it now")
    amina.sees("Nobody asks any more")
    solves(amina, "Solve it")
    amina.sees("interviews are proposed")


def solves(amina: Visitor, button: str) -> None:
    """Progress is there until the worker is done; with a script the page turns by itself."""
    amina.press(button)
    expect(amina.page.locator("progress")).to_be_visible()
    amina.sees("Waiting for the worker")
    works(amina)


def works(amina: Visitor) -> None:
    with amina.town.made():
        now = clock.now()
        while solving.solve_due(now=now) or publishing.publish_due(now=now):
            pass
    if not amina.script:
        amina.follow("Look again")
    expect(amina.page.locator("progress")).to_have_count(0)


def pins_one(amina: Visitor, round_id: int) -> None:
    """A candidate without a match gets one with whom an organiser wants."""
    amina.follow("Look at the result")
    amina.sees("candidates are matched", "Proven", "Accept this result")
    before = amina.page.locator("h1").inner_text()
    with amina.town.made():
        lost, wanted = rounds.to_pin(round_id)
    amina.follow("See who and why")
    amina.types("Candidate", lost.candidate)
    amina.press("Filter")
    amina.follow(lost.candidate)
    amina.picks("Interviewer", str(wanted.interviewer_id))
    amina.press("Pin")
    amina.sees("It counts when the round is solved again", "Pinned")
    amina.follow("Back to the round")
    amina.sees("Something changed since it was solved")
    solves(amina, "Solve it again")
    amina.follow("Look at the result")
    expect(amina.page.locator("h1")).to_have_text(before)
    amina.sees("Pinned", wanted.interviewer)
    amina.sees_no("Could not be kept")
    with amina.town.made():
        kept = {
            (one.candidate_id, one.interviewer_id) for one in query.matches(round_id, limit=2000)[0]
        }
        assert (lost.candidate_id, wanted.interviewer_id) in kept
    amina.press("Accept this result")
    amina.sees("Nothing goes out until somebody publishes it")


def books_two_by_hand(amina: Visitor, round_id: int) -> set[str]:
    """Two interviewers are booked by somebody else at the very times of their matches."""
    with amina.town.made():
        robin = db.session.scalars(select(Person).where(Person.email == ROBIN.email)).one()
        lines, _total = query.matches(round_id, limit=2000)
        free: list[query.MatchLine] = []
        for one in lines:
            apart = all(abs(one.start_at - other.start_at) >= timedelta(hours=2) for other in free)
            if apart and one.candidate != SANJANA.name and len(free) < 2:
                free.append(one)
        organiser = db.session.scalars(select(Person.id).where(Person.email == AMINA.email)).one()
        for one in free:
            wanted = Wanted(one.track, "mid", 60, one.start_at, one.interviewer_id)
            behalf.book(robin.id, wanted, request_key=None, by=organiser, now=amina.town.now)
        return {one.candidate for one in free}


def publishes(amina: Visitor) -> None:
    amina.follow("Publish...")
    amina.sees("A time that somebody took meanwhile is not booked twice")
    amina.press("Publish ", exact=False)
    expect(amina.page.locator("progress")).to_be_visible()
    works(amina)


def reports(amina: Visitor, round_id: int, taken: set[str]) -> None:
    amina.sees("2 matches could not be booked")
    amina.follow("See them")
    named = amina.page.locator("tbody tr td:nth-child(2) a").all_inner_texts()
    assert set(named) == taken
    with amina.town.made():
        lines, total = query.matches(round_id, limit=2000)
        booked = [one for one in lines if one.booking_id]
        assert len(booked) == total - 2
        assert list(verify.violations(now=amina.town.now)) == []
        byhand = db.session.scalar(
            select(func.count()).select_from(Booking).where(Booking.state == "confirmed")
        )
        assert byhand == total, "each match, or the booking that was in its way"


def everybody_is_told(town: Town, round_id: int) -> None:
    with town.made():
        matched = select(RoundMatch.booking_id).where(
            RoundMatch.round_id == round_id, RoundMatch.booking_id.is_not(None)
        )
        invited = db.session.execute(
            select(OutboxMessage.booking_id, OutboxMessage.person_id).where(
                OutboxMessage.kind == "invitation", OutboxMessage.booking_id.in_(matched)
            )
        ).all()
        pairs = db.session.execute(
            select(Booking.id, Booking.candidate_id, Booking.interviewer_id).where(
                Booking.id.in_(matched)
            )
        ).all()
        wanted = {(number, who) for number, *both in pairs for who in both}
        assert {tuple(row) for row in invited} == wanted
        answers = db.session.scalar(
            select(func.count())
            .select_from(OutboxMessage)
            .where(OutboxMessage.kind == "round-result")
        )
        asked = query.find(round_id)
        assert asked is not None
        assert answers == asked.asked - len(pairs)
    sanjana = town.meets(SANJANA)
    sanjana.comes_in("candidate")
    sanjana.opens(f"/rounds/{round_id}/request")
    sanjana.heading("match")
    expect(sanjana.page.locator("h1")).to_have_text(re.compile("You were matched|No match"))
