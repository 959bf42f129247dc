"""The interviewer cannot come: the same time with somebody else, or another time, by one click."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.errors import Conflict, NotYours
from mockint.models import Booking, Invitation, KeptMail, Person
from mockint.queries import community as community_query
from mockint.queries import verify
from mockint.services import answer, decline, owed, relay
from mockint.services.kept import KeepTransport
from tests import factories
from tests.people import ROBIN
from tests.support.at_once import at_once
from tests.support.bookings import cells_of
from tests.support.declines import LEA, MARA, kinds, says
from tests.support.letters import NOW, START
from tests.support.reply_cases import HOUR, MINUTE, Scene

DAY = timedelta(days=1)
LINK = "https://meet.example/mara"


@pytest.fixture
def lost(scene: Scene) -> Iterator[Booking]:
    """Jonas was invited and cannot come; whatever happens, the invariants hold."""
    with transaction():
        owed.invitation(scene.booking, community=community_query.current(), now=NOW)
    kinds(NOW)
    says(scene.booking, "interviewer", "DECLINED", now=NOW)
    assert kinds(NOW) == [("declined", scene.booking.candidate_id)]
    yield scene.booking
    db.session.rollback()
    relay.sweep(now=NOW + HOUR, transport=KeepTransport())
    assert list(verify.violations(now=NOW + HOUR)) == []


@pytest.fixture
def mara(lost: Booking) -> Person:
    return factories.interviewer(MARA, meeting_link=LINK, now=NOW)


def take(booking: Booking, who: Person | None = None, *, hours: float = 0) -> Booking:
    return decline.take(
        booking.id,
        by=booking.candidate_id,
        start=START + hours * HOUR,
        who=who.id if who else None,
        now=NOW + HOUR,
    )


def entries() -> dict[str, tuple[str, int, str, str]]:
    """What each calendar is told now: method, SEQUENCE, UID and the whole object."""
    seen = len(db.session.scalars(select(KeptMail.id)).all())
    relay.sweep(now=NOW + HOUR, transport=KeepTransport())
    found = {}
    for one in db.session.scalars(select(KeptMail).order_by(KeptMail.id).offset(seen)):
        message = message_from_bytes(one.raw, policy=policy.default)
        for part in message.walk():
            if part.get_content_type() == "text/calendar":
                text = part.get_content()
                calendar = Calendar.from_ical(text)
                (event,) = calendar.events
                who = message["To"].addresses[0].display_name
                found[who] = (str(calendar["METHOD"]), event["SEQUENCE"], str(event["UID"]), text)
    return found


def test_the_same_time_with_somebody_else(lost: Booking, mara: Person) -> None:
    ways = decline.ways(lost, now=NOW + HOUR)
    assert ways.instead is not None
    assert (ways.instead.interviewer.person_id, ways.name, ways.times) == (mara.id, "Mara", ())
    jonas = lost.interviewer_id
    for _ in range(2):  # the same click twice is one change
        take(lost, mara)
    db.session.refresh(lost)
    assert (lost.interviewer_id, lost.start_at, lost.sequence) == (mara.id, START, 1)
    assert (lost.meeting_link, lost.zone, lost.chosen) == (LINK, MARA.zone, False)
    assert {person for person, _cell in cells_of(lost)} == {lost.candidate_id, mara.id}
    assert len(cells_of(lost)) == 8
    assert decline.waits_until(lost) is None
    assert db.session.get(Invitation, (lost.id, "interviewer", jonas)) is not None


def test_each_calendar_is_told_under_one_number(lost: Booking, mara: Person) -> None:
    take(lost, mara)
    told = entries()
    assert {who: one[:3] for who, one in told.items()} == {
        "Jonas": ("CANCEL", 1, lost.uid),
        "Mara": ("REQUEST", 1, lost.uid),
        "Sanjana": ("REQUEST", 1, lost.uid),
    }
    assert "STATUS:CANCELLED" in told["Jonas"][3]
    assert LINK not in told["Jonas"][3].replace("\r\n ", "")
    for who, text in ((who, one[3].replace("\r\n ", "")) for who, one in told.items()):
        others = {"jonas", "mara", "sanjana"} - {who.lower()}
        assert [name for name in others if f"{name}@people.example" in text] == []


def test_otherwise_the_three_nearest_times_as_ordinary_moves(lost: Booking) -> None:
    ways = decline.ways(lost, now=NOW + HOUR)
    assert ways.instead is None
    assert [HOUR <= abs(start - START) < 2 * HOUR for start in ways.times] == [True] * 3
    take(lost, hours=1)
    db.session.refresh(lost)
    assert (lost.start_at, lost.interviewer.name, lost.sequence) == (START + HOUR, "Jonas", 1)
    assert decline.waits_until(lost) is None
    assert [kind for kind, _who in kinds(NOW + HOUR)] == ["update", "update"]


def test_who_cannot_come_is_not_offered_for_a_part_of_that_time(lost: Booking) -> None:
    half_past = START + HOUR / 2
    with pytest.raises(Conflict):
        take(lost, hours=0.5)
    day, minute = START.weekday(), 13 * 60 + 30  # Lisbon's clocks read UTC in November
    mara = factories.interviewer(MARA, weekly=((day, minute, minute + 60),), now=NOW)
    assert half_past in decline.ways(lost, now=NOW + HOUR).times
    take(lost, hours=0.5)
    db.session.refresh(lost)
    assert (lost.start_at, lost.interviewer_id) == (half_past, mara.id)


def test_another_time_goes_to_whoever_is_free(lost: Booking) -> None:
    """Jonas is booked an hour later; Mara has that hour alone."""
    other = factories.candidate(ROBIN, now=NOW)
    in_the_way = factories.booking(other, lost.interviewer, start=START + HOUR, now=NOW)
    with transaction():
        owed.invitation(in_the_way, community=community_query.current(), now=NOW)
    day, hour = START.weekday(), 14 * 60
    mara = factories.interviewer(MARA, weekly=((day, hour, hour + 60),), now=NOW)
    assert START + HOUR in decline.ways(lost, now=NOW + HOUR).times
    take(lost, hours=1)
    db.session.refresh(lost)
    assert (lost.start_at, lost.interviewer_id) == (START + HOUR, mara.id)
    assert db.session.get_one(Invitation, (lost.id, "candidate", lost.candidate_id)).partstat


def test_who_has_declined_it_too_is_not_offered_again(lost: Booking, mara: Person) -> None:
    take(lost, mara)
    says(lost, "interviewer", "DECLINED", now=NOW + HOUR)
    assert decline.ways(lost, now=NOW + HOUR).instead is None
    lea = factories.interviewer(LEA, now=NOW)
    ways = decline.ways(lost, now=NOW + HOUR)
    assert ways.instead is not None
    assert ways.instead.interviewer.person_id == lea.id


def test_only_the_candidate_and_only_while_there_is_something_to_decide(
    lost: Booking, mara: Person
) -> None:
    for by in (lost.interviewer_id, mara.id):
        with pytest.raises(NotYours):
            decline.take(lost.id, by=by, start=START, who=mara.id, now=NOW)
    says(lost, "interviewer", "ACCEPTED", now=NOW + MINUTE)
    with pytest.raises(Conflict):
        take(lost, mara)
    assert lost.sequence == 0


def test_a_time_nobody_offers_changes_nothing(lost: Booking, mara: Person) -> None:
    for hours in (-1000, 12, 24 * 400):
        with pytest.raises(Conflict):
            take(lost, hours=hours)
    assert lost.sequence == 0


def test_two_candidates_want_the_same_stand_in(app: Flask, lost: Booking, mara: Person) -> None:
    """Occupancy decides: one has her, the other keeps what there was."""
    robin = factories.candidate(ROBIN, now=NOW)
    lea = factories.interviewer(LEA, now=NOW)
    other = factories.booking(robin, lea, start=START, now=NOW)
    with transaction():
        owed.invitation(other, community=community_query.current(), now=NOW)
    says(other, "interviewer", "DECLINED", now=NOW)
    wanted = [(lost.id, lost.candidate_id), (other.id, robin.id)]
    who = mara.id

    def want(booking_id: int, by: int) -> bool:
        try:
            decline.take(booking_id, by=by, start=START, who=who, now=NOW + HOUR)
        except Conflict:
            return False
        return True

    acts = [lambda one=one: want(*one) for one in wanted] * 3  # type: ignore[misc]  # bound early
    done = at_once(app, acts)
    winners = {number % 2 for number, won in enumerate(done) if won}
    assert len(winners) == 1
    db.session.expire_all()
    has = [db.session.get_one(Booking, one[0]) for one in wanted]
    assert [one.interviewer_id == who for one in has] == [0 in winners, 1 in winners]
    assert sorted(one.sequence for one in has) == [0, 1]
    assert all(len(cells_of(one)) == 8 for one in has)


def test_a_click_and_a_changed_mind_at_once(app: Flask, lost: Booking, mara: Person) -> None:
    """Who comes after all in time keeps the place; who is too late has lost it."""
    ids, who = (lost.id, lost.candidate_id, lost.interviewer_id), mara.id

    def click() -> bool:
        try:
            decline.take(ids[0], by=ids[1], start=START, who=who, now=NOW + HOUR)
        except Conflict:
            return False
        return True

    def back() -> bool:
        try:
            answer.give(ids[0], by=ids[2], partstat="ACCEPTED", now=NOW + HOUR)
        except (Conflict, NotYours):
            return False
        return True

    clicked, came = at_once(app, [click, back])
    assert clicked != came
    db.session.expire_all()
    found = db.session.get_one(Booking, ids[0])
    assert found.interviewer_id == (who if clicked else ids[2])


def test_a_click_and_the_end_at_once(app: Flask, lost: Booking, mara: Person) -> None:
    """Either she has it, or it is cancelled; never both, never neither."""
    end, ids = START - 12 * HOUR, (lost.id, lost.candidate_id)
    who = mara.id

    def click() -> bool:
        try:
            decline.take(ids[0], by=ids[1], start=START, who=who, now=end)
        except Conflict:
            return False
        return True

    clicked, ended = at_once(app, [click, lambda: decline.settle_due(now=end) == 1])
    db.session.expire_all()
    found = db.session.get_one(Booking, ids[0])
    assert (clicked, ended) == (found.state == "confirmed", found.state == "cancelled")
    assert found.sequence == 1
