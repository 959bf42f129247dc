"""What an hour is worth to others: counted each night, and who is suggested because of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.timespan import Span, cell_of
from mockint.models import Booking, Person, SlotPrice
from mockint.queries import prices as query
from mockint.services import community, holds, matching, prices, suggestions
from mockint.services.matching import Wanted
from mockint.settings import Settings
from tests import factories
from tests.people import Character
from tests.support import commands, counting
from tests.support.bookings import NOW

pytestmark = pytest.mark.usefixtures("db_session")

DAY = timedelta(days=1)
RARE = Character("Rada", "rada@people.example", "UTC")
PLAIN = Character("Petra", "petra@people.example", "UTC")
START = NOW.replace(hour=10, minute=0) + 3 * DAY
"""Thursday, the only hour that either of them has."""
HOURS = [(START.weekday(), 600, 660)]


@pytest.fixture
def rare() -> Person:
    """The only one for machine learning, and the better choice for coding: nobody asked her yet."""
    return factories.interviewer(
        RARE, tracks=("coding", "ml_system_design"), company="Ondas", weekly=HOURS, now=NOW
    )


@pytest.fixture
def plain() -> Person:
    return factories.interviewer(PLAIN, tracks=("coding",), weekly=HOURS, now=NOW)


@pytest.fixture
def easy(plain: Person) -> Person:
    """Wants coding, and would like Ondas."""
    return factories.candidate(companies=("Ondas",), now=NOW)


def chosen(candidate: Person) -> int:
    held = holds.hold(candidate.id, Wanted("coding", "mid", 60, START), now=NOW)
    holds.release(held.id, candidate_id=candidate.id, now=NOW)
    return held.interviewer_id


def asked_for_learning(days_ago: int) -> None:
    """Somebody had such an interview at the same hour, with an interviewer who left since."""
    gone = factories.interviewer(
        Character("Gone", "gone@people.example", "UTC"), state="withdrawn", now=NOW
    )
    seeker = factories.stranger(tracks=("ml_system_design",), now=NOW)
    made = factories.booking(seeker, gone, start=START - 14 * DAY, now=NOW - days_ago * DAY)
    with transaction():
        row = db.session.get_one(Booking, made.id)
        row.track, row.confirmed_at = "ml_system_design", NOW - days_ago * DAY


def test_the_rare_interviewer_is_kept_for_the_only_request_that_needs_them(
    easy: Person, rare: Person, plain: Person
) -> None:
    assert chosen(easy) == rare.id, "without prices the better match"
    asked_for_learning(days_ago=9)
    assert prices.renew(now=NOW) > 0
    found = query.at(Span.lasting(START, 60), now=NOW)
    assert found.keys() == {rare.id}
    assert chosen(easy) == plain.id
    learner = factories.candidate(
        Character("Lin", "lin@people.example", "UTC"), tracks=("ml_system_design",), now=NOW
    )
    wanted = Wanted("ml_system_design", "mid", 60, START)
    assert holds.hold(learner.id, wanted, now=NOW).interviewer_id == rare.id
    best = matching.ranked(easy.id, Wanted("coding", "mid", 60, START + 7 * DAY), now=NOW)
    assert len(best) == 2, "who is dear is still there for an easy request, after the others"


def test_a_suggestion_of_a_person_counts_the_price_too(easy: Person, rare: Person) -> None:
    request = Wanted("coding", "mid", 60, START).request
    looks = matching.seeker(easy.id, now=NOW)

    def first() -> str:
        return suggestions.recommended(looks, request, now=NOW)[0].volunteer.name

    assert first() == "Rada"
    asked_for_learning(days_ago=20)
    prices.renew(now=NOW)
    assert first() == "Petra"


def test_two_who_can_are_not_rare(easy: Person, rare: Person) -> None:
    factories.interviewer(
        Character("Rada II", "rada2@people.example", "UTC"),
        tracks=("ml_system_design",),
        weekly=HOURS,
        now=NOW,
    )
    asked_for_learning(days_ago=9)
    prices.renew(now=NOW)
    assert query.at(Span.lasting(START, 60), now=NOW) == {}
    assert chosen(easy) == rare.id


def test_who_asked_in_vain_counts_at_any_hour(easy: Person, rare: Person, plain: Person) -> None:
    seeker = factories.stranger(tracks=("ml_system_design",), now=NOW)
    for number in range(3):
        matching.ask(
            seeker.id, track="ml_system_design", level=("entry", "mid", "senior")[number],
            duration_min=60, now=NOW - DAY,
        )  # fmt: skip
    prices.renew(now=NOW)
    assert query.at(Span.lasting(START, 60), now=NOW).keys() == {rare.id}
    assert query.at(Span.lasting(START + 7 * DAY, 60), now=NOW).keys() == {rare.id}
    assert chosen(easy) == plain.id


def test_what_is_older_than_four_weeks_is_forgotten(easy: Person, rare: Person) -> None:
    asked_for_learning(days_ago=29)
    assert prices.renew(now=NOW) == 0


def priced(person: Person, points: int, *, hours: int = 0, age: timedelta = DAY / 2) -> None:
    first = cell_of(START + timedelta(hours=hours))
    with transaction():
        made = {"person_id": person.id, "points": points, "made_at": NOW - age}
        db.session.add(SlotPrice(first_cell=first, end_cell=first + 4, **made))


@pytest.mark.parametrize(
    ("age", "known"), [(DAY / 2, True), (47 * DAY / 24, True), (2 * DAY, False)]
)
def test_a_price_that_is_old_counts_nothing(
    easy: Person, rare: Person, plain: Person, age: timedelta, known: bool
) -> None:
    priced(rare, 90, age=age)
    assert chosen(easy) == (plain.id if known else rare.id)


def test_of_two_slots_that_are_touched_the_dearer_counts(rare: Person) -> None:
    priced(rare, 30)
    priced(rare, 80, hours=1)
    half_past = START + timedelta(minutes=30)
    assert query.at(Span.lasting(half_past, 60), now=NOW) == {rare.id: 80}
    assert query.at(Span.lasting(START, 60), now=NOW) == {rare.id: 30}
    assert query.at(Span.lasting(START - timedelta(minutes=60), 60), now=NOW) == {}
    assert query.of_people(now=NOW) == {rare.id: 80}


def test_new_prices_replace_the_old_ones(easy: Person, rare: Person) -> None:
    priced(rare, 90, hours=50)
    assert prices.renew(now=NOW) == 0
    assert db.session.scalars(select(SlotPrice)).all() == []


def test_weights_are_those_of_the_community(easy: Person, rare: Person) -> None:
    wanted = Wanted("coding", "mid", 60, START)
    assert holds.hold(easy.id, wanted, now=NOW).interviewer_id == rare.id
    said = select(Booking.reason).where(Booking.candidate_id == easy.id)
    assert db.session.scalar(said) == "Works at a company you named: Ondas."
    organiser = factories.organiser(now=NOW).id
    community.change({"weight_target_company": 0}, by=organiser, now=NOW)
    holds.hold(easy.id, Wanted("coding", "mid", 60, START + 7 * DAY), now=NOW)
    assert db.session.scalar(said) == "Has had few interviews lately, and has room for yours."


def test_ranking_asks_the_same_number_of_statements_for_many(easy: Person, rare: Person) -> None:
    wanted = Wanted("coding", "mid", 60, START)

    def asked() -> int:
        matching.ranked(easy.id, wanted, now=NOW)
        with counting.statements() as sent:
            matching.ranked(easy.id, wanted, now=NOW)
        return len(sent)

    few = asked()
    for number in range(8):
        who = Character(f"Lea {number}", f"lea{number}@people.example", "UTC")
        priced(factories.interviewer(who, weekly=HOURS, now=NOW), 10)
    assert asked() == few


def test_an_operator_counts_them_now(settings: Settings) -> None:
    said = commands.run("slots", "price", settings=settings)
    assert said.exit_code == 0
    assert said.output == "Hours that others will need: 0. All others cost nothing.\n"
