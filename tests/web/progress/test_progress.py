"""The candidate's progress: what is shown, what is not claimed, what can be ticked."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from mockint.db import db, transaction
from mockint.domain.rubric import content_hash
from mockint.models import PracticeItem, RubricSet
from mockint.queries import calibration
from mockint.queries import rubric as rubric_query
from mockint.services import feedback, interview, rubric, self_assessment
from tests import factories
from tests.support import counting
from tests.support import feedback as given
from tests.support.levels import level
from tests.support.world import MARA

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


def estimated(monkeypatch, cast, *bookings, typical=2.9, **dimensions):
    """A stored calibration that knows these interviews; `typical` where none is named."""
    keys = rubric_query.current().tracks["coding"].keys
    values = {key: dimensions.get(key, [typical] * len(bookings)) for key in keys}
    found = {("coding", "mid"): level([booking.id for booking in bookings], values)}
    known = {cast[0].id: found}
    monkeypatch.setattr(calibration, "levels", lambda person_id: known.get(person_id, {}))


def test_three_interviews_without_an_estimate_are_dots_and_say_so(client, cast):
    for number in (1, 2, 3):
        held(cast, number, verification=2, framing=number + 1)
    page = client.get("/progress").text
    assert "<h1>3 interviews: too early for a trend</h1>" in page
    assert "There is no estimate of your level yet" in page
    assert "The next estimate will draw a line." in page
    assert 'class="estimate"' not in page
    assert 'class="band"' not in page
    assert "Recommendations so far: yes in 3 of 3." in page
    assert "/book?track=coding&amp;level=mid" in page


def test_an_estimate_draws_a_line_with_its_band_and_names_what_excludes_zero(
    client, cast, monkeypatch
):
    made = [held(cast, number, verification=2, framing=number + 1) for number in (1, 2, 3)]
    estimated(monkeypatch, cast, *made, framing=[2.0, 2.6, 3.2], verification=[2.0, 2.0, 2.0])
    page = client.get("/progress").text
    assert "<h1>Verification is what stands between you and a clear yes</h1>" in page
    assert "3 interviews by one person; 3 of 3 said yes." in page
    assert page.count('class="estimate"') == page.count('class="band"') == 5
    assert "+1.2 since the first (+0.8 to +1.6): progress" in page
    assert "0.0 since the first (−0.4 to +0.4), may still be chance" in page
    assert "Up beyond chance: Problem framing." in page
    assert "Problem framing, oldest first: 2, 3, 4. Up. Level 3.2, between 2.9 and 3.5" in page
    assert "level 2.0 (1.7 to 2.3)" in page
    for booking in made:
        assert page.count(f"/interviews/{booking.id}/feedback/released#seen-framing") == 2
    assert "Too early." in page, "one interviewer is too few for readiness"
    assert "will pass" not in page


def test_an_interview_the_estimate_does_not_know_is_named(client, cast, monkeypatch):
    made = [held(cast, number) for number in (1, 2, 3, 4)]
    estimated(monkeypatch, cast, *made[:3])
    page = client.get("/progress").text
    assert "The estimate does not know the interview of Mon 12 Oct yet" in page


def test_a_new_major_rubric_breaks_the_line(client, cast, monkeypatch):
    made = [held(cast, number) for number in (1, 2)]
    content = json.loads(json.dumps(rubric_query.newest().content))
    content["set"]["version"] = "2.0.0"
    with transaction():
        db.session.add(
            RubricSet(
                key="default",
                version="2.0.0",
                content=content,
                content_hash=content_hash(content),
                published_at=NOW,
            )
        )
    made += [held(cast, number) for number in (3, 4, 5)]
    estimated(monkeypatch, cast, *made, framing=[1.0, 1.2, 3.0, 3.0, 3.1])
    page = client.get("/progress").text
    assert page.count('class="break"') == 5
    assert page.count('class="estimate"') == 10, "one line on either side"
    assert "+0.1 since the first" in page
    assert "+2.1" not in page
    assert "new rubric" in page


def test_readiness_is_a_word_with_the_count_of_recommendations(client, cast, monkeypatch):
    candidate = cast[0]
    other = factories.interviewer(MARA, now=BEFORE)
    made = [held(cast, 1), held((candidate, other), 2), held(cast, 3, said=2, framing=2)]
    estimated(monkeypatch, cast, *made, typical=3.0)
    page = client.get("/progress").text
    assert "<b>Open.</b>" in page
    assert "Recommendations so far: yes in 2 of 3." in page
    assert "One interview says little:" in page


def test_strengths_and_gaps_are_named_with_the_next_anchor(client, cast, monkeypatch):
    made = [held(cast, number, framing=4, verification=2) for number in (1, 2, 3)]
    estimated(monkeypatch, cast, *made, framing=[3.7] * 3, verification=[1.9] * 3)
    page = client.get("/progress").text.partition("Dimensions beside your own mean")[2]
    rows = [re.sub(r"<[^>]+>", "|", row) for row in page.split("</tr>")[1:6]]
    assert "Problem framing" in rows[0]
    assert "Strength" in rows[0]
    assert "Verification" in rows[4]
    assert "Gap" in rows[4]
    assert "Traces the code on own normal and edge inputs" in rows[4]
    assert all("Even" in row for row in rows[1:4])


def test_json_and_csv_say_the_same_and_nobody_elses(client, cast, monkeypatch):
    made = [held(cast, number, framing=number) for number in (1, 2, 3)]
    estimated(monkeypatch, cast, *made, framing=[1.5, 2.0, 2.5])
    found = client.get("/progress.json").json
    (group,) = found["groups"]
    assert (found["schema"], group["track"], group["level"]) == (1, "coding", "mid")
    assert group["readiness"] is None
    assert [one["scores"]["framing"] for one in group["interviews"]] == [1, 2, 3]
    framing = group["dimensions"][0]
    assert [one["value"] for one in framing["levels"]] == [1.5, 2.0, 2.5]
    assert framing["change"]["reads_as"] == "progress"
    assert "Jonas" not in json.dumps(found)
    rows = list(csv.DictReader(io.StringIO(client.get("/progress.csv").text)))
    assert len(rows) == 15
    assert {key: rows[2][key] for key in ("dimension", "score", "estimate", "low90")} == {
        "dimension": "framing", "score": "3", "estimate": "2.500", "low90": "2.200",
    }  # fmt: skip
    factories.login(client, factories.stranger())
    assert client.get("/progress.json").json["groups"] == []
    factories.login(client, cast[1])
    assert client.get("/progress.json").status_code == 403


def test_ones_own_view_is_shown_over_time(client, cast):
    for number, own in ((1, 4), (2, 3)):
        start = START + timedelta(weeks=number)
        booking = factories.booking(*cast, start=start, now=BEFORE)
        self_assessment.say(booking.id, by=cast[0].id, scores={"framing": own}, now=start + HOUR)
        given.submitted(booking, now=start + HOUR, framing=3)
        feedback.release_due(now=start + 50 * HOUR)
    page = client.get("/progress").text
    assert "Of 2 scores you put yourself higher than your interviewer in 1, lower in 0" in page
    assert "Mon 21 Sep: +1.0, Mon 28 Sep: 0.0" in page
    assert "you 4, they 3" in page


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
