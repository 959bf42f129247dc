"""Feedback on a database: drafts that do not overwrite, the hold, the seal, the release."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain.errors import Conflict, Invalid, NotYours, TooEarly, TooLate
from mockint.domain.feedback import NotesPart, OverallPart, Practice, PracticePart, Seen, SeenPart
from mockint.models import AuditEntry, FeedbackScore, InterviewerRating, RubricSet
from mockint.queries import feedback as query
from mockint.queries import interviews
from mockint.queries import rubric as rubric_query
from mockint.services import feedback, rubric
from tests import factories
from tests.support import feedback as given
from tests.support.drafts import BEFORE, END, HOUR, MINUTE, START, mails, owe_mail, row, save, state
from tests.unit.test_rubric import CONTENT

# Publishing


def test_the_default_set_is_published_once(db_session):
    first = rubric.publish_default(now=START)
    again = rubric.publish_default(now=END)
    assert (first.id, again.published_at) == (again.id, START)
    assert len(db.session.scalars(select(RubricSet)).all()) == 1


def test_a_published_version_cannot_get_other_content(db_session):
    rubric.publish_default(now=START)
    changed = CONTENT | {"set": CONTENT["set"] | {"notes": "other"}}
    with pytest.raises(Conflict):
        rubric.publish(changed, now=END)
    raised = CONTENT | {"set": CONTENT["set"] | {"version": "1.10.0"}}
    rubric.publish(CONTENT | {"set": CONTENT["set"] | {"version": "1.9.0"}}, now=END)
    rubric.publish(raised, now=END)
    assert rubric_query.newest().version == "1.10.0"


# Drafts


def test_a_draft_begins_with_the_first_save_and_its_revision_rises(booking):
    first = save(booking, SeenPart("framing", Seen("Asked twice.", 2)), 0)
    second = save(booking, SeenPart("approach", Seen("Sorted.", 3)), first.revision)
    assert second.revision > 0
    content = query.content(row(booking))
    assert content.scores["framing"] == Seen("Asked twice.", 2)
    assert content.scores["approach"] == Seen("Sorted.", 3)


def test_a_stale_revision_is_refused_and_changes_nothing(booking):
    old = save(booking, SeenPart("framing", Seen("Asked twice.", 2)), 0).revision
    save(booking, SeenPart("framing", Seen("Asked three times.", 3)), old)
    with pytest.raises(feedback.DraftChanged) as refused:
        save(booking, SeenPart("framing", Seen("Asked once.", 1)), old)
    assert refused.value.feedback is not None
    assert query.content(row(booking)).scores["framing"].evidence == "Asked three times."


def test_saying_the_same_again_is_no_conflict(booking):
    part = SeenPart("framing", Seen("Asked twice.", 2))
    saved = save(booking, part, 0)
    assert save(booking, part, 0).revision == saved.revision


def test_each_change_raises_the_revision_even_in_one_instant(booking):
    one = save(booking, SeenPart("framing", Seen("a")), 0).revision
    two = save(booking, SeenPart("framing", Seen("b")), one).revision
    three = save(booking, NotesPart({"framing": "12' sorted"}), two).revision
    assert one < two < three


def test_a_draft_stays_on_the_version_it_was_begun_on(booking):
    save(booking, OverallPart(3, ""), 0)
    rubric.publish(CONTENT | {"set": CONTENT["set"] | {"version": "1.1.0"}}, now=END)
    assert query.draft(booking.id, author_id=booking.interviewer_id).rubric.version == "1.0.0"


def test_a_score_remembers_the_text_it_was_given_on(booking):
    save(booking, SeenPart("framing", Seen("Asked twice.", 2)), 0)
    dimension = rubric_query.current().tracks["coding"].dimensions[0]
    kept = db.session.scalar(select(FeedbackScore))
    assert kept.anchor_hash == dimension.anchor_hash(2)


def test_practice_items_are_rewritten_in_place_and_blank_ones_dropped(booking):
    first = save(booking, PracticePart((given.ITEM, Practice(gap="Other"))), 0)
    ids = [item.id for item in row(booking).practice]
    save(booking, PracticePart((Practice(focus="framing"), given.ITEM)), first.revision)
    found = row(booking)
    assert [item.gap for item in found.practice] == [given.ITEM.gap]
    assert found.practice[0].id == ids[0]


def test_the_draft_is_its_authors_alone(cast):
    candidate, _interviewer, booking = cast
    save(booking, SeenPart("framing", Seen("Asked twice.", 2)), 0)
    stranger = factories.stranger(now=BEFORE)
    for person in (candidate, stranger):
        with pytest.raises(NotYours):
            query.draft(booking.id, author_id=person.id)
        with pytest.raises(NotYours):
            feedback.save(
                booking.id, author_id=person.id, part=OverallPart(1, ""), revision=1, now=END
            )
    assert interviews.one(booking.id, person_id=candidate.id).feedback == ""
    assert not query.reading(booking.id, person_id=candidate.id, organiser=False).open


def test_an_unknown_dimension_is_refused(booking):
    with pytest.raises(Invalid):
        save(booking, SeenPart("elsewhere", Seen("x")), 0)
    assert row(booking) is None


def test_nothing_is_written_before_the_start(booking):
    with pytest.raises(TooEarly):
        save(booking, OverallPart(3, ""), 0, now=START - MINUTE)
    assert row(booking) is None


# Submitting


def test_incomplete_feedback_is_not_taken(booking):
    save(booking, OverallPart(3, ""), 0)
    with pytest.raises(feedback.Incomplete) as refused:
        feedback.submit(booking.id, author_id=booking.interviewer_id, now=END)
    assert {lack.step for lack in refused.value.lacks} >= {"framing", "summary", "practice"}
    assert state(booking) == "draft"


def test_submitting_twice_is_one_submission_and_ends_the_nudges(booking):
    owe_mail(booking, "feedback-nudge", "feedback-late")
    given.submitted(booking, now=END)
    again = feedback.submit(booking.id, author_id=booking.interviewer_id, now=END + MINUTE)
    assert again.submitted_at == END
    assert mails(booking) == {"feedback-nudge": "suppressed", "feedback-late": "suppressed"}
    audits = db.session.scalars(select(AuditEntry.action)).all()
    assert audits.count("feedback.submitted") == 1


def test_submitted_feedback_is_not_edited(booking):
    given.submitted(booking, now=END)
    with pytest.raises(Conflict):
        save(booking, OverallPart(1, ""), row(booking).revision)
    assert row(booking).recommendation == 3


def test_the_author_takes_it_back_within_the_hold_and_the_nudges_return(booking):
    owe_mail(booking, "feedback-nudge")
    given.submitted(booking, now=END)
    feedback.reopen(booking.id, author_id=booking.interviewer_id, now=END + 59 * MINUTE)
    assert state(booking) == "draft"
    assert mails(booking) == {"feedback-nudge": "pending"}


def test_after_the_hold_it_stays(booking):
    given.submitted(booking, now=END)
    with pytest.raises(TooLate):
        feedback.reopen(booking.id, author_id=booking.interviewer_id, now=END + HOUR)
    assert state(booking) == "submitted"


# Release


def test_it_is_released_when_both_have_spoken_and_the_hold_is_over(booking):
    given.submitted(booking, now=END)
    given.rated(booking, now=END + MINUTE)
    assert feedback.release_due(now=END + 59 * MINUTE) == 0
    assert feedback.release_due(now=END + HOUR) == 1
    found = row(booking)
    assert (found.state, found.sealed_at, found.released_at) == (
        "released", END + HOUR, END + HOUR,
    )  # fmt: skip
    assert mails(booking)["feedback-ready"] == "pending"
    assert feedback.release_due(now=END + 2 * HOUR) == 0


def test_a_rating_after_the_seal_releases_at_once(booking):
    given.submitted(booking, now=END)
    feedback.release_due(now=END + 2 * HOUR)
    assert state(booking) == "sealed"
    given.rated(booking, now=END + 3 * HOUR)
    assert state(booking) == "released"
    assert not db.session.get(InterviewerRating, booking.id).after_release


def test_who_never_rates_reads_it_after_the_window(booking):
    given.submitted(booking, now=END)
    assert feedback.release_due(now=END + 47 * HOUR) == 0
    assert feedback.release_due(now=END + 48 * HOUR) == 1
    given.rated(booking, now=END + 49 * HOUR)
    assert db.session.get(InterviewerRating, booking.id).after_release


def test_the_candidate_sees_nothing_before_the_release(cast):
    candidate, _interviewer, booking = cast
    given.submitted(booking, now=END)
    for now in (END, END + 2 * HOUR):
        feedback.release_due(now=now)
        assert not query.reading(booking.id, person_id=candidate.id, organiser=False).open
    given.rated(booking, now=END + 3 * HOUR)
    assert query.reading(booking.id, person_id=candidate.id, organiser=False).open


def test_reading_is_said_by_a_post_and_usefulness_kept_once(cast):
    candidate, interviewer, booking = cast
    given.submitted(booking, now=END)
    with pytest.raises(NotYours):
        feedback.acknowledge(booking.id, candidate_id=candidate.id, now=END)
    given.rated(booking, now=END + 2 * HOUR)
    with pytest.raises(NotYours):
        feedback.acknowledge(booking.id, candidate_id=interviewer.id, now=END + 2 * HOUR)
    feedback.acknowledge(booking.id, candidate_id=candidate.id, usefulness=4, now=END + 3 * HOUR)
    feedback.acknowledge(booking.id, candidate_id=candidate.id, usefulness=1, now=END + 4 * HOUR)
    found = row(booking)
    assert (found.state, found.usefulness, found.acknowledged_at) == (
        "acknowledged", 4, END + 3 * HOUR,
    )  # fmt: skip
