"""The candidate's own view on the pages: asked before the release, beside the feedback after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockint.queries import selfviews
from mockint.services import feedback, rubric
from tests import factories
from tests.support import feedback as given
from tests.support.drafts import BEFORE, END, HOUR, START


@pytest.fixture
def cast(db_session, set_clock):
    rubric.publish_default(now=BEFORE)
    set_clock(END + HOUR)
    candidate, interviewer = factories.candidate(now=BEFORE), factories.interviewer(now=BEFORE)
    return candidate, interviewer, factories.booking(candidate, interviewer, start=START)


def path(booking, page: str = "self-assessment") -> str:
    return f"/interviews/{booking.id}/{page}"


def test_every_page_before_the_release_leads_to_it(client, cast):
    candidate, _interviewer, booking = cast
    factories.login(client, candidate)
    for page in (
        f"/interviews/{booking.id}",
        path(booking, "rating"),
        path(booking, "feedback/released"),
    ):
        assert f'href="{path(booking)}"' in client.get(page).text, page


def test_it_offers_the_interviewers_anchors_and_keeps_what_is_said(client, cast):
    candidate, _interviewer, booking = cast
    factories.login(client, candidate)
    page = client.get(path(booking)).text
    assert page.count('class="anchor"') == 25
    assert "Restates the task, asks about size" in page
    assert "The bar for mid level:" in page
    sent = client.submit(path(booking), {"framing": "4", "approach": "skip"}, page=path(booking))
    assert sent.location == path(booking, "rating")
    assert selfviews.of_booking(booking.id) == {"framing": 4}
    assert '<input type="radio" name="framing" value="4" checked>' in client.get(path(booking)).text


def test_nothing_at_all_is_refused_in_a_sentence(client, cast):
    factories.login(client, cast[0])
    answer = client.submit(path(cast[2]), {"framing": "skip"}, page=path(cast[2]))
    assert answer.status_code == 422
    assert "Score at least one dimension" in answer.text


def test_after_the_release_it_is_closed_and_beside_the_feedback(client, cast, set_clock):
    candidate, interviewer, booking = cast
    factories.login(client, candidate)
    client.submit(path(booking), {"framing": "4", "approach": "2"}, page=path(booking))
    given.submitted(booking, now=END + HOUR, framing=2, approach=None)
    feedback.release_due(now=END + 50 * HOUR)
    set_clock(END + 51 * HOUR)
    released = path(booking, "feedback/released")
    assert client.get(path(booking)).location == released
    late = client.submit(path(booking), {"framing": "1"}, page="/account/zone")
    assert late.status_code == 409
    assert selfviews.of_booking(booking.id) == {"framing": 4, "approach": 2}
    page = client.get(released).text
    assert "As you saw it" in page
    assert "2 higher than your interviewer" in page
    for reader in (interviewer, factories.organiser(now=BEFORE)):
        factories.login(client, reader)
        page = client.get(released).text
        assert "Problem framing" in page
        assert "As you saw it" not in page
        assert "than your interviewer" not in page


def test_it_is_not_there_before_the_end_and_for_nobody_else(client, cast, set_clock):
    candidate, interviewer, booking = cast
    for person, status in ((factories.stranger(), 404), (interviewer, 403)):
        factories.login(client, person)
        assert client.get(path(booking)).status_code == status
    set_clock(END - timedelta(minutes=1))
    factories.login(client, candidate)
    assert client.get(path(booking)).status_code == 409
