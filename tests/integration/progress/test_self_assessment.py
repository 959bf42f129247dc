"""The candidate's own view: kept until the release, closed from then on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockint.db import db
from mockint.domain.errors import Conflict, Invalid, NotYours, TooEarly, TooLate
from mockint.models import SelfAssessment
from mockint.queries import selfviews
from mockint.services import departure, feedback, interview, rubric, self_assessment
from tests import factories
from tests.support import feedback as given

START = datetime(2026, 9, 14, 13, 0, tzinfo=UTC)
BEFORE = START - timedelta(days=2)
END = START + timedelta(hours=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def booking(db_session):
    rubric.publish_default(now=BEFORE)
    candidate, interviewer = factories.candidate(now=BEFORE), factories.interviewer(now=BEFORE)
    return factories.booking(candidate, interviewer, start=START, now=BEFORE)


def say(booking, *, now=END, by=None, **scores):
    self_assessment.say(booking.id, by=by or booking.candidate_id, scores=scores, now=now)


def test_what_was_said_is_replaced_and_skipped_dimensions_have_no_row(booking):
    say(booking, framing=4, approach=3)
    say(booking, framing=2, verification=1)
    assert selfviews.of_booking(booking.id) == {"framing": 2, "verification": 1}
    assert selfviews.of_person(booking.candidate_id) == {
        booking.id: {"framing": 2, "verification": 1}
    }
    row = db.session.get_one(SelfAssessment, (booking.id, "framing"))
    assert len(row.anchor_hash) == 64


def test_it_opens_at_the_end_and_for_its_candidate_only(booking):
    with pytest.raises(TooEarly):
        say(booking, now=END - HOUR / 60, framing=3)
    for by in (booking.interviewer_id, factories.organiser(now=BEFORE).id):
        with pytest.raises(NotYours):
            say(booking, by=by, framing=3)
    assert selfviews.of_booking(booking.id) == {}


@pytest.mark.parametrize("scores", [{}, {"framing": 5}, {"framing": 0}, {"charm": 3}])
def test_only_points_of_known_dimensions_count(booking, scores):
    with pytest.raises(Invalid):
        say(booking, **scores)


def test_it_is_closed_by_the_release_and_not_before(booking):
    given.submitted(booking, now=END)
    feedback.release_due(now=END + 2 * HOUR)
    say(booking, now=END + 3 * HOUR, framing=3)
    given.rated(booking, now=END + 4 * HOUR)
    with pytest.raises(TooLate):
        say(booking, now=END + 4 * HOUR, framing=1)
    feedback.acknowledge(booking.id, candidate_id=booking.candidate_id, now=END + 5 * HOUR)
    with pytest.raises(TooLate):
        say(booking, now=END + 6 * HOUR, framing=1)
    assert selfviews.of_booking(booking.id) == {"framing": 3}


def test_an_absence_leaves_nothing_to_score(booking):
    interview.report(booking.id, by=booking.candidate_id, report="absent", now=END)
    with pytest.raises(Conflict):
        say(booking, framing=3)


def test_a_deleted_account_takes_it_along(booking):
    say(booking, framing=3)
    departure.delete_account(booking.candidate_id, reason="", now=END + HOUR)
    assert selfviews.of_booking(booking.id) == {}
