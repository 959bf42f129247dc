"""Reading feedback, and rating the interviewer."""

from __future__ import annotations

import pytest

from mockint.db import db, transaction
from mockint.models import Feedback, InterviewerRating, PrivateReport
from mockint.services import feedback
from tests import factories
from tests.support import feedback as given
from tests.support.drafts import END, HOUR, MINUTE

TOKEN = "/account/zone"
"""A page with a form whose token serves for any other."""


@pytest.fixture
def reader(client, cast):
    """The client of the candidate."""
    factories.login(client, cast[0])
    return client


def row() -> Feedback | None:
    db.session.expire_all()
    return db.session.scalar(db.select(Feedback))


# Reading


def test_before_the_release_the_candidate_reads_when_and_what_is_missing(reader, cast):
    given.submitted(cast[2], now=END)
    page = reader.get("/interviews/1/feedback/released").text
    assert "Your feedback is not released yet" in page
    assert "otherwise Sat 28 Nov, 19:45, Kathmandu" in page
    assert given.SUMMARY[:40] not in page
    assert "Minute 10" not in page


def test_released_feedback_shows_scores_evidence_anchors_and_one_step_up(reader, cast):
    given.submitted(cast[2], now=END, verification=2, framing=None)
    given.rated(cast[2], now=END)
    feedback.release_due(now=END + HOUR)
    page = reader.get("/interviews/1/feedback/released").text
    assert "<h1>Yes. This would pass at mid level today.</h1>" in page
    assert 'aria-label="2 of 4, Close"' in page
    assert "Not observed" in page
    assert "said what verification means here." in page
    assert "Checks the sample only" in page
    assert "One step up: Traces the code on own normal and edge inputs" in page
    assert "Book the next interview in Coding &amp; data structures" in page
    assert "track=coding" in page
    assert row().state == "released"


def test_withdrawn_feedback_is_said_to_be_withdrawn(reader, cast):
    given.submitted(cast[2], now=END)
    feedback.release_due(now=END + 48 * HOUR)
    with transaction():
        row().state = "withdrawn"
    page = reader.get("/interviews/1/feedback/released").text
    assert "There will be no feedback on this interview" in page
    assert "Feedback withdrawn" in reader.get("/interviews").text


def test_a_weak_result_is_said_gently(reader, cast):
    changes = {"recommendation": 2}
    given.submitted(cast[2], now=END, changes=changes, framing=2)
    feedback.release_due(now=END + 48 * HOUR)
    page = reader.get("/interviews/1/feedback/released").text
    assert "Not yet at mid level." in page
    assert "One interview says little; here is what to practise." in page


def test_having_read_it_is_a_post(reader, cast):
    given.submitted(cast[2], now=END)
    feedback.release_due(now=END + 48 * HOUR)
    reader.get("/interviews/1/feedback/released")
    assert row().state == "released"
    path = "/interviews/1/feedback/acknowledgement"
    for wrong in ("5", "none", "-1"):
        refused = reader.submit(path, {"usefulness": wrong}, page=TOKEN)
        assert refused.status_code == 422
    assert row().state == "released"
    assert reader.submit(path, {"usefulness": "3"}, page=TOKEN).status_code == 303
    assert (row().state, row().usefulness) == ("acknowledged", 3)


def test_who_reads_what(client, cast):
    _candidate, interviewer, booking = cast
    given.submitted(booking, now=END, changes={"organiser_note": "Ask me."})
    path = "/interviews/1/feedback/released"
    for person, status, note in (
        (interviewer, 200, True),
        (factories.organiser(), 200, True),
        (factories.stranger(), 404, False),
    ):
        factories.login(client, person)
        page = client.get(path)
        assert page.status_code == status
        assert ("Ask me." in page.text) == note
        assert client.get("/interviews/99/feedback/released").status_code == 404
    feedback.release_due(now=END + 48 * HOUR)
    factories.login(client, cast[0])
    assert "Ask me." not in client.get(path).text


def test_an_organiser_does_not_read_a_draft(client, cast):
    feedback.save(
        1, author_id=cast[1].id, part=feedback.rules.OverallPart(3, ""), revision=0, now=END
    )
    factories.login(client, factories.organiser())
    assert client.get("/interviews/1/feedback/released").status_code == 404


def test_feedback_shown_is_escaped(reader, cast):
    wicked = "<script>alert(1)</script> said “<b>n log n</b>” twice. " * 5
    given.submitted(cast[2], now=END, changes={"summary": wicked})
    feedback.release_due(now=END + 48 * HOUR)
    page = reader.get("/interviews/1/feedback/released").text
    assert "<script>alert" not in page
    assert '<span class="quote">“&lt;b&gt;n log n&lt;/b&gt;”</span>' in page


# Rating

FOUR = {"clarity": "4", "realism": "3", "help": "4", "respect": "4"}
RATING = "/interviews/1/rating"


def test_the_candidate_rates_and_may_then_read(reader, cast):
    given.submitted(cast[2], now=END)
    feedback.release_due(now=END + HOUR)
    page = reader.get(RATING).text
    assert "Felt like a real interview at my level." in page
    sent = reader.submit(RATING, {**FOUR, "comment": "Calm and clear."})
    assert sent.status_code == 303
    assert row().state == "released"
    kept = db.session.get(InterviewerRating, 1)
    assert (kept.realism, kept.comment, kept.after_release) == (3, "Calm and clear.", False)
    assert reader.get(RATING).status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"clarity": ""},
        {"respect": "5"},
        {"help": "x"},
        {"comment": "x" * 1001},
        {"report": "x" * 2001},
        {"comment": "\x1b[0m"},
    ],
)
def test_a_rating_that_cannot_be_used_changes_nothing(reader, changes):
    data = {key: value for key, value in (FOUR | changes).items() if value}
    refused = reader.submit(RATING, data)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert db.session.get(InterviewerRating, 1) is None


def test_a_one_on_respect_reaches_the_organisers(reader):
    reader.submit(RATING, FOUR | {"respect": "1", "report": "Was shouted at."})
    assert db.session.scalar(db.select(PrivateReport)).text == "Was shouted at."


def test_rating_is_not_for_the_time_before_the_end_nor_for_others(client, cast, set_clock):
    set_clock(END - MINUTE)
    factories.login(client, cast[0])
    assert client.get(RATING).status_code == 409
    assert client.submit(RATING, FOUR, page=TOKEN).status_code == 409
    factories.login(client, factories.stranger())
    assert client.get(RATING).status_code == 404
    assert client.submit(RATING, FOUR, page=TOKEN).status_code == 404
    factories.login(client, cast[1])
    assert client.get(RATING).status_code == 403
    assert db.session.get(InterviewerRating, 1) is None
