"""The demo community: believable, complete and whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from mockint import clock
from mockint.app import create_app
from mockint.db import db
from mockint.demo import seed
from mockint.domain import zones
from mockint.domain.interview import Verdict, verdict
from mockint.domain.rubric import TRACKS
from mockint.models import Booking, Feedback, KeptMail, OutboxMessage, Person, SlotRequest
from mockint.queries import round as round_query
from mockint.queries import verify
from tests.support import demo as community

pytestmark = pytest.mark.timeout(600)  # the file is filled in the first test's name
NOW = community.NOW


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, demo_file: Path) -> Iterator[Flask]:
    app = create_app(community.settings(tmp_path_factory.mktemp("demo"), demo_file))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    clock.move_by(timedelta)


def everybody(role: str) -> list[Person]:
    return [p for p in db.session.scalars(select(Person)).unique() if role in p.role_names]


def test_the_people_are_there(demo):
    interviewers = everybody("interviewer")
    assert len(interviewers) == 30
    assert len(everybody("candidate")) == 60
    zones_held = {person.zone for person in interviewers}
    assert len(zones_held) >= 8
    offsets = {zones.offset_label(zone, NOW) for zone in zones_held}
    assert {"UTC+05:45", "UTC+13:45"} <= offsets
    for track in TRACKS:
        assert sum(track in p.interviewer.tracks for p in interviewers) >= 6
    applied = db.session.scalars(select(Person)).unique()
    assert sum(p.interviewer is not None and p.interviewer.state == "applied" for p in applied) == 3


def test_six_weeks_back_and_five_ahead(demo):
    bookings = db.session.scalars(select(Booking)).unique().all()
    assert 170 <= len(bookings) <= 260
    starts = sorted(booking.start_at for booking in bookings)
    assert starts[0] < NOW - timedelta(weeks=5)
    assert starts[-1] > NOW + timedelta(weeks=3)
    states = Counter(booking.state for booking in bookings)
    assert states["cancelled"] >= 5
    verdicts = Counter(
        verdict(b.interviewer_attendance, b.candidate_attendance)
        for b in bookings
        if b.state == "confirmed" and b.end_at < NOW
    )
    assert verdicts[Verdict.CANDIDATE_ABSENT] + verdicts[Verdict.INTERVIEWER_ABSENT] >= 3
    assert verdicts[Verdict.DISPUTED] >= 1
    written = {feedback.booking_id for feedback in db.session.scalars(select(Feedback)).unique()}
    overdue = [
        b
        for b in bookings
        if b.state == "confirmed"
        and b.end_at < NOW - timedelta(hours=24)
        and verdict(b.interviewer_attendance, b.candidate_attendance) is Verdict.ATTENDED
        and b.id not in written
    ]
    assert len(overdue) >= 2


def test_somebody_waits_for_a_time_that_nobody_can_give(demo):
    waiting = db.session.scalars(select(SlotRequest).where(SlotRequest.ended_at.is_(None))).all()
    assert len(waiting) >= 3
    assert not any(request.told_at for request in waiting)


def test_one_round_was_published_and_one_is_open_to_the_guides(demo):
    coming, over = round_query.cards()
    assert (coming.state, over.state) == ("open", "published")
    shown = round_query.review(over.id)
    assert shown.status == "optimal"
    assert shown.matched >= 5
    assert shown.failures == 0
    assert coming.asked >= 5
    guide = db.session.scalars(
        select(Person).where(Person.email == seed.GUIDES["candidate"][1])
    ).one()
    mine = round_query.for_candidate(guide.id, now=NOW)
    assert [one.card.id for one in mine] == [coming.id]


def test_nobody_reads_the_same_note_twice(demo):
    read: Counter[tuple[int, str]] = Counter()
    for feedback in db.session.scalars(select(Feedback)).unique():
        for score in feedback.scores:
            if score.evidence:
                read[feedback.booking.candidate_id, score.evidence] += 1
    assert read, "there is feedback"
    assert max(read.values()) == 1


def test_people_get_better_as_they_practise(demo):
    """The hidden trend can be seen: later interviews score higher than first ones."""
    means: dict[int, list[float]] = {}
    found = db.session.scalars(select(Feedback).join(Booking).order_by(Booking.start_at)).unique()
    for feedback in found:
        scores = [score.score for score in feedback.scores if score.score]
        means.setdefault(feedback.booking.candidate_id, []).append(sum(scores) / len(scores))
    changes = [history[-1] - history[0] for history in means.values() if len(history) >= 3]
    assert sum(changes) / len(changes) > 0.1


def test_mail_went_out_and_every_invariant_holds(demo):
    assert db.session.scalar(select(KeptMail.id).limit(1)) is not None
    states = Counter(db.session.scalars(select(OutboxMessage.state)))
    assert states["sent"] > 500
    assert not states["dead"]
    assert list(verify.violations(now=NOW)) == []
