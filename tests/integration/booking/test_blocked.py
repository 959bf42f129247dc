"""Two people whom an organiser keeps apart meet nowhere, and neither can tell it from no time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain.errors import Invalid, NotYours, SlotTaken
from mockint.models import AuditEntry, BlockedPair, Booking, Person
from mockint.queries import blocked as query
from mockint.services import (
    blocked,
    booking,
    decline,
    departure,
    handover,
    holds,
    matching,
    suggestions,
)
from tests import factories
from tests.support.bookings import NOW, TEN, booked, held, wanted
from tests.support.declines import LEA, MARA, says

pytestmark = pytest.mark.usefixtures("db_session", "sound")


@pytest.fixture
def amina() -> int:
    return factories.organiser(now=NOW).id


def apart(one: Person, other: Person, by: int) -> None:
    blocked.keep_apart(one.id, other.id, reason="It went badly.", by=by, now=NOW)


def test_nobody_is_found_held_or_suggested(sanjana: Person, jonas: Person, amina: int) -> None:
    mara = factories.interviewer(MARA, now=NOW)
    request = wanted().request
    assert matching.search(sanjana.id, request=request, interviewer_id=jonas.id, now=NOW).starts
    apart(jonas, sanjana, amina)
    found = matching.search(sanjana.id, request=request, now=NOW)
    assert [one.name for one in found.people] == ["Mara"]
    named = matching.search(sanjana.id, request=request, interviewer_id=jonas.id, now=NOW)
    assert named.starts == ()
    assert matching.suited(sanjana.id, request, now=NOW) == [mara.id]
    looks = matching.seeker(sanjana.id, now=NOW)
    (one,) = suggestions.recommended(looks, request, now=NOW)
    assert one.volunteer.name == "Mara"
    ranked = matching.ranked(sanjana.id, wanted(), now=NOW)
    assert [one.interviewer.person_id for one in ranked] == [mara.id]
    with pytest.raises(SlotTaken, match="no longer offered"):
        holds.hold(sanjana.id, wanted(interviewer_id=jonas.id), now=NOW)
    assert held(sanjana).interviewer_id == mara.id


def test_alone_it_reads_like_no_free_time(sanjana: Person, jonas: Person, amina: int) -> None:
    apart(sanjana, jonas, amina)
    found = matching.search(sanjana.id, request=wanted().request, now=NOW)
    assert found.starts == ()
    assert found.nothing is not None
    assert found.nothing.words.text() == (
        "One volunteer covers it at mid level, and has no free time left."
    )
    assert "blocked" not in {str(reason) for reason, _left in found.nothing.counts}


def test_a_hold_taken_before_is_not_booked(sanjana: Person, jonas: Person, amina: int) -> None:
    mine = held(sanjana, interviewer_id=jonas.id)
    apart(sanjana, jonas, amina)
    with pytest.raises(SlotTaken, match="no longer offered"):
        booking.confirm(mine.id, candidate_id=sanjana.id, now=NOW)
    blocked.allow(jonas.id, sanjana.id, by=amina, now=NOW)
    assert booking.confirm(mine.id, candidate_id=sanjana.id, now=NOW).state == "confirmed"


def test_with_anyone_it_is_booked_with_somebody_else(
    sanjana: Person, jonas: Person, amina: int
) -> None:
    mine = held(sanjana)
    apart(sanjana, jonas, amina)
    mara = factories.interviewer(MARA, now=NOW)
    made = booking.confirm(mine.id, candidate_id=sanjana.id, now=NOW)
    assert (made.interviewer_id, made.state) == (mara.id, "confirmed")


def test_they_do_not_stand_in(sanjana: Person, jonas: Person, amina: int) -> None:
    mine = booked(sanjana, interviewer_id=jonas.id)
    mara, lea = (factories.interviewer(who, now=NOW) for who in (MARA, LEA))
    says(mine, "interviewer", "DECLINED", now=NOW)
    (early,) = (
        one
        for one in matching.ranked(sanjana.id, wanted(), now=NOW, without=mine.id)
        if one.interviewer.person_id == mara.id
    )
    apart(mara, sanjana, amina)
    ways = decline.ways(db.session.get_one(Booking, mine.id), now=NOW)
    assert ways.instead is not None
    assert ways.instead.interviewer.person_id == lea.id
    with pytest.raises(SlotTaken, match="no longer offered"):
        handover.hand_over(mine.id, by=sanjana.id, suggestion=early, start=TEN, now=NOW)


def test_what_is_booked_stays_and_both_files_say_what_was_done(
    sanjana: Person, jonas: Person, amina: int
) -> None:
    mine = booked(sanjana, interviewer_id=jonas.id)
    apart(sanjana, jonas, amina)
    apart(jonas, sanjana, amina)
    assert db.session.get_one(Booking, mine.id).state == "confirmed"
    noted = db.session.scalars(
        select(AuditEntry.subject).where(AuditEntry.action == "pair.block")
    ).all()
    assert sorted(noted) == sorted(f"person:{one.id}" for one in (sanjana, jonas))
    assert [one.name for one in query.shown(jonas.id)] == [sanjana.name]


def test_only_two_people_who_are_here(sanjana: Person, jonas: Person, amina: int) -> None:
    with pytest.raises(Invalid, match="somebody else"):
        apart(sanjana, sanjana, amina)
    with pytest.raises(Invalid, match="Fill this in"):
        blocked.keep_apart(sanjana.id, jonas.id, reason=" ", by=amina, now=NOW)
    with pytest.raises(NotYours):
        blocked.keep_apart(sanjana.id, 999, reason="It went badly.", by=amina, now=NOW)
    apart(sanjana, jonas, amina)
    departure.delete_account(jonas.id, reason="", now=NOW)
    assert db.session.scalars(select(BlockedPair)).all() == []
