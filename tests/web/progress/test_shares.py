"""Shared links over HTTP: who sees what behind them; ended ones answer like unknown ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from mockint.db import db
from mockint.models import ProgressShare
from mockint.services import feedback, rubric, self_assessment
from tests import factories
from tests.support import feedback as given
from tests.support.counting import statements

START = datetime(2026, 9, 14, 13, 0, tzinfo=UTC)
BEFORE = START - timedelta(days=2)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGE = "/progress/shares"
CANARIES = {
    "note": "canary-organiser-note",
    "reason": "canary-of-the-unchosen",
    "comment": "canary-rating-comment",
    "name": "canary-link-name",
}


@pytest.fixture
def cast(db_session, set_clock, client):
    rubric.publish_default(now=BEFORE)
    set_clock(NOW)
    candidate, interviewer = factories.candidate(now=BEFORE), factories.interviewer(now=BEFORE)
    factories.login(client, candidate)
    return candidate, interviewer


def held(cast, number: int, **changes):
    """Released feedback with a canary in everything the link must not show."""
    start = START + number * DAY
    booking = factories.booking(*cast, start=start, now=BEFORE)
    whole = {"organiser_note": CANARIES["note"]} | changes
    own = {"framing": 1}
    self_assessment.say(booking.id, by=cast[0].id, scores=own, now=start + HOUR)
    given.submitted(booking, now=start + HOUR, changes=whole, framing=4)
    given.rated(booking, now=start + HOUR, comment=CANARIES["comment"])
    feedback.release_due(now=start + 3 * HOUR)
    return booking


def make(client, *bookings, **fields) -> str:
    """The address of a new link, as its owner reads it."""
    sent = {"name": CANARIES["name"], "life": "30", "interviews": [b.id for b in bookings]}
    answer = client.submit(PAGE, sent | fields, page=PAGE)
    assert answer.status_code == 303, answer.text
    found = re.search(r'value="https?://[^/"]+(/shared/\w+)"', client.get(PAGE).text)
    assert found is not None
    return found.group(1)


def opened(app, address: str) -> str:
    """What a stranger sees who presses the button."""
    stranger = app.test_client()
    closed = stranger.get(address)
    assert closed.status_code == 200
    assert "Problem framing" not in closed.text
    answer = stranger.submit(address, {}, page=address)
    assert answer.status_code == 303
    shown = stranger.get(answer.location)
    assert shown.status_code == 200
    assert shown.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert shown.headers["Cache-Control"] == "private, no-store"
    return shown.text


def test_a_stranger_reads_the_chosen_feedback_and_no_more(app, client, cast):
    chosen = held(cast, 1)
    held(cast, 5, summary=CANARIES["reason"] + " is what was not chosen. " * 10)
    page = opened(app, make(client, chosen))
    assert "What Sanjana chose to show you" in page
    assert given.SUMMARY.strip()[:40] in page
    assert "4 of 4, Exceeds" in page
    assert "Minute 10: said what framing means here." in page
    for canary in (*CANARIES.values(), "Jonas", "As you saw it", cast[0].email, cast[1].email):
        assert canary not in page, canary
    assert page.count('class="block"') == 1


def test_an_ended_an_expired_and_an_unknown_link_answer_alike(app, client, cast, set_clock):
    booking = held(cast, 1)
    ended = make(client, booking)
    share = db.session.query(ProgressShare).one()
    assert client.submit(f"{PAGE}/{share.id}/end", {}, page=PAGE).status_code == 303
    week = make(client, booking, life="7")
    stranger = app.test_client()
    stranger.submit(week, {}, page=week)
    set_clock(NOW + 8 * DAY)
    answers = [stranger.get(address) for address in (ended, week, "/shared/never-made")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({re.sub(r'content="[^"]*"', "", answer.text) for answer in answers}) == 1


def test_looking_notes_nothing_and_the_owner_reads_when_it_was_opened(app, client, cast):
    address = make(client, held(cast, 1))
    with statements() as sent:
        app.test_client().get(address)
    assert [one for one in sent if one.startswith(("INSERT", "UPDATE", "DELETE"))] == []
    assert "Nobody has opened it." in client.get(PAGE).text
    opened(app, address)
    assert "Last opened Mon 23 Nov, 17:45, " in client.get(PAGE).text


def test_bad_choices_are_refused_and_kept(client, cast):
    booking = held(cast, 1)
    for fields, words in (
        ({"name": " "}, "Fill this in."),
        ({"interviews": []}, "Choose at least one interview."),
        ({"interviews": [999]}, "Choose from the list."),
        ({"life": "forever"}, "Choose one of the answers."),
    ):
        sent = {"name": "Asha", "life": "30", "interviews": [booking.id]} | fields
        answer = client.submit(PAGE, sent, page=PAGE)
        assert answer.status_code == 422
        assert words in answer.text


def test_links_are_their_owners_alone(client, cast):
    make(client, held(cast, 1))
    share = db.session.query(ProgressShare).one()
    factories.login(client, factories.stranger())
    assert CANARIES["name"] not in client.get(PAGE).text
    assert client.submit(f"{PAGE}/{share.id}/end", {}, page="/account/zone").status_code == 404
    factories.login(client, cast[1])
    assert client.get(PAGE).status_code == 403


def test_the_next_interviewer_reads_what_is_practised_once_their_scores_are_sealed(
    client, cast, set_clock
):
    held(cast, 1)
    later = factories.booking(*cast, start=START + 9 * DAY, now=BEFORE)
    released = f"/interviews/{later.id}/feedback/released"
    assert client.submit("/practice/sharing", {"shown": "yes"}, page=PAGE).status_code == 303
    handed_in = later.end_at + HOUR
    given.submitted(later, now=handed_in)
    factories.login(client, cast[1])
    for after, seen in ((timedelta(minutes=5), False), (2 * HOUR, True)):
        set_clock(handed_in + after)
        feedback.release_due(now=handed_in + after)
        assert ("What they practise" in client.get(released).text) is seen
