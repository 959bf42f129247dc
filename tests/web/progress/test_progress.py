"""The candidate's progress: what is shown, what is not claimed, what can be ticked."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from mockint.db import db
from mockint.models import PracticeItem
from mockint.services import feedback, interview, rubric
from tests import factories
from tests.support import counting
from tests.support import feedback as given

START = datetime(2026, 9, 14, 13, 0, tzinfo=UTC)
BEFORE = START - timedelta(days=2)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKEN = "/account/zone"


@pytest.fixture
def cast(db_session, set_clock, client):
    rubric.publish_default(now=BEFORE)
    set_clock(NOW)
    candidate, interviewer = factories.candidate(now=BEFORE), factories.interviewer(now=BEFORE)
    factories.login(client, candidate)
    return candidate, interviewer


def held(cast, number: int, *, track: str = "coding", said: int = 3, **scores: int | None):
    """An interview that took place in week `number`, with released feedback."""
    candidate, interviewer = cast
    start = START + timedelta(weeks=number)
    booking = factories.booking(candidate, interviewer, start=start, track=track, now=BEFORE)
    changes = {"recommendation": said}
    if said < 3 and min(s or 3 for s in scores.values() or (3,)) >= 3:
        changes["reason_for_difference"] = "Each step needed a cue."
    given.submitted(booking, now=start + HOUR, changes=changes, **scores)
    feedback.release_due(now=start + 50 * HOUR)
    return booking


def test_before_the_first_feedback_the_page_says_what_will_be_there(client, cast):
    page = client.get("/progress")
    assert page.status_code == 200
    assert "Your progress starts with your first released feedback" in page.text


def test_under_three_interviews_it_is_too_early_for_a_trend(client, cast):
    held(cast, 1, verification=2)
    page = client.get("/progress").text
    assert "One interview: too early for a trend" in page
    held(cast, 2, verification=3)
    page = client.get("/progress").text
    assert "2 interviews: too early for a trend" in page
    assert "2 of 3 interviews needed before a line means anything" in page
    assert "It takes three interviews by at least two people" in page


def test_three_interviews_show_the_weakest_dimension_and_a_button_for_its_track(client, cast):
    for number in (1, 2, 3):
        held(cast, number, verification=2, framing=number + 1)
    page = client.get("/progress").text
    assert "<h1>Verification is what stands between you and a clear yes</h1>" in page
    assert "3 interviews by one person; 3 of 3 said yes." in page
    assert "/book?track=coding&amp;level=mid" in page
    assert 'aria-label="Problem framing, oldest first: 2, 3, 4. Up."' in page
    assert "may still be chance" in page
    assert page.count('class="chart"') == 5
    assert "Show the same as a table" in page
    assert 'data-label="Verification">2</td>' in page


def test_what_was_not_observed_is_a_hole(client, cast):
    for number, score in ((1, 3), (2, None), (3, 3)):
        held(cast, number, verification=score)
    page = client.get("/progress").text
    assert "Verification, oldest first: 3, not observed, 3. 2 scores so far." in page


def test_each_track_is_told_apart(client, cast):
    held(cast, 1)
    held(cast, 2, track="system_design", scope=2)
    page = client.get("/progress").text
    assert "System design, mid. One interview" in page
    page = client.get("/progress?of=coding-mid").text
    assert "Coding &amp; data structures, mid. One interview" in page
    assert client.get("/progress?of=coding-staff").status_code == 404
    assert client.get("/progress?of=%00").status_code == 404


def test_an_absence_stays_out(client, cast):
    candidate, interviewer = cast
    held(cast, 1)
    absent = factories.booking(candidate, interviewer, start=START + timedelta(weeks=2), now=BEFORE)
    interview.report(absent.id, by=interviewer.id, report="absent", now=absent.end_at)
    assert "One interview by one person" in client.get("/progress").text


def test_only_ones_own_released_feedback_is_there(client, cast):
    held(cast, 1)
    factories.login(client, factories.stranger())
    assert "first released feedback" in client.get("/progress").text
    factories.login(client, cast[1])
    assert client.get("/progress").status_code == 403


def item() -> PracticeItem:
    db.session.expire_all()
    return db.session.scalars(db.select(PracticeItem)).one()


def test_practice_is_ticked_off_and_opened_again(client, cast):
    booking = held(cast, 1)
    path = f"/practice/{item().id}"
    assert "Work through the open practice item, then test it." in client.get("/progress").text
    ticked = client.submit(path, {"done": "yes", "of": "coding-mid"}, page=TOKEN)
    assert ticked.status_code == 303
    assert ticked.location == f"/progress?of=coding-mid#practice-{item().id}"
    assert item().done_at == NOW
    assert "Done Mon 23 Nov" in client.get("/progress").text
    back = client.submit(path, {"done": "no", "booking": booking.id}, page=TOKEN)
    page = f"/interviews/{booking.id}/feedback/released"
    assert back.location == f"{page}#practice-{item().id}"
    assert item().done_at is None


@pytest.mark.parametrize("where", ["home", "progress", "feedback"])
def test_the_same_box_is_ticked_and_opened_again_everywhere(client, cast, where):
    booking = held(cast, 1)
    released = f"/interviews/{booking.id}/feedback/released"
    page = {"home": "/", "progress": "/progress", "feedback": released}[where]
    for done in (True, False):
        before = client.get(page).text
        assert before.count('class="tick"') == 1
        assert f'aria-pressed="{str(not done).lower()}"' in before
        box = before.partition(f'action="/practice/{item().id}"')[2].partition("</form>")[0]
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', box))
        assert client.submit(f"/practice/{item().id}", fields, page=page).status_code == 303
        assert (item().done_at is not None) is done
        assert ("Done Mon 23 Nov." in client.get(page).text) is done


def test_foreign_practice_is_not_there(client, cast):
    held(cast, 1)
    path = f"/practice/{item().id}"
    factories.login(client, factories.stranger())
    assert client.submit(path, {"done": "yes"}, page=TOKEN).status_code == 404
    assert client.submit("/practice/999", {"done": "yes"}, page=TOKEN).status_code == 404
    factories.login(client, cast[1])
    assert client.submit(path, {"done": "yes"}, page=TOKEN).status_code == 403
    assert item().done_at is None


def test_looking_changes_nothing(client, cast):
    held(cast, 1)
    client.get("/progress")
    assert item().done_at is None
    assert client.get(f"/practice/{item().id}").status_code == 405


def test_three_interviews_ask_the_database_as_often_as_one(client, cast):
    held(cast, 1)
    client.get("/progress")
    with counting.statements() as one:
        client.get("/progress")
    held(cast, 2)
    held(cast, 3)
    with counting.statements() as three:
        client.get("/progress")
    assert len(three) == len(one)
