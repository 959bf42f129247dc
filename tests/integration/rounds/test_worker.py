"""Rounds in the hands of a worker: cancelled, killed, taken up again, two at once."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from mockint import clock
from mockint.db import db, transaction
from mockint.domain.errors import Conflict
from mockint.domain.round.solution import Cancelled
from mockint.domain.round.states import Job
from mockint.domain.timespan import Span
from mockint.models import Booking, MatchingRound, OutboxMessage, Person, RoundMatch, RoundResult
from mockint.queries import round as round_query
from mockint.queries import verify
from mockint.services.outbox import LEASE
from mockint.services.round import asking, publishing, review, rounds, solving, work
from mockint.services.round.work import Hand, Lost
from mockint.settings import Settings
from tests import factories
from tests.integration.rounds.conftest import CLOSED, Round, candidate, hours, interviewer
from tests.support.commands import running, until
from tests.support.smtp import MailServer

pytestmark = pytest.mark.usefixtures("db_session")
over_postgres = pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
PEOPLE = 60


@dataclass
class Crowd:
    week: Round
    people: list[Person]


@pytest.fixture
def crowd(app: Flask) -> Crowd:
    """Sixty candidates with a place each, in a week that is ahead by the real clock."""
    now = clock.now()
    first = (now + timedelta(days=7)).date()
    midnight = datetime.combine(first, time(), UTC)
    week = Round(
        factories.organiser(now=now).id,
        now=now,
        zone="UTC",
        first_on=first,
        last_on=first + timedelta(days=4),
        closes_at=midnight - timedelta(hours=1),
    )
    people = [candidate(number, now=now) for number in range(PEOPLE)]
    for who in people:
        week.asks(who, Span(midnight, midnight + timedelta(days=5)))
    for number in range(10):
        week.gives(interviewer(number, now=now), 6)
    week.close()
    return Crowd(week, people)


def states_of(round_id: int) -> dict[str, int]:
    db.session.rollback()
    query = (
        select(RoundMatch.state, func.count())
        .where(RoundMatch.round_id == round_id)
        .group_by(RoundMatch.state)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def state(round_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(MatchingRound, round_id, populate_existing=True).state


def require_booked_once(crowd: Crowd) -> None:
    """Everybody has one interview and one invitation, and so has who gives it."""
    assert states_of(crowd.week.id) == {"booked": PEOPLE}
    booked = db.session.scalars(select(Booking)).all()
    assert {one.state for one in booked} == {"confirmed"}
    assert sorted(one.candidate_id for one in booked) == sorted(who.id for who in crowd.people)
    told = db.session.scalars(
        select(OutboxMessage.booking_id).where(OutboxMessage.kind == "invitation")
    ).all()
    assert sorted(told) == sorted([one.id for one in booked] * 2)
    assert list(verify.violations(now=clock.now())) == []


@over_postgres
def test_a_worker_killed_while_it_publishes_books_nothing_twice_and_loses_nothing(
    crowd: Crowd, settings: Settings, smtp: MailServer, redis_url: str, tmp_path: Path
) -> None:
    week, now = crowd.week, clock.now()
    log = tmp_path / "worker.log"
    solving.start(week.id, by=week.by, now=now)
    with running(settings, log, "worker") as process:
        until(lambda: state(week.id) == "solved", "it is solved")
        review.accept(week.id, by=week.by, now=now)
        publishing.start(week.id, by=week.by, now=now)
        until(lambda: states_of(week.id).get("booked", 0) >= 5, "some are booked")
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    done = states_of(week.id)
    assert 5 <= done["booked"] < PEOPLE
    assert state(week.id) == "reviewed"
    with running(settings, log, "worker"):
        until(lambda: state(week.id) == "published", "another took it up", patience_s=80)
    require_booked_once(crowd)


def test_two_workers_that_publish_at_once_book_everybody_once(app: Flask, crowd: Crowd) -> None:
    """The second one believes that the first is dead."""
    week, now = crowd.week, clock.now()
    week.solve(now)
    review.accept(week.id, by=week.by, now=now)
    publishing.start(week.id, by=week.by, now=now)
    both = threading.Barrier(2)

    def publish(late: timedelta) -> bool:
        with app.app_context():
            claimed = work.claim(Job.PUBLISHING, now=now + late)
            both.wait(30)
            if claimed is None:
                return False
            return solving.run(Hand(claimed, now=now), publishing.book_all)

    db.session.rollback()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(publish, timedelta())
        second = pool.submit(publish, 2 * LEASE)
        assert first.result() or second.result()
    while publishing.publish_due(clock.now() + 3 * LEASE):
        pass
    require_booked_once(crowd)


def test_a_cancelled_job_leaves_what_was_there(week: Round) -> None:
    week.asks(candidate(1), hours(0, 9, 10))
    week.gives(interviewer(1), 1)
    week.close()
    week.solve()
    before = db.session.get_one(RoundResult, week.id).digest
    solving.start(week.id, by=week.by, now=CLOSED)
    claimed = work.claim(Job.SOLVING, now=CLOSED)
    assert claimed is not None
    solving.cancel(week.id, by=week.by, now=CLOSED)
    told = threading.Event()

    def until_cancelled(hand: Hand) -> None:
        for _ in range(200):
            hand.note(0.4, "At it.")
            told.wait(0.05)

    db.session.rollback()
    assert solving.run(Hand(claimed, now=CLOSED), until_cancelled)
    at = round_query.progress(week.id)
    assert at is not None
    assert (at.job, at.cancelling, at.trouble) == (None, False, "It was cancelled.")
    assert db.session.get_one(RoundResult, week.id, populate_existing=True).digest == before
    assert not solving.solve_due(CLOSED)


def test_what_nobody_has_begun_is_cancelled_at_once(week: Round) -> None:
    week.close()
    solving.start(week.id, by=week.by, now=CLOSED)
    solving.cancel(week.id, by=week.by, now=CLOSED)
    at = round_query.progress(week.id)
    assert at is not None
    assert (at.job, at.cancelling, at.trouble) == (None, False, "It was cancelled.")
    assert not solving.solve_due(CLOSED)


def test_what_was_published_halfway_can_only_be_published(week: Round) -> None:
    people = [candidate(1), candidate(2)]
    for who in people:
        week.asks(who, hours(0, 9, 11))
    week.gives(interviewer(1), 2)
    week.close()
    week.solve()
    review.accept(week.id, by=week.by, now=CLOSED)
    publishing.start(week.id, by=week.by, now=CLOSED)
    claimed = work.claim(Job.PUBLISHING, now=CLOSED)
    assert claimed is not None
    hand = Hand(claimed, now=CLOSED)

    def one_only(share: float, words: str) -> None:
        if share > 0:
            raise Cancelled

    hand.note = one_only  # type: ignore[method-assign]  # somebody cancels between two matches
    assert solving.run(hand, publishing.book_all)
    assert states_of(week.id) == {"booked": 1, "proposed": 1}
    for change in (
        lambda: solving.start(week.id, by=week.by, now=CLOSED),
        lambda: review.reconsider(week.id, by=week.by, now=CLOSED),
        lambda: rounds.archive(week.id, by=week.by, now=CLOSED),
        lambda: asking.withdraw(week.id, people[0].id, now=CLOSED),
    ):
        with pytest.raises(Conflict, match="booked already"):
            change()
    publishing.start(week.id, by=week.by, now=CLOSED)
    assert publishing.publish_due(CLOSED)
    assert state(week.id) == "published"
    assert states_of(week.id) == {"booked": 2}


def test_a_claim_is_one_workers_until_its_lease_runs_out(week: Round) -> None:
    week.close()
    solving.start(week.id, by=week.by, now=CLOSED)
    first = work.claim(Job.SOLVING, now=CLOSED)
    assert first is not None
    assert work.claim(Job.SOLVING, now=CLOSED + LEASE / 2) is None
    assert work.claim(Job.PUBLISHING, now=CLOSED + 2 * LEASE) is None
    second = work.claim(Job.SOLVING, now=CLOSED + 2 * LEASE)
    assert second is not None
    assert second.key != first.key
    with pytest.raises(Lost), transaction():
        Hand(first, now=CLOSED).end()
    with transaction():
        Hand(second, now=CLOSED).end()


def test_progress_is_seen_by_others_while_it_goes_on(week: Round) -> None:
    week.close()
    solving.start(week.id, by=week.by, now=CLOSED)
    claimed = work.claim(Job.SOLVING, now=CLOSED)
    assert claimed is not None
    db.session.rollback()
    with Hand(claimed, now=CLOSED) as hand:
        hand.note(0.25, "Halfway to half.")

        def seen() -> bool:
            db.session.rollback()
            at = round_query.progress(week.id)
            return at is not None and (at.share, at.words) == (0.25, "Halfway to half.")

        until(seen, "the page shows it")
        db.session.rollback()
        solving.cancel(week.id, by=week.by, now=CLOSED)

        def stops() -> bool:
            try:
                hand.note(0.3, "On.")
            except Cancelled:
                return True
            return False

        until(stops, "the worker notices")


def test_solving_the_same_rows_gives_the_same_bytes(week: Round) -> None:
    for number in range(6):
        week.asks(candidate(number), hours(0, 9, 11), hours(1, 9, 12))
    for number in range(2):
        week.gives(interviewer(number), 2)
    week.close()
    week.solve()
    kept = (round_query.instance_file(week.id), round_query.result_file(week.id))
    week.solve()
    assert (round_query.instance_file(week.id), round_query.result_file(week.id)) == kept
