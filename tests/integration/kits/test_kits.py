"""The question of an interview: chosen, shown once, never twice to one person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from mockint import clock
from mockint.db import db
from mockint.domain.errors import Conflict, Invalid, NotYours, TooEarly, TooLate
from mockint.models import Booking, KitChoice, KitExposure, Person, QuestionKit
from mockint.queries import kits as query
from mockint.services import kits, rubric
from tests import factories, people
from tests.support.at_once import at_once
from tests.support.kits import made_kits

pytestmark = pytest.mark.usefixtures("db_session")


@pytest.fixture
def organiser(app: Flask) -> Person:
    rubric.publish_default(now=clock.now() - timedelta(days=60))
    return factories.organiser(now=clock.now())


def bank(organiser: Person, *keys: str) -> dict[str, int]:
    """Active questions."""
    now = clock.now()
    for row in kits.take_in(made_kits(*keys), by=organiser.id, now=now):
        row.state = "active"
    db.session.commit()
    return {row.key: row.id for row in db.session.scalars(select(QuestionKit))}


def interview(candidate: Person, interviewer: Person, *, days: int = 0) -> Booking:
    """One that begins in a moment, or after some days."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    start = now + timedelta(days=days, hours=1)
    return factories.booking(candidate, interviewer, start=start, state="confirmed", now=start)


def shown(booking: Booking, kit_id: int | None = None) -> KitChoice:
    by, at = booking.interviewer_id, booking.start_at
    kits.choose(booking.id, by=by, kit_id=kit_id, now=at)
    return kits.reveal(booking.id, by=by, now=at)


def test_nobody_gets_a_question_twice(organiser: Person) -> None:
    bank(organiser, "a", "b", "c")
    candidate, interviewer = factories.candidate(), factories.interviewer()
    seen = {shown(interview(candidate, interviewer, days=n)).kit_id for n in range(3)}
    assert len(seen) == 3
    with pytest.raises(Conflict, match="No question fits"):
        shown(interview(candidate, interviewer, days=3))
    stranger = factories.stranger()
    assert shown(interview(stranger, interviewer, days=4)).kit_id in seen


def test_the_least_used_come_first(organiser: Person) -> None:
    ids = bank(organiser, *"abcdef")
    interviewer = factories.interviewer()
    for number in range(5):
        who = people.Character(f"c{number}", f"c{number}@people.example", "UTC")
        shown(interview(factories.candidate(who), interviewer, days=number), ids["a"])
    later = interview(factories.stranger(), interviewer, days=9)
    stock, recent = query.stock(later, now=later.start_at)
    assert recent == 5
    assert {one.key: one.uses for one in stock} == dict.fromkeys("bcdef", 0) | {"a": 5}


def test_who_chose_it_never_gets_it_as_a_candidate(organiser: Person) -> None:
    ids = bank(organiser, "a")
    both = factories.interviewer(also=("candidate",))
    kits.choose(interview(factories.candidate(), both).id, by=both.id, now=clock.now())
    other = factories.interviewer(people.Character("Mara", "mara@people.example", "UTC"))
    mine = interview(both, other, days=1)
    with pytest.raises(Conflict, match="No question fits"):
        kits.choose(mine.id, by=other.id, kit_id=ids["a"], now=mine.start_at)


def test_it_can_be_changed_until_it_is_shown(organiser: Person) -> None:
    ids = bank(organiser, "a", "b")
    booking = interview(factories.candidate(), factories.interviewer())
    by, now = booking.interviewer_id, booking.start_at
    first = kits.choose(booking.id, by=by, kit_id=ids["a"], now=now).kit_id
    assert kits.choose(booking.id, by=by, now=now).kit_id != first, "another one"
    kits.reveal(booking.id, by=by, now=now)
    kits.reveal(booking.id, by=by, now=now + timedelta(minutes=1))
    choice = db.session.get(KitChoice, booking.id)
    assert choice is not None
    assert choice.revealed_at == now
    with pytest.raises(Conflict, match="has this question already"):
        kits.choose(booking.id, by=by, now=now)
    seen = select(func.count()).where(KitExposure.side == "candidate")
    assert db.session.scalar(seen) == 1, "what was only chosen was not seen"


