"""What surrounds feedback on a database: ratings, attendance, progress."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain.errors import Conflict, Invalid, NotYours, TooEarly
from mockint.domain.feedback import OverallPart
from mockint.models import InterviewerRating, PrivateReport
from mockint.queries import feedback as query
from mockint.queries import interviews, progress
from mockint.services import feedback, interview
from mockint.services import progress as progress_service
from tests import factories
from tests.support import feedback as given
from tests.support.drafts import BEFORE, END, HOUR, MINUTE, START, mails, owe_mail, row, save

# Ratings


def test_a_rating_is_given_once_after_the_end(booking):
    with pytest.raises(TooEarly):
        given.rated(booking, now=END - MINUTE)
    given.rated(booking, now=END, points=4)
    given.rated(booking, now=END + MINUTE, points=2)
    assert db.session.get(InterviewerRating, booking.id).clarity == 4
    assert db.session.scalar(select(PrivateReport)) is None


@pytest.mark.parametrize("ratings", [{}, {"clarity": 3}, {"clarity": 0}])
def test_a_rating_needs_four_answers(booking, ratings):
    with pytest.raises(Invalid):
        feedback.rate(booking.id, by=booking.candidate_id, ratings=ratings, now=END)
    assert db.session.get(InterviewerRating, booking.id) is None


def test_a_one_on_respect_opens_a_private_report(booking):
    given.rated(booking, now=END, points=1, report="Laughed at my accent.")
    assert db.session.scalar(select(PrivateReport)).text == "Laughed at my accent."


def test_only_the_candidate_rates(cast):
    _candidate, interviewer, booking = cast
    ratings = dict.fromkeys(("clarity", "realism", "help", "respect"), 4)
    with pytest.raises(NotYours):
        feedback.rate(booking.id, by=interviewer.id, ratings=ratings, now=END)


def test_the_interviewer_hears_means_from_five_on_and_no_late_ones(cast):
    _candidate, interviewer, _booking = cast
    for number in range(6):
        other = factories.candidate(name=f"C{number}", email=f"c{number}@people.example")
        at = START + timedelta(days=number + 1)
        one = factories.booking(other, interviewer, start=at, now=BEFORE)
        if number == 0:
            given.submitted(one, now=at + HOUR)
            feedback.release_due(now=at + 50 * HOUR)
            given.rated(one, now=at + 51 * HOUR, points=1)
        else:
            given.rated(one, now=at + 2 * HOUR, points=3, comment=f"Number {number}")
        heard = query.echo(interviewer.id)
        assert (heard is None) == (number < 5)
    assert heard.count == 5
    assert heard.means["help"] == 3.0


# Attendance


def test_an_absence_ends_the_mails_and_the_feedback(cast):
    _candidate, interviewer, booking = cast
    owe_mail(booking, "feedback-nudge", "rate-interviewer")
    with pytest.raises(TooEarly):
        interview.report(booking.id, by=interviewer.id, report="absent", now=START + 9 * MINUTE)
    interview.report(booking.id, by=interviewer.id, report="absent", now=START + 10 * MINUTE)
    assert set(mails(booking).values()) == {"suppressed"}
    assert query.owed_count(interviewer.id, now=END) == 0
    with pytest.raises(Conflict):
        save(booking, OverallPart(3, ""), 0)
    with pytest.raises(Conflict):
        given.rated(booking, now=END)


def test_a_correction_owes_them_again(cast):
    _candidate, interviewer, booking = cast
    owe_mail(booking, "feedback-nudge", "rate-interviewer")
    interview.report(booking.id, by=interviewer.id, report="absent", now=START + 10 * MINUTE)
    interview.report(booking.id, by=interviewer.id, report="attended", now=START + 12 * MINUTE)
    assert set(mails(booking).values()) == {"pending"}
    assert query.owed_count(interviewer.id, now=END) == 1


def test_each_side_reports_the_other_and_a_stranger_nobody(cast):
    candidate, interviewer, booking = cast
    interview.report(booking.id, by=candidate.id, report="attended", now=END)
    interview.report(booking.id, by=interviewer.id, report="absent", now=END)
    db.session.expire_all()
    found = interviews.one(booking.id, person_id=candidate.id)
    assert (found.booking.interviewer_attendance, found.booking.candidate_attendance) == (
        "attended", "absent",
    )  # fmt: skip
    assert found.verdict == "disputed"
    with pytest.raises(NotYours):
        interview.report(booking.id, by=factories.stranger().id, report="absent", now=END)
    with pytest.raises(Invalid):
        interview.report(booking.id, by=candidate.id, report="unknown", now=END)


def test_reports_are_final_once_the_feedback_is_released(cast):
    candidate, _interviewer, booking = cast
    given.submitted(booking, now=END)
    feedback.release_due(now=END + 48 * HOUR)
    with pytest.raises(Conflict):
        interview.report(booking.id, by=candidate.id, report="absent", now=END + 49 * HOUR)


# Progress


def test_progress_holds_released_feedback_of_interviews_that_took_place(cast):
    candidate, interviewer, booking = cast
    assert progress.of(candidate.id) == []
    given.submitted(booking, now=END, framing=2)
    assert progress.of(candidate.id) == []
    feedback.release_due(now=END + 48 * HOUR)
    (group,) = progress.of(candidate.id)
    assert group.key == "coding-mid"
    assert group.progress.weakest.dimension == "framing"
    assert progress.of(interviewer.id) == []
    found = row(booking)
    found.state = "withdrawn"
    db.session.commit()
    assert progress.of(candidate.id) == []


def test_a_practice_item_is_ticked_by_its_candidate_alone(cast):
    candidate, interviewer, booking = cast
    given.submitted(booking, now=END)
    item = row(booking).practice[0]
    with pytest.raises(NotYours):
        progress_service.tick(item.id, candidate_id=candidate.id, done=True, now=END)
    feedback.release_due(now=END + 48 * HOUR)
    with pytest.raises(NotYours):
        progress_service.tick(item.id, candidate_id=interviewer.id, done=True, now=END)
    later = END + 50 * HOUR
    progress_service.tick(item.id, candidate_id=candidate.id, done=True, now=later)
    progress_service.tick(item.id, candidate_id=candidate.id, done=True, now=later + HOUR)
    assert row(booking).practice[0].done_at == later
    progress_service.tick(item.id, candidate_id=candidate.id, done=False, now=later)
    assert row(booking).practice[0].done_at is None
