"""A result is shown, and can be decided on, before it is compared with what else could be had."""

from __future__ import annotations

from datetime import datetime

import pytest

from mockint.db import db
from mockint.domain.round.states import Job, State
from mockint.models import RoundResult
from mockint.queries import round as round_query
from mockint.services.outbox import LEASE
from mockint.services.round import comparing, publishing, review, solving, work
from mockint.services.round.work import Hand
from tests.integration.rounds.conftest import CLOSED, NOW, Round, candidate, hours, interviewer
from tests.support.rounds import shown_only

pytestmark = pytest.mark.usefixtures("db_session", "sound")


@pytest.fixture
def shown(week: Round) -> Round:
    """A result that nobody has compared yet."""
    for number in (1, 2):
        week.asks(candidate(number), hours(0, 9, 10))
    week.gives(interviewer(1), 1)
    week.close()
    shown_only(week.id, by=week.by, now=CLOSED)
    return week


def _job(week: Round) -> Job | None:
    found = round_query.progress(week.id)
    assert found is not None
    return found.job


def _compared(week: Round) -> bool:
    found = round_query.review(week.id)
    assert found is not None
    return found.price is not None


def test_a_result_is_there_before_it_is_compared(shown: Round) -> None:
    found = round_query.review(shown.id)
    assert found is not None
    assert (found.card.state, found.card.job, found.matched) == (State.SOLVED, None, 1)
    assert (found.price, found.curve, found.parity) == (None, [], [])
    assert _job(shown) is Job.COMPARING


def test_another_worker_compares_what_a_killed_one_left(shown: Round) -> None:
    assert not solving.solve_due(CLOSED)  # it may still live
    assert solving.solve_due(CLOSED + 2 * LEASE)
    assert _compared(shown)
    assert _job(shown) is None


def test_it_is_not_compared_once_another_result_would_come_of_it(shown: Round) -> None:
    shown.gives(interviewer(2), 1)
    before = db.session.get_one(RoundResult, shown.id).figures
    assert solving.solve_due(CLOSED + 2 * LEASE)
    assert db.session.get_one(RoundResult, shown.id, populate_existing=True).figures == before
    assert _job(shown) is None


@pytest.mark.parametrize("when", [CLOSED, CLOSED + 2 * LEASE])
def test_it_holds_nobody_up(shown: Round, when: datetime) -> None:
    review.accept(shown.id, by=shown.by, now=when)
    publishing.start(shown.id, by=shown.by, now=when)
    assert _job(shown) is Job.PUBLISHING
    assert publishing.publish_due(when)
    found = round_query.review(shown.id)
    assert found is not None
    assert (found.card.state, found.price) == (State.PUBLISHED, None)
    assert not solving.solve_due(when)


def test_whoever_compares_hears_that_something_else_is_asked(week: Round) -> None:
    week.asks(candidate(1), hours(0, 9, 10))
    week.gives(interviewer(1), 1)
    week.close()
    solving.start(week.id, by=week.by, now=NOW)
    claimed = work.claim(Job.SOLVING, now=NOW)
    assert claimed is not None

    class Overtaken(Hand):
        def note(self, share: float, words: str) -> None:
            if words == comparing.GROUPS and _job(week) is Job.COMPARING:
                solving.start(week.id, by=week.by, now=NOW)
            super().note(share, words)

    assert solving.run(Overtaken(claimed, now=NOW), solving.solve)
    assert not _compared(week)
    assert _job(week) is Job.SOLVING
    assert solving.solve_due(NOW)
    assert _compared(week)
