"""A round from its draft to published interviews, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.errors import Conflict, Invalid, NotYours
from mockint.domain.round.states import MatchState, State
from mockint.models import Booking, MatchingRound, OutboxMessage, Person, RoundMatch, RoundRequest
from mockint.queries import round as round_query
from mockint.services import booking, holds
from mockint.services.matching import Wanted
from mockint.services.round import asking, pairs, publishing, review, rounds, solving
from tests.integration.rounds.conftest import (
    CLOSED,
    NOW,
    Round,
    candidate,
    hours,
    interviewer,
    planned,
)

pytestmark = pytest.mark.usefixtures("db_session", "sound")


def matched(week: Round) -> dict[int, tuple[int, str]]:
    rows = db.session.scalars(select(RoundMatch).where(RoundMatch.round_id == week.id))
    return {row.candidate_id: (row.interviewer_id, row.state) for row in rows}


def state(week: Round) -> str:
    return db.session.get_one(MatchingRound, week.id, populate_existing=True).state


def mails(kind: str) -> list[int | None]:
    query = select(OutboxMessage.person_id).where(OutboxMessage.kind == kind)
    return sorted(db.session.scalars(query))


def test_a_round_is_planned_solved_and_published(week: Round, amina: Person) -> None:
    one, two, three = (candidate(number) for number in range(3))
    jonas = interviewer(1)
    for who in (one, two, three):
        week.asks(who, hours(0, 9, 11))
    week.gives(jonas, 5)
    week.close()
    week.solve()
    assert state(week) == "solved"
    shown = round_query.review(week.id)
    assert shown is not None
    assert (shown.asked, shown.matched, shown.status, shown.gap) == (3, 2, "optimal", 0.0)
    assert [point.price for point in shown.curve] == [0, 2, 5, 10]
    assert [(one.by, one.asked, one.matched, one.best) for one in shown.parity] == [
        (by, 3, 2, 2) for by in ("track", "level", "zone", "language")
    ]
    assert [(one.name, one.served) for one in shown.hours] == []
    week.publish()
    assert state(week) == "published"
    made = db.session.scalars(select(Booking).where(Booking.state == "confirmed")).all()
    assert {each.interviewer_id for each in made} == {jonas.id}
    assert sorted(each.start_at for each in made) == [hours(0, 9, 10).start, hours(0, 10, 11).start]
    assert not any(each.chosen for each in made)
    assert all(each.reason for each in made)
    served = {each.candidate_id for each in made}
    (left,) = {one.id, two.id, three.id} - served
    assert mails("round-result") == [left]
    assert len(mails("invitation")) == 4
    mine = round_query.candidate_round(week.id, left, now=CLOSED)
    assert mine is not None
    assert mine.outcome is not None
    assert mine.outcome.why is not None
    assert mine.outcome.why.params == {"count": 2}
    assert mine.outcome.competed
    assert hours(0, 11, 12).start in {one.start for one in mine.outcome.extra}


def test_opening_asks_the_interviewers_of_its_tracks_and_reminds_who_does_not_answer(
    amina: Person,
) -> None:
    asked = interviewer(1)
    interviewer(2, tracks=("testing",))
    interviewer(3, state="applied")
    week = Round(amina.id)
    assert mails("round-opened") == [asked.id]
    assert mails("round-closing") == [asked.id]
    shown = round_query.desk(week.id)
    assert shown is not None
    assert shown.invited == 1


def test_a_round_closes_when_its_time_has_passed(week: Round) -> None:
    assert rounds.close_due(now=CLOSED - timedelta(hours=1)) == 0
    assert rounds.close_due(now=CLOSED) == 1
    assert state(week) == "closed"
    with pytest.raises(Conflict, match="closed"):
        week.asks(candidate(1), hours(0, 9, 11))


def test_who_gives_cannot_ask_and_who_asks_cannot_give(week: Round) -> None:
    both = interviewer(1)
    other = candidate(2)
    week.gives(both, 2)
    with pytest.raises(NotYours):
        asking.ask(week.id, 999, track="coding", level="mid", windows=[hours(0, 9, 11)], now=NOW)
    with pytest.raises(NotYours):
        week.gives(other, 2)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "  "}),
        ("zone", {"zone": "Europe/Atlantis"}),
        ("last_on", {"last_on": planned().first_on - timedelta(days=1)}),
        ("last_on", {"last_on": planned().first_on + timedelta(days=28)}),
        ("duration_min", {"duration_min": 50}),
        ("tracks", {"tracks": ()}),
        ("closes_at", {"closes_at": NOW}),
        ("closes_at", {"closes_at": CLOSED + timedelta(days=7)}),
    ],
)
def test_a_plan_that_cannot_be_names_its_field(
    amina: Person, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        rounds.draft(planned(**changes), by=amina.id, now=NOW)
    assert refused.value.field == field


def test_windows_lie_inside_the_round_on_the_grid_and_have_room(week: Round) -> None:
    who = candidate(1)
    odd = hours(0, 9, 11)
    for wrong in (
        [],
        [hours(-1, 9, 11)],
        [hours(7, 9, 11)],
        [type(odd)(odd.start + timedelta(minutes=5), odd.end)],
        [type(odd)(odd.start, odd.start + timedelta(minutes=45))],
    ):
        with pytest.raises(Invalid) as refused:
            week.asks(who, *wrong)
        assert refused.value.field == "windows"
    halves = (hours(0, 9, 10), hours(0, 10, 11))
    week.asks(who, *halves)
    kept = db.session.get_one(RoundRequest, (week.id, who.id)).windows
    assert len(kept) == 1


def test_a_pin_is_kept_a_forbidden_pair_is_not_made_and_a_change_needs_another_look(
    week: Round, amina: Person
) -> None:
    one, two = candidate(1), candidate(2)
    jonas, mara = interviewer(1), interviewer(2)
    for who in (one, two):
        week.asks(who, hours(0, 9, 10))
    for giver in (jonas, mara):
        week.gives(giver, 1)
    week.close()
    week.solve()
    review.accept(week.id, by=amina.id, now=CLOSED)
    pairs.pin(week.id, one.id, mara.id, by=amina.id, now=CLOSED)
    assert state(week) == "solved"
    with pytest.raises(Conflict, match="Solve it again"):
        review.accept(week.id, by=amina.id, now=CLOSED)
    week.solve()
    assert {who: to for who, (to, _) in matched(week).items()} == {
        one.id: mara.id,
        two.id: jonas.id,
    }
    pairs.pin(week.id, one.id, jonas.id, by=amina.id, now=CLOSED)
    pairs.forbid(week.id, two.id, mara.id, by=amina.id, now=CLOSED)
    week.solve()
    assert {who: to for who, (to, _) in matched(week).items()} == {one.id: jonas.id}
    shown = round_query.review(week.id)
    assert shown is not None
    assert {(line.kind, line.kept) for line in shown.pairs} == {("pin", True), ("forbid", True)}
    pairs.unset(week.id, two.id, mara.id, by=amina.id, now=CLOSED)
    week.solve()
    assert len(matched(week)) == 2


def test_what_is_booked_by_hand_meanwhile_is_respected_and_reported(
    week: Round, amina: Person
) -> None:
    one, two, third = candidate(1), candidate(2), candidate(3)
    jonas = interviewer(1)
    for who in (one, two):
        week.asks(who, hours(0, 9, 11))
    week.gives(jonas, 5)
    week.close()
    week.solve()
    review.accept(week.id, by=amina.id, now=CLOSED)
    wanted = Wanted("coding", "mid", 60, hours(0, 9, 10).start, jonas.id)
    held = holds.hold(third.id, wanted, now=CLOSED)
    booking.confirm(held.id, candidate_id=third.id, now=CLOSED)
    publishing.start(week.id, by=amina.id, now=CLOSED)
    assert publishing.publish_due(CLOSED)
    failed, total = round_query.matches(week.id, failed=True)
    assert total == 1
    assert failed[0].failure is not None
    assert "just taken" in failed[0].failure.text()
    assert mails("round-result") == [failed[0].candidate_id]
    booking.cancel(held.id, by=amina.id, side="organiser", reason="Moved.", now=CLOSED)
    publishing.retry(week.id, by=amina.id, now=CLOSED)
    assert publishing.publish_due(CLOSED)
    assert {how for _, how in matched(week).values()} == {MatchState.BOOKED}
    assert state(week) == State.PUBLISHED


def test_solving_again_reads_the_supply_anew(week: Round) -> None:
    one, third = candidate(1), candidate(3)
    jonas = interviewer(1)
    week.asks(one, hours(0, 9, 10))
    week.gives(jonas, 5)
    week.close()
    week.solve()
    assert len(matched(week)) == 1
    wanted = Wanted("coding", "mid", 60, hours(0, 9, 10).start, jonas.id)
    held = holds.hold(third.id, wanted, now=CLOSED)
    booking.confirm(held.id, candidate_id=third.id, now=CLOSED)
    week.solve()
    assert matched(week) == {}
    (line,), _ = round_query.unmatched(week.id)
    assert line.kind == "no_option"
    assert "inside the times you marked" in line.why.text()


def test_publishing_twice_is_publishing_once(week: Round, amina: Person) -> None:
    one = candidate(1)
    week.asks(one, hours(0, 9, 10))
    week.gives(interviewer(1), 5)
    week.close()
    week.solve()
    week.publish()
    publishing.start(week.id, by=amina.id, now=CLOSED)
    assert not publishing.publish_due(CLOSED)
    assert len(db.session.scalars(select(Booking)).all()) == 1


def test_withdrawing_before_it_is_published_gives_the_place_back(week: Round) -> None:
    one = candidate(1)
    week.asks(one, hours(0, 9, 10))
    week.gives(interviewer(1), 5)
    week.close()
    week.solve()
    asking.withdraw(week.id, one.id, now=CLOSED)
    asking.withdraw(week.id, one.id, now=CLOSED)
    assert matched(week) == {}
    shown = round_query.desk(week.id)
    assert shown is not None
    assert shown.stale
    assert shown.card.asked == 0


def test_choosing_a_price_of_load_solves_again(week: Round, amina: Person) -> None:
    people = [candidate(number) for number in range(2)]
    for who in people:
        week.asks(who, hours(0, 9, 12))
    for number in (1, 2):
        week.gives(interviewer(number, company="" if number == 1 else "Two"), 2)
    week.close()
    week.solve()
    solving.choose_load_price(week.id, 10, by=amina.id, now=CLOSED)
    assert solving.solve_due(CLOSED)
    shown = round_query.review(week.id)
    assert shown is not None
    assert (shown.load_price, shown.stale) == (10, False)
    assert len({to for to, _ in matched(week).values()}) == 2
    with pytest.raises(Invalid):
        solving.choose_load_price(week.id, 3, by=amina.id, now=CLOSED)


def test_a_round_can_be_reopened_archived_and_a_draft_discarded(week: Round, amina: Person) -> None:
    week.close()
    week.solve()
    rounds.reopen(week.id, CLOSED + timedelta(hours=1), by=amina.id, now=CLOSED)
    assert state(week) == "open"
    assert round_query.review(week.id) is None
    rounds.close(week.id, by=amina.id, now=CLOSED)
    rounds.archive(week.id, by=amina.id, now=CLOSED)
    assert round_query.cards() == []
    draft = rounds.draft(planned(), by=amina.id, now=NOW)
    with pytest.raises(Conflict):
        rounds.discard(week.id, by=amina.id, now=NOW)
    rounds.discard(draft, by=amina.id, now=NOW)
    assert [card.id for card in round_query.cards(archived=True)] == [week.id]


def test_the_database_refuses_a_round_that_nobody_published(week: Round) -> None:
    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError, match="published_by_somebody"), transaction():
        db.session.get_one(MatchingRound, week.id).state = "published"
