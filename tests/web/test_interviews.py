"""The pages of an interview: each side sees its own, at each moment of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockint.db import db
from mockint.models import Booking, Feedback
from mockint.services import feedback, rubric
from tests import factories
from tests.support import counting
from tests.support import feedback as given

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
BEFORE = START - timedelta(days=2)
MINUTE = timedelta(minutes=1)
TOKEN = "/account/zone"
"""A page with a form whose token serves for any other."""


@pytest.fixture
def cast(db_session, set_clock):
    rubric.publish_default(now=BEFORE)
    set_clock(BEFORE)
    candidate = factories.candidate(now=BEFORE, goals="Saying the cost before coding")
    interviewer = factories.interviewer(now=BEFORE)
    booking = factories.booking(candidate, interviewer, start=START, now=BEFORE)
    return candidate, interviewer, booking


def fresh(booking: Booking) -> Booking:
    """The row as it is in the database now."""
    db.session.expire_all()
    found = db.session.get(Booking, booking.id)
    assert found is not None
    return found


def show(client, person, booking, role: str = "") -> str:
    factories.login(client, person, role=role)
    response = client.get(f"/interviews/{booking.id}")
    assert response.status_code == 200
    return response.text


def test_the_lists_say_what_is_ahead_and_what_is_over(client, cast, set_clock):
    candidate, interviewer, _booking = cast
    factories.booking(
        candidate, interviewer, start=START + timedelta(days=1), state="cancelled", now=BEFORE
    )
    for person, other in ((candidate, "With Jonas"), (interviewer, "With Sanjana")):
        factories.login(client, person)
        page = client.get("/interviews").text
        assert "Your next interview is on Thu 26 Nov" in page
        assert "Booked" in page
        assert "Cancelled" in page
        assert other in page
    set_clock(END + MINUTE)
    page = client.get("/interviews").text
    assert "No interview is booked" in page
    assert "Feedback due" in page


def test_an_empty_list_says_what_will_be_there(client, db_session):
    factories.login(client, factories.stranger())
    assert "Your next interview will stand here" in client.get("/interviews").text


def test_a_list_asks_the_database_as_often_for_three_as_for_one(client, cast):
    candidate, interviewer, _booking = cast
    factories.login(client, candidate)
    client.get("/interviews")
    with counting.statements() as one:
        client.get("/interviews")
    for number in range(1, 3):
        factories.booking(candidate, interviewer, start=START + timedelta(days=number), now=BEFORE)
    with counting.statements() as three:
        client.get("/interviews")
    assert len(three) == len(one)


def test_the_interviewer_sees_alias_goals_guide_and_rubric_and_no_employer(client, cast):
    candidate, interviewer, booking = cast
    page = show(client, interviewer, booking)
    assert "Interview with Sanjana" in page
    assert "Saying the cost before coding" in page
    assert "works alone on a defined task" in page
    assert "Problem and questions" in page
    assert "Restates the task" in page
    assert candidate.candidate.current_employer
    assert candidate.candidate.current_employer not in page
    assert candidate.email not in page


def test_the_guide_marks_now_and_the_join_button_opens_in_its_window(client, cast, set_clock):
    _candidate, interviewer, booking = cast
    page = show(client, interviewer, booking)
    assert 'aria-current="step"' not in page
    assert "Opens at 13:45" in page
    assert f'href="{booking.meeting_link}"' not in page
    set_clock(START + 12 * MINUTE)
    page = client.get(f"/interviews/{booking.id}").text
    assert 'aria-current="step"' in page
    assert f'href="{booking.meeting_link}"' in page
    set_clock(END + 31 * MINUTE)
    assert f'href="{booking.meeting_link}"' not in client.get(f"/interviews/{booking.id}").text


def test_the_candidate_sees_what_is_scored_and_how_to_prepare(client, cast):
    candidate, interviewer, booking = cast
    page = show(client, candidate, booking)
    assert "What will be scored" in page
    assert "Turns the prompt into a precise task before coding." in page
    assert "To prepare:" in page
    assert "No workable plan" not in page
    assert interviewer.email not in page


def test_after_the_end_the_candidate_reads_what_is_missing(client, cast, set_clock):
    candidate, _interviewer, booking = cast
    set_clock(END + MINUTE)
    page = show(client, candidate, booking)
    assert "Rate your interviewer" in page
    assert "Jonas has until Fri 27 Nov, 19:45, Kathmandu to write it." in page


@pytest.mark.parametrize("who", ["stranger", "organiser"])
def test_a_foreign_interview_is_not_there(client, cast, who):
    _candidate, _interviewer, booking = cast
    person = factories.stranger() if who == "stranger" else factories.organiser(also=["candidate"])
    factories.login(client, person)
    assert client.get(f"/interviews/{booking.id}").status_code == 404
    assert client.get("/interviews/9999").status_code == 404
    for address in ("attendance", "notes"):
        posted = client.submit(
            f"/interviews/{booking.id}/{address}", {"report": "absent"}, page=TOKEN
        )
        assert posted.status_code in (403, 404)
    assert fresh(booking).candidate_attendance == "unknown"


def test_a_stranger_to_the_door_is_sent_to_sign_in(client, cast):
    assert client.get("/interviews").status_code == 302


def test_a_hold_is_no_interview_yet(client, cast):
    candidate, interviewer, _booking = cast
    held = factories.booking(
        candidate, interviewer, start=START + timedelta(days=2), state="held", now=BEFORE
    )
    factories.login(client, interviewer)
    assert client.get(f"/interviews/{held.id}").status_code == 404


def report(client, booking, word: str):
    page = f"/interviews/{booking.id}"
    return client.submit(f"{page}/attendance", {"report": word}, page=TOKEN)


def test_each_side_reports_and_corrects(client, cast, set_clock):
    _candidate, interviewer, booking = cast
    set_clock(START + 11 * MINUTE)
    factories.login(client, interviewer)
    assert report(client, booking, "absent").status_code == 303
    assert fresh(booking).candidate_attendance == "absent"
    page = client.get(f"/interviews/{booking.id}").text
    assert "You said that Sanjana did not come." in page
    assert report(client, booking, "attended").status_code == 303
    assert fresh(booking).candidate_attendance == "attended"


@pytest.mark.parametrize(
    ("minutes", "word", "status"),
    [(9, "absent", 409), (20, "unknown", 422), (20, "", 422), (20, "x\x00", 422)],
)
def test_a_report_before_its_time_or_without_sense_changes_nothing(
    client, cast, set_clock, minutes, word, status
):
    candidate, _interviewer, booking = cast
    set_clock(START + minutes * MINUTE)
    factories.login(client, candidate)
    refused = report(client, booking, word)
    assert refused.status_code == status
    assert 'role="alert"' in refused.text
    assert fresh(booking).interviewer_attendance == "unknown"


def test_looking_changes_nothing(client, cast, set_clock):
    candidate, interviewer, booking = cast
    set_clock(START + 20 * MINUTE)
    revision = booking.revision
    for person in (candidate, interviewer):
        show(client, person, booking)
        client.get("/interviews")
    assert fresh(booking).revision == revision
    assert db.session.scalar(db.select(Feedback)) is None


def notes(client, booking, revision: int, text: str, **headers: str):
    page = f"/interviews/{booking.id}"
    data = {"revision": revision, "note-framing": text}
    return client.submit(f"{page}/notes", data, page=TOKEN, headers=headers)


def test_notes_are_kept_and_come_along_to_the_form(client, cast, set_clock):
    _candidate, interviewer, booking = cast
    set_clock(START + 20 * MINUTE)
    factories.login(client, interviewer)
    saved = notes(client, booking, 0, "12' asked for empty input", **{"X-Autosave": "1"})
    assert saved.json["text"] == "Notes saved 14:20"
    page = client.get(f"/interviews/{booking.id}/feedback?step=framing").text
    assert "asked for empty input" in page
    assert 'data-pull="12' in page


def test_notes_of_another_window_are_not_overwritten(client, cast, set_clock):
    _candidate, interviewer, booking = cast
    set_clock(START + 20 * MINUTE)
    factories.login(client, interviewer)
    notes(client, booking, 0, "first")
    refused = notes(client, booking, 0, "second", **{"X-Autosave": "1"})
    assert refused.status_code == 409
    assert "first" in refused.text
    assert "second" in refused.text
    refused = notes(client, booking, 0, "second")
    assert refused.status_code == 409
    assert "This draft was changed in another window" in refused.text


def test_notes_are_not_for_the_time_before_or_after(client, cast, set_clock):
    _candidate, interviewer, booking = cast
    factories.login(client, interviewer)
    assert notes(client, booking, 0, "early").status_code == 409
    set_clock(END)
    given.submitted(booking, now=END)
    assert notes(client, booking, 0, "late").status_code == 409
    set_clock(END + MINUTE)
    assert notes(client, booking, 1, "x" * 5000).status_code == 422


def test_released_feedback_fixes_the_reports(client, cast, set_clock):
    candidate, _interviewer, booking = cast
    given.submitted(booking, now=END)
    feedback.release_due(now=END + timedelta(hours=48))
    set_clock(END + timedelta(hours=49))
    page = show(client, candidate, booking)
    assert "can no longer change" in page
    assert "Read the feedback" in page
    assert report(client, booking, "absent").status_code == 409