def test_only_its_interviewer_and_only_around_the_interview(organiser: Person) -> None:
    bank(organiser, "a")
    booking = interview(factories.candidate(), factories.interviewer(), days=1)
    by = booking.interviewer_id
    with pytest.raises(Conflict, match="Choose a question first"):
        kits.reveal(booking.id, by=by, now=booking.start_at)
    with pytest.raises(NotYours):
        kits.choose(booking.id, by=booking.candidate_id, now=booking.start_at)
    kits.choose(booking.id, by=by, now=booking.start_at)
    with pytest.raises(TooEarly):
        kits.reveal(booking.id, by=by, now=booking.start_at - timedelta(minutes=16))
    with pytest.raises(TooLate):
        kits.reveal(booking.id, by=by, now=booking.end_at + timedelta(hours=4))
    with pytest.raises(TooLate):
        kits.choose(booking.id, by=by, now=booking.end_at + timedelta(minutes=1))


def test_two_candidates_who_knew_it_take_it_out_of_use(organiser: Person) -> None:
    ids = bank(organiser, "a", "b")
    interviewer = factories.interviewer()
    for number in range(2):
        who = people.Character(f"c{number}", f"c{number}@people.example", "UTC")
        booking = interview(factories.candidate(who), interviewer, days=number)
        shown(booking, ids["a"])
        for _ in range(2):
            kits.flag(booking.id, "seen", by=interviewer.id, now=booking.start_at)
    row = query.one(ids["a"])
    assert row is not None
    assert row.state == "resting"
    with pytest.raises(Invalid, match="where you found it"):
        kits.flag(booking.id, "link", by=interviewer.id, now=booking.start_at)
    kits.move(ids["a"], "active", by=organiser.id, now=booking.start_at)
    assert all(flag.settled_at is not None for flag, _name in query.flags(ids["a"]))


def test_a_draft_is_let_in_by_somebody_else_and_used_before_it_is_active(
    organiser: Person,
) -> None:
    now = clock.now()
    [row] = kits.take_in(made_kits("a"), by=organiser.id, now=now)
    with pytest.raises(Conflict, match="Somebody else has to read it"):
        kits.move(row.id, "pilot", by=organiser.id, now=now)
    second = factories.organiser(people.Character("Lea", "lea@people.example", "UTC"), now=now)
    assert kits.move(row.id, "pilot", by=second.id, now=now).reviewer_id == second.id
    with pytest.raises(Conflict, match="Use it in one interview first"):
        kits.move(row.id, "active", by=second.id, now=now)
    shown(interview(factories.candidate(), factories.interviewer()), row.id)
    assert kits.move(row.id, "active", by=second.id, now=now).state == "active"


def test_a_version_never_changes(organiser: Person) -> None:
    now = clock.now()
    [first] = kits.take_in(made_kits("a"), by=organiser.id, now=now)
    [again] = kits.take_in(made_kits("a"), by=organiser.id, now=now)
    assert again.id == first.id
    with pytest.raises(Conflict, match="Raise the version"):
        kits.take_in(made_kits("a", title="Another"), by=organiser.id, now=now)
    [newer] = kits.take_in(made_kits("a", title="Another", version=2), by=organiser.id, now=now)
    assert [one.version for one in query.versions("a")] == [newer.version, first.version]


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", '{"track": "cooking", "kits": [{}]}'])
def test_what_is_no_kit_is_refused_and_nothing_is_taken_in(organiser: Person, text: str) -> None:
    with pytest.raises(Invalid):
        kits.take_in(text, by=organiser.id, now=clock.now())
    broken = made_kits("a", "b").replace('"Question b"', '""')
    with pytest.raises(Invalid, match="title is missing"):
        kits.take_in(broken, by=organiser.id, now=clock.now())
    assert db.session.scalar(select(func.count()).select_from(QuestionKit)) == 0


def test_what_comes_with_mockint_is_put_in_once(organiser: Person) -> None:
    now = clock.now()
    assert kits.publish_builtin(now=now) >= 16
    assert kits.publish_builtin(now=now) == 0


@pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
def test_shown_twice_at_once_it_counts_once(app: Flask, organiser: Person) -> None:
    bank(organiser, "a")
    booking = interview(factories.candidate(), factories.interviewer())
    by, now, booking_id = booking.interviewer_id, booking.start_at, booking.id
    kits.choose(booking_id, by=by, now=now)
    db.session.commit()
    at_once(app, [lambda: kits.reveal(booking_id, by=by, now=now)] * 4)
    seen = select(func.count()).where(KitExposure.side == "candidate")
    assert db.session.scalar(seen) == 1
