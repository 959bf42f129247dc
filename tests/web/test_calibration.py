"""Calibration and the funnel on the pages: who reads what, in which words."""

from __future__ import annotations

import pytest
from flask import Flask

from mockint.models import RaterTendency
from mockint.queries import calibration as query
from mockint.web.calibration import said, severity
from tests.support.doors import visitor
from tests.support.world import World


def tendency(**changes: object) -> RaterTendency:
    plain = {
        "feedbacks": 20, "severity": 0.8, "points": 0.3, "points_low": 0.1, "points_high": 0.5,
        "drift": None, "drift_z": None, "halo": None, "middle": None, "infit": 1.0,
    }  # fmt: skip
    return RaterTendency(**(plain | changes))


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((0.3, 0.1, 0.5), "tends to score 0.3 below colleagues (0.1 to 0.5)"),
        ((-0.3, -0.5, -0.1), "tends to score 0.3 above colleagues (0.1 to 0.5)"),
        ((0.1, -0.2, 0.4), "scores about as colleagues do (between 0.4 below and 0.2 above)"),
    ],
)
def test_severity_in_words(app: Flask, numbers: tuple[float, float, float], words: str) -> None:
    with app.test_request_context():
        assert severity(*numbers) == words


def test_little_is_called_early_and_very_little_is_not_told(app: Flask) -> None:
    with app.test_request_context():
        assert said(tendency(feedbacks=2, halo=9.0)).notes == ()
        assert "something is said from 3 on" in said(tendency(feedbacks=2)).severity
        assert said(tendency(feedbacks=9)).severity.endswith("early, after 9 feedbacks")
        assert "early" not in said(tendency(feedbacks=10)).severity


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"drift_z": 2.5}, "Stricter in later interviews"),
        ({"drift_z": -2.5}, "Milder in later interviews"),
        ({"halo": 3.5}, "often all the same"),
        ({"infit": 1.8}, "differ from what others saw"),
        ({"infit": 0.3}, "differ less between candidates"),
    ],
)
def test_what_is_worth_a_talk(app: Flask, changes: dict[str, float], note: str) -> None:
    with app.test_request_context():
        [only] = said(tendency(**changes)).notes
        assert note in only
        assert said(tendency()).notes == ()


def test_organisers_and_the_interviewer_read_it_and_nobody_else(
    world_app: Flask, world: World
) -> None:
    words = "tends to score 0.3 below colleagues (0.1 to 0.5)"
    desk = visitor(world_app, world, "organiser").get("/desk/calibration")
    assert words in desk.text
    assert "2 groups have never met" in desk.text
    assert "A simpler model says something else" in desk.text
    own = visitor(world_app, world, "interviewer").get("/feedback/tendency")
    assert "You tend to score 0.3 below colleagues (0.1 to 0.5); early" in own.text
    assert "Stricter in later interviews" in own.text
    other = visitor(world_app, world, "other_interviewer").get("/feedback/tendency")
    assert other.status_code == 200
    assert "0.3 below" not in other.text
    for who in ("candidate", "interviewer", "other_interviewer"):
        assert visitor(world_app, world, who).get("/desk/calibration").status_code == 403
    assert visitor(world_app, world, "candidate").get("/feedback/tendency").status_code == 403


def test_an_organiser_has_it_done_now(world_app: Flask, world: World) -> None:
    client = visitor(world_app, world, "organiser")
    answer = client.submit("/desk/calibration", page="/desk/calibration")
    assert answer.status_code == 303
    page = client.get("/desk/calibration").text
    assert "The worker has it in hand" in page
    assert "Calibrate now" not in page
    with world_app.app_context():
        job = query.job()
        assert job is not None
        assert job.asked_at is not None


def test_the_funnel_counts_how_far_interviews_go(world_app: Flask, world: World) -> None:
    client = visitor(world_app, world, "organiser")
    page = client.get("/desk/funnel?days=30").text
    assert "too few people to say (from 5 on)" in page
    head, row = client.get("/desk/funnel?days=30&format=csv").text.strip("\ufeff").splitlines()
    found = dict(zip(head.split(","), row.split(","), strict=True))
    assert found == {
        "track": "coding", "booked": "4", "held": "3", "in_time": "1", "written": "2",
        "acknowledged": "0", "again": "0",
    }  # fmt: skip
    assert "In the last" not in client.get("/desk/funnel?days=7").text, "only three periods"
    assert visitor(world_app, world, "interviewer").get("/desk/funnel").status_code == 403
