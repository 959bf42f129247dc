"""What an organiser sees and does when places of a published round are lost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Booking, Person, RoundMatch
from mockint.queries import round as query
from mockint.services import booking
from mockint.services.round import asking, capacity
from mockint.services.round import repair as service
from mockint.web.rounds import repair as page_of_repair
from tests import factories
from tests.support import counting, rounds
from tests.support.declines import says

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST = rounds.plan("", now=NOW).first_on


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


@pytest.fixture
def amina(app, db_session):
    client = app.test_client()
    client.person = factories.organiser(now=NOW)
    factories.login(client, client.person, role="organiser")
    return client


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def giver(number):
    return factories.interviewer(
        name=f"Giver {number}",
        email=f"g{number}@people.example",
        company=f"Company {number}",
        zone="UTC",
        weekly=[(day, 600, 1200) for day in range(7)],
        now=NOW,
    )


def seeker(number):
    return factories.candidate(
        name=f"Seeker {number}", email=f"s{number}@people.example", employer="", now=NOW
    )


def published(by, *asked, givers):
    """A round of one day; each seeker asks for hours of it, each giver takes one interview."""
    made = rounds.opened("Advent week", by=by, now=NOW)
    for number in range(givers):
        capacity.confirm(made, giver(number).id, max_total=1, now=NOW)
    for who, between in asked:
        windows = rounds.evenings(FIRST, days=1, hours=between)
        asking.ask(made, who.id, track="coding", level="mid", windows=windows, now=NOW)
    rounds.solved(made, by=by, now=NOW)
    rounds.published(made, by=by, now=NOW)
    return made


def booked(who):
    found = select(Booking).where(Booking.candidate_id == who.id, Booking.state == "confirmed")
    return db.session.scalars(found).one()


def cancelled(one, side="interviewer"):
    by = one.interviewer_id if side == "interviewer" else one.candidate_id
    booking.cancel(one.id, by=by, side=side, reason="Ill", now=NOW)


def offered(page):
    """What the buttons of a page send."""
    names = ("candidate", "who", "start")
    found = [re.findall(f'name="{name}" value="([^"]+)"', page.text) for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*found, strict=True)]


def test_nobody_lost_anything(amina):
    made = published(amina.person.id, (seeker(1), (10, 11)), givers=1)
    address = f"/desk/rounds/{made}/repair"
    assert f'href="{address}"' in amina.get(f"/desk/rounds/{made}").text
    page = words(amina.get(address))
    assert "Nobody has lost a place" in page
    assert "After many withdrawals" not in page
    assert "Lost places" not in words(amina.get("/desk"))


def test_a_free_stand_in_gets_the_place_once(amina):
    ines = seeker(1)
    made = published(amina.person.id, (ines, (10, 11)), givers=2)
    lost = booked(ines)
    cancelled(lost)
    assert "Lost places: Advent week" in words(amina.get("/desk"))
    address = f"/desk/rounds/{made}/repair"
    page = amina.get(address)
    assert "1 person lost a place" in words(page)
    assert "The interviewer cancelled." in words(page)
    (place,) = offered(page)
    assert int(place["who"]) != lost.interviewer_id
    body = place | {"csrf_token": amina.token("/account")}
    answers = [amina.post(address, data=body) for _ in range(2)]
    again = booked(ines)
    assert [one.status_code for one in answers] == [303, 303]
    assert {one.location for one in answers} == {f"/desk/bookings/{again.id}"}
    assert (again.interviewer_id, again.start_at) == (int(place["who"]), lost.start_at)
    assert "Nobody has lost a place" in words(amina.get(address))
    assert "Lost places" not in words(amina.get("/desk"))


def test_while_the_booking_stands_the_candidate_decides(amina):
    ines = seeker(1)
    made = published(amina.person.id, (ines, (10, 11)), givers=2)
    lost = booked(ines)
    says(lost, "interviewer", "DECLINED", now=NOW)
    address = f"/desk/rounds/{made}/repair"
    page = amina.get(address)
    assert "1 other interviewer is free at this time. The candidate decides" in words(page)
    assert f'href="/desk/bookings/{lost.id}"' in page.text
    assert offered(page) == []
    (one,) = service.propose(made, now=NOW).lost
    body = {"candidate": ines.id, "who": one.stand_ins[0].interviewer_id}
    body |= {"start": f"{lost.start_at:%Y-%m-%dT%H:%MZ}", "csrf_token": amina.token("/account")}
    answer = amina.post(address, data=body)
    assert answer.status_code == 409
    assert "Only they and their interviewer can move it." in answer.text
    assert booked(ines).id == lost.id


def test_who_would_have_to_move_is_named_and_nobody_is_moved(amina):
    ines, tom = seeker(1), seeker(2)
    made = published(amina.person.id, (ines, (10, 11)), (tom, (10, 12)), givers=2)
    lost, other = booked(ines), booked(tom)
    if other.start_at != lost.start_at:
        booking.reschedule(
            other.id, by=amina.person.id, side="organiser", new_start=lost.start_at, now=NOW
        )
    cancelled(lost)
    address = f"/desk/rounds/{made}/repair"
    page = amina.get(address)
    text = words(page)
    assert "It takes a move of 1 other person. Write to them first:" in text
    assert text.index("Seeker 2 would move from") < text.index("Seeker 1 would move from")
    assert f'href="/desk/bookings/{other.id}"' in page.text
    assert offered(page) == []
    assert booked(tom).start_at == lost.start_at


def test_what_is_given_back_goes_to_who_had_none(amina):
    ines, tom = seeker(1), seeker(2)
    made = published(amina.person.id, (ines, (10, 11)), (tom, (10, 11)), givers=1)
    served, waiting = (ines, tom) if db.session.get(RoundMatch, (made, ines.id)) else (tom, ines)
    cancelled(booked(served), "candidate")
    assert "Lost places" not in words(amina.get("/desk")), "they gave it up themselves"
    address = f"/desk/rounds/{made}/repair"
    text = words(amina.get(address))
    assert "Nobody has lost a place" in text
    assert f"{waiting.name} has no interview; Coding" in text
    again = amina.get(address, query_string={"again": "1"})
    assert "1 interview would be another:" in words(again)
    assert offered(again)[0] == offered(again)[1]
    body = offered(again)[0] | {"csrf_token": amina.token("/account")}
    assert amina.post(address, data=body).status_code == 303
    assert booked(waiting).candidate_id == waiting.id
    assert "has no interview" not in words(amina.get(address))


def test_a_place_that_is_gone_is_refused_in_words(amina):
    ines = seeker(1)
    made = published(amina.person.id, (ines, (10, 11)), givers=2)
    lost = booked(ines)
    cancelled(lost)
    address = f"/desk/rounds/{made}/repair"
    (place,) = offered(amina.get(address))
    taker = db.session.get_one(Person, int(place["who"]))
    factories.booking(seeker(9), taker, start=lost.start_at, now=NOW)
    answer = amina.post(address, data=place | {"csrf_token": amina.token("/account")})
    assert answer.status_code == 409
    assert "This time was just taken." in answer.text
    assert offered(answer) == []


def test_a_large_round_is_listed_without_being_read(amina, monkeypatch):
    ines = seeker(1)
    made = published(amina.person.id, (ines, (10, 11)), givers=2)
    cancelled(booked(ines))
    monkeypatch.setattr(page_of_repair, "MOST_PAIRS", 1)
    page = amina.get(f"/desk/rounds/{made}/repair?again=1")
    assert "1 person lost a place" in words(page)
    assert "too large to look for stand-ins" in words(page)
    assert f"/desk/book?candidate={ines.id}" in page.text
    assert offered(page) == []


def test_after_its_days_and_before_it_is_published_there_is_nothing_to_mend(amina, set_clock):
    ines = seeker(1)
    made = published(amina.person.id, (ines, (10, 11)), givers=1)
    cancelled(booked(ines))
    later = NOW + timedelta(days=30)
    set_clock(later)
    factories.login(amina, amina.person, role="organiser")
    page = amina.get(f"/desk/rounds/{made}/repair")
    assert "The days of this round are over." in words(page)
    assert "Lost places" not in words(amina.get("/desk"))
    with transaction():
        opened = rounds.opened("Next week", by=amina.person.id, now=later)
    address = f"/desk/rounds/{opened}/repair"
    assert amina.get(address).location == f"/desk/rounds/{opened}"


def test_the_desk_asks_once_for_all_rounds(amina):
    def sent():
        with counting.statements() as statements:
            assert amina.get("/desk").status_code == 200
        return len(statements)

    people = [seeker(number) for number in range(2)]
    cards = []
    for number, who in enumerate(people):
        made = rounds.opened(f"Week {number}", by=amina.person.id, now=NOW)
        capacity.confirm(made, giver(number).id, max_total=1, now=NOW)
        windows = rounds.evenings(FIRST, days=1, hours=(10 + number, 11 + number))
        asking.ask(made, who.id, track="coding", level="mid", windows=windows, now=NOW)
        rounds.solved(made, by=amina.person.id, now=NOW)
        rounds.published(made, by=amina.person.id, now=NOW)
        cancelled(booked(who))
        amina.get("/desk")
        cards.append(sent())
    assert cards[0] == cards[1]
    assert set(query.without_interview(query.cards()).values()) == {1}


def test_refusals_are_said_about_the_candidate(amina):
    ines = seeker(1)
    made = rounds.opened("Advent week", by=amina.person.id, now=NOW)
    capacity.confirm(made, giver(1).id, max_total=1, now=NOW)
    windows = rounds.evenings(FIRST, days=1, hours=(10, 11))
    asking.ask(made, ines.id, track="coding", level="mid", windows=windows, now=NOW)
    rounds.solved(made, by=amina.person.id, now=NOW)
    (match,), _total = query.matches(made)
    factories.booking(ines, giver(2), start=match.start_at, now=NOW)
    rounds.published(made, by=amina.person.id, now=NOW)
    for path in ("matches?failed=1", f"candidates/{ines.id}", "matches?format=csv"):
        page = amina.get(f"/desk/rounds/{made}/{path}")
        assert "The candidate has another interview then." in page.text, path
        assert "You have" not in page.text, path


def test_an_interview_agreed_before_asking_is_beside_the_round(amina):
    ines = seeker(1)
    (day,) = rounds.evenings(FIRST, days=1, hours=(15, 16))
    earlier = factories.booking(ines, giver(8), start=day.start, now=NOW - timedelta(days=1))
    made = published(amina.person.id, (ines, (10, 11)), givers=2)
    (lost,) = (
        one
        for one in db.session.scalars(select(Booking).where(Booking.candidate_id == ines.id))
        if one.id != earlier.id
    )
    address = f"/desk/rounds/{made}/repair"
    cancelled(lost)
    page = amina.get(address)
    assert "1 person lost a place" in words(page)
    assert "Lost places" in words(amina.get("/desk"))
    (body,) = offered(page)
    assert body["who"] != str(lost.interviewer_id), "who cancelled is not asked for that hour again"
    answer = amina.post(address, data=body | {"csrf_token": amina.token("/account")})
    assert answer.status_code == 303
    assert "Nobody has lost a place" in words(amina.get(address))


def test_the_hour_of_who_cancelled_is_offered_to_nobody(amina):
    ines, tom = seeker(1), seeker(2)
    made = published(amina.person.id, (ines, (10, 11)), (tom, (10, 11)), givers=1)
    served = ines if db.session.get(RoundMatch, (made, ines.id)) else tom
    lost = booked(served)
    cancelled(lost)
    other = giver(9)
    factories.booking(served, other, start=lost.start_at + timedelta(hours=3), now=NOW)
    page = amina.get(f"/desk/rounds/{made}/repair")
    assert "Nobody has lost a place" in words(page), "they found another one themselves"
    assert service.resettle(made, now=NOW) == ()
