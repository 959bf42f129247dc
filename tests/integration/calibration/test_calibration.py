"""Calibration in the installation: asked for, done by a process that may die, kept and told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from mockint import clock
from mockint.adapters import fitting
from mockint.db import db, transaction
from mockint.domain.feedback import Practice, Seen
from mockint.models import (
    Booking,
    CalibrationJob,
    CalibrationRun,
    CandidateLevel,
    Feedback,
    Person,
    RaterTendency,
)
from mockint.queries import calibration as query
from mockint.queries import rubric as rubric_query
from mockint.services import calibration, feedback, rubric, upkeep
from mockint.services.outbox import LEASE
from mockint.settings import Settings
from tests import factories, people
from tests.support.web import ROOT, environment

pytestmark = pytest.mark.usefixtures("db_session")


def never() -> bool:
    return False


@pytest.fixture
def organiser(app: Flask) -> Person:
    rubric.publish_default(now=clock.now() - timedelta(days=60))
    return factories.organiser(now=clock.now())


@pytest.fixture
def held(organiser: Person) -> list[Booking]:
    """Eight candidates with one interview each, by two interviewers of whom the second is harsh."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    raters = [
        factories.interviewer(people.Character(name, f"{name}@people.example", "UTC"))
        for name in ("mild", "harsh")
    ]
    made = []
    for number in range(8):
        who = people.Character(f"c{number}", f"c{number}@people.example", "UTC")
        start = now - timedelta(days=10, hours=2 * number)
        made.append(
            factories.booking(
                factories.candidate(who), raters[number % 2], start=start, state="confirmed",
                now=start - timedelta(days=1),
            )
        )  # fmt: skip
        write(made[-1], 3 - number % 2)
    return made


def write(booking: Booking, score: int) -> None:
    """Feedback with the same score throughout, released."""
    track = rubric_query.current().tracks[booking.track]
    words = "He said what he would do next and then did it, checking against the example given."
    practice = Practice(
        focus=track.keys[0], gap="Late.", aim="Earlier.", exercise="Ten.", amount="Daily.",
        check="Ask.",
    )  # fmt: skip
    at = booking.end_at + timedelta(hours=1)
    feedback.write(
        booking.id,
        author_id=booking.interviewer_id,
        scores={key: Seen(f"{key}: {words}", score=score) for key in track.keys},
        recommendation=3 if score > 2 else 2,
        reason_for_difference="As it was.",
        summary="A clear talk. " * 20,
        strengths=("Clear.",),
        practice=[practice],
        now=at,
    )
    feedback.release_due(now=at + timedelta(days=3))


def done(organiser: Person) -> bool:
    calibration.ask(by=organiser.id, now=clock.now())
    return calibration.work_due(never)


def test_what_is_asked_for_is_done_once_and_told(organiser: Person, held: list[Booking]) -> None:
    assert done(organiser)
    assert not calibration.work_due(never), "nothing is asked for any more"
    [run] = query.runs().values()
    assert (run.track, run.feedbacks, run.candidates, run.raters) == ("coding", 8, 8, 2)
    assert not run.fitted
    mild, harsh = (query.of_rater(held[number].interviewer_id)[0].now for number in (0, 1))
    assert mild.severity < 0 < harsh.severity
    assert mild.points < 0 < harsh.points
    level = query.levels(held[0].candidate_id)["coding", "mid"]
    assert level.interviews == level.raters == 1
    assert set(level.dimensions) == set(rubric_query.current().tracks["coding"].keys)
    assert [visit.interview for visit in level.visits] == [str(held[0].id)]
    assert [one.name for one in query.colleagues(run.id)] == ["harsh", "mild"], "by name"


def test_the_same_ratings_are_not_calibrated_again(organiser: Person, held: list[Booking]) -> None:
    done(organiser)
    done(organiser)
    assert db.session.scalar(select(func.count()).select_from(CalibrationRun)) == 1
    job = query.job()
    assert job is not None
    assert job.done_at is not None


def test_what_was_withdrawn_or_not_attended_never_counts(
    organiser: Person, held: list[Booking]
) -> None:
    with transaction():
        first = db.session.scalars(select(Feedback).order_by(Feedback.id)).first()
        assert first is not None
        first.state = "withdrawn"
        db.session.get_one(Booking, held[1].id).candidate_attendance = "absent"
        db.session.get_one(Booking, held[2].id).state = "cancelled"
    assert len({row[1] for row in query.ratings("coding")}) == 5
    assert query.ratings("testing") == []


