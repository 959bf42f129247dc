"""The progress page on a calibration that really ran."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mockint import clock
from mockint.queries import calibration as query
from mockint.services import calibration, feedback, rubric
from tests import factories
from tests.support import feedback as given
from tests.support.world import MARA

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_released_feedback_is_drawn_and_sealed_feedback_moves_nothing(db_session, client):
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    before = now - 60 * DAY
    rubric.publish_default(now=before)
    candidate = factories.candidate(now=before)
    raters = [factories.interviewer(now=before), factories.interviewer(MARA, now=before)]
    made = []
    for number in range(4):
        start = now - (40 - 10 * number) * DAY
        rater = raters[number % 2]
        made.append(factories.booking(candidate, rater, start=start, now=before))
        given.submitted(made[-1], now=start + HOUR, framing=2 + number // 2)
        feedback.release_due(now=start + 50 * HOUR)
    start = now - 5 * HOUR
    sealed = factories.booking(candidate, raters[0], start=start, now=before)
    given.submitted(sealed, now=start + HOUR, framing=1)
    feedback.release_due(now=start + 3 * HOUR)
    calibration.ask_nightly(now=now)
    assert calibration.work_due(lambda: False)
    level = query.levels(candidate.id)["coding", "mid"]
    assert [int(visit.interview) for visit in level.visits] == [booking.id for booking in made]
    factories.login(client, candidate)
    page = client.get("/progress").text
    assert page.count('class="estimate"') == page.count('class="band"') == 5
    assert "too few" not in page.partition("Each dimension over time")[0]
    assert "So few interviews were held on this track" in page
    assert "The estimate does not know" not in page
    assert "Recommendations so far: yes in 4 of 4." in page
    found = client.get("/progress.json").json["groups"][0]
    assert found["estimate"]["fitted"] is False
    assert found["readiness"] in ("open", "likely", "not_yet")
