"""People who leave or rest during a round, how earlier rounds count, and what verify says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from mockint.db import db, transaction
from mockint.domain.round.states import State
from mockint.models import (
    Booking,
    MatchingRound,
    OutboxMessage,
    Person,
    RoundCapacity,
    RoundMatch,
    RoundRequest,
)
from mockint.queries import round as round_query
from mockint.queries import verify
from mockint.queries.round import history
from mockint.services import absence, booking, departure, interview
from mockint.services.round import asking
from tests import factories
from tests.integration.rounds.conftest import CLOSED, NOW, Round, candidate, hours, interviewer

pytestmark = pytest.mark.usefixtures("db_session")
DAY = timedelta(days=1)


def of_round(table: type, week: Round) -> list[object]:
    query = select(table).where(table.round_id == week.id)  # type: ignore[attr-defined]  # it has
    return list(db.session.scalars(query))


def test_who_deletes_the_account_is_in_no_round_that_is_under_way(week: Round, sound: None) -> None:
    one, two, jonas, mara = candidate(1), candidate(2), interviewer(1), interviewer(2)
    for who in (one, two):
        week.asks(who, hours(0, 9, 10))
    for giver in (jonas, mara):
        week.gives(giver, 1)
    week.close()
    week.solve()
    assert len(of_round(RoundMatch, week)) == 2
    departure.delete_account(one.id, reason="", now=CLOSED)
    departure.delete_account(jonas.id, reason="", now=CLOSED)
    assert [row.candidate_id for row in of_round(RoundRequest, week)] == [two.id]  # type: ignore[attr-defined]
    assert [row.interviewer_id for row in of_round(RoundCapacity, week)] == [mara.id]  # type: ignore[attr-defined]
    shown = round_query.desk(week.id)
    assert shown is not None
    assert shown.stale
    week.solve()
    (match,) = of_round(RoundMatch, week)
    assert (match.candidate_id, match.interviewer_id) == (two.id, mara.id)  # type: ignore[attr-defined]


def test_of_a_round_that_is_over_only_the_times_are_forgotten(week: Round, sound: None) -> None:
    one = candidate(1)
    week.asks(one, hours(0, 9, 10))
    week.gives(interviewer(1), 1)
    week.close()
    week.solve()
    week.publish()
    departure.delete_account(one.id, reason="I found work.", now=CLOSED)
    (asked,) = of_round(RoundRequest, week)
    assert asked.windows == []  # type: ignore[attr-defined]


def test_who_takes_a_break_gives_nothing_in_it(week: Round, sound: None) -> None:
    one, jonas = candidate(1), interviewer(1)
    week.asks(one, hours(0, 9, 10), hours(4, 9, 10))
    week.gives(jonas, 2)
    week.close()
    absence.pause(jonas.id, until=date(2026, 12, 3), answers={}, reason="", now=NOW)
    week.solve()
    (match,) = of_round(RoundMatch, week)
    assert match.start_at == hours(4, 9, 10).start  # type: ignore[attr-defined]


def test_one_who_has_all_the_interviews_anybody_may_have_ahead_is_told_so(week: Round) -> None:
    one, jonas = candidate(1), interviewer(1)
    week.asks(one, hours(0, 9, 10))
    week.gives(jonas, 5)
    for day in (1, 2):
        factories.booking(one, interviewer(day + 1), start=hours(day, 9, 10).start, now=NOW)
    week.close()
    week.solve()
    (line,), _ = round_query.unmatched(week.id)
    assert "as many interviews ahead" in line.why.text()
    assert line.extra == ()


def test_who_missed_a_round_comes_first_in_the_next_one(amina: Person) -> None:
    one, two, jonas = candidate(1), candidate(2), interviewer(1)
    served: list[int] = []
    for n in range(2):
        week = Round(amina.id, name=f"Week {n}")
        for who in (one, two):
            week.asks(who, hours(n, 9, 10))
        week.gives(jonas, 1)
        week.close()
        missed = {one.id, two.id} - set(served) if served else set()
        assert history.priorities(week.id, now=CLOSED) == dict.fromkeys(missed, 1)
        week.solve()
        week.publish()
        found = select(RoundMatch.candidate_id).where(RoundMatch.round_id == week.id)
        served += db.session.scalars(found)
    assert set(served) == {one.id, two.id}


def test_priority_is_lost_by_not_coming_and_not_by_cancelling(week: Round, amina: Person) -> None:
    one, jonas = candidate(1), interviewer(1)
    other = candidate(2)
    for who in (one, other):
        week.asks(who, hours(0, 9, 10))
    week.gives(jonas, 1)
    week.close()
    week.solve()
    week.publish()
    (made,) = db.session.scalars(select(Booking)).all()
    missed = other.id if made.candidate_id == one.id else one.id
    later = Round(amina.id, name="Later")
    for who in (one, other):
        later.asks(who, hours(1, 9, 10))
    assert history.priorities(later.id, now=CLOSED) == {missed: 1}
    booking.cancel(made.id, by=jonas.id, side="interviewer", reason="Ill.", now=CLOSED)
    assert history.priorities(later.id, now=CLOSED) == {one.id: 1, other.id: 1}
    after = made.end_at + DAY
    absent = factories.booking(
        db.session.get_one(Person, missed), jonas, start=hours(2, 9, 10).start, now=NOW
    )
    interview.report(absent.id, by=jonas.id, report="absent", now=after + 2 * DAY)
    assert history.priorities(later.id, now=after + 2 * DAY)[missed] == 0


def test_withdrawing_is_no_missed_round(week: Round, amina: Person) -> None:
    one, two, jonas = candidate(1), candidate(2), interviewer(1)
    for who in (one, two):
        week.asks(who, hours(0, 9, 10))
    week.gives(jonas, 1)
    week.close()
    asking.withdraw(week.id, one.id, now=NOW)
    week.solve()
    week.publish()
    later = Round(amina.id, name="Later")
    later.asks(one, hours(1, 9, 10))
    assert history.priorities(later.id, now=CLOSED) == {one.id: 0}


def test_verify_says_what_is_wrong_with_a_round(week: Round) -> None:
    one, two, jonas = candidate(1), candidate(2), interviewer(1)
    for who in (one, two):
        week.asks(who, hours(0, 9, 10))
    week.gives(jonas, 1)
    week.close()
    week.solve()
    week.publish()
    (match,) = of_round(RoundMatch, week)
    served, number = match.candidate_id, match.booking_id  # type: ignore[attr-defined]
    left = two.id if served == one.id else one.id
    with transaction():
        db.session.execute(update(RoundMatch).values(candidate_id=left))
        db.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.kind == "round-result")
            .values(key=f"round:{week.id + 1}:result:{left}")  # of another round
        )
        db.session.execute(
            update(MatchingRound).values(published_at=None, state=State.SOLVED.value)
        )
    said = [one for one in verify.violations(now=CLOSED) if one.startswith("I10")]
    assert said == [
        f"I10: booking {number} comes from round {week.id}, which nobody published.",
        f"I10: booking {number} is not the interview that round {week.id} gave person {left}.",
    ]
    with transaction():
        db.session.execute(
            update(MatchingRound).values(published_at=CLOSED, state=State.PUBLISHED.value)
        )
        db.session.execute(
            update(RoundMatch).values(candidate_id=served, booking_id=None, state="proposed")
        )
    said = [one for one in verify.violations(now=CLOSED) if one.startswith("I10")]
    assert said == [
        f"I10: round {week.id} is published, but the match of person {served} is neither booked nor"
        " refused.",
        *(
            f"I10: round {week.id} has no interview for person {who}, and no mail says so."
            for who in sorted((one.id, two.id))
        ),
    ]