def test_older_levels_go_and_tendencies_stay_for_the_time_line(
    organiser: Person, held: list[Booking]
) -> None:
    done(organiser)
    with transaction():
        db.session.get_one(Booking, held[7].id).state = "cancelled"
    done(organiser)
    runs = db.session.scalars(select(CalibrationRun.id).order_by(CalibrationRun.id)).all()
    assert len(runs) == 2
    assert set(db.session.scalars(select(CandidateLevel.run_id))) == {runs[1]}
    assert set(db.session.scalars(select(RaterTendency.run_id))) == set(runs)
    assert query.levels(held[7].candidate_id) == {}
    assert len(query.of_rater(held[0].interviewer_id)[0].history) == 2


def test_the_nightly_duty_asks_for_it(organiser: Person) -> None:
    upkeep.run(now=clock.now())
    job = query.job()
    assert job is not None
    assert job.asked_at is not None


def test_a_killed_process_leaves_what_stood_and_is_tried_again(
    organiser: Person, held: list[Booking], monkeypatch: pytest.MonkeyPatch
) -> None:
    done(organiser)
    with transaction():
        db.session.get_one(Booking, held[7].id).state = "cancelled"
    before = query.levels(held[0].candidate_id)
    calibration.ask(by=organiser.id, now=clock.now())
    killed = []

    class Killed(fitting.Fitting):
        def found(self, *, within: float) -> dict[str, object] | None:
            if len(killed) < 2:
                killed.append(self.pid)
                os.kill(self.pid, signal.SIGKILL)
            return super().found(within=within)

    monkeypatch.setattr(fitting, "Fitting", Killed)
    assert calibration.work_due(never)
    assert query.levels(held[0].candidate_id) == before, "the former run stands"
    job = query.job()
    assert job is not None
    assert (job.asked_at is not None, job.tries, job.claim) == (True, 1, None)
    assert calibration.work_due(never)
    assert calibration.work_due(never)
    job = query.job()
    assert job is not None
    assert (job.asked_at, job.trouble, job.tries) == (None, "", 0)
    assert query.runs()["coding"].feedbacks == 7
    for pid in killed:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_process_that_always_dies_is_given_up_in_words(
    organiser: Person, held: list[Booking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "CHILD", "mockint.adapters.fitting.nowhere")
    calibration.ask(by=organiser.id, now=clock.now())
    for _ in range(calibration.MOST_TRIES):
        assert calibration.work_due(never)
    assert not calibration.work_due(never)
    job = query.job()
    assert job is not None
    assert (job.asked_at, job.trouble) == (None, calibration.FAILED)


def test_what_a_dead_worker_had_in_hand_is_taken_when_its_lease_is_over(
    organiser: Person, held: list[Booking]
) -> None:
    now = clock.now()
    calibration.ask(by=organiser.id, now=now)
    with transaction():
        job = db.session.get_one(CalibrationJob, 1)
        job.claim, job.claimed_until = "somebody", now + LEASE
    assert not calibration.work_due(never), "it may still live"
    with transaction():
        db.session.get_one(CalibrationJob, 1).claimed_until = now - timedelta(seconds=1)
    assert calibration.work_due(never)
    assert query.runs()


def test_a_worker_that_ends_gives_it_back(organiser: Person, held: list[Booking]) -> None:
    calibration.ask(by=organiser.id, now=clock.now())
    ended = threading.Event()
    ended.set()
    calibration.LOOK_S, look = 0.01, calibration.LOOK_S
    try:
        assert calibration.work_due(ended.is_set)
    finally:
        calibration.LOOK_S = look
    job = query.job()
    assert job is not None
    assert (job.asked_at is not None, job.claim) == (True, None)


def test_the_command_does_it_and_its_file_gives_the_same_numbers(
    app: Flask, organiser: Person, held: list[Booking], tmp_path: Path, settings: Settings
) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mockint.cli", "feedback", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment(settings), capture_output=True, text=True
        )

    done = run("recalibrate")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("coding: 8 feedbacks, 8 candidates, 2 raters; too few to fit")
    path = tmp_path / "ratings.csv"
    assert run("ratings", "coding", str(path)).returncode == 0
    out = [str(tmp_path / name) for name in ("c.csv", "r.csv")]
    said = run(
        "calibrate", str(path), "--candidates", out[0], "--raters", out[1], "--learning", "--json"
    )
    assert json.loads(said.stdout)["data_hash"] == query.runs()["coding"].data_hash
    assert "There is no track cooking" in run("ratings", "cooking").stderr


def test_no_web_process_loads_numpy_for_it() -> None:
    code = (
        "import sys, mockint.web.desk.views, mockint.services.calibration\n"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
