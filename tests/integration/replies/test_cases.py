"""Every case of the table, on both engines: what becomes of it, and what it leaves alone."""

from __future__ import annotations

from sqlalchemy import func, select

from mockint.db import db
from mockint.models import Booking, Invitation, Reply
from mockint.services import replies
from tests.integration.replies.conftest import Scenes
from tests.support.replies import gmail
from tests.support.reply_cases import CASES, MINUTE, Case, Scene

Found = tuple[str, str, bool]


def expected(case: Case) -> Found:
    return case.outcome, case.partstat, case.known


def happened(scene: Scene, case: Case) -> Found:
    """Hand the messages over; returns the last outcome, what is known, whether it was named."""
    for raw in case.make(scene):
        scene.now += MINUTE
        done = replies.ingest(raw, now=scene.now)
    assert done.booking in (None, scene.booking.uid)
    assert done.attendee == (None if done.booking is None else "candidate")
    assert done.reason.endswith(".")
    return done.outcome, scene.told().partstat, done.booking is not None


def test_each_message_does_what_it_may(new_scene: Scenes) -> None:
    assert len(CASES) >= 60
    scenes = {name: new_scene() for name in CASES}
    before = {name: (one.booking.start_at, one.booking.sequence) for name, one in scenes.items()}
    found = {name: happened(scenes[name], case) for name, case in CASES.items()}
    assert found == {name: expected(case) for name, case in CASES.items()}
    db.session.expire_all()
    for name, scene in scenes.items():
        assert scene.told("interviewer").partstat == "NEEDS-ACTION", name
        if name not in ("an answer to an earlier version", "after the cancellation"):
            assert (scene.booking.start_at, scene.booking.sequence) == before[name], name
            assert scene.booking.state == "confirmed", name


def test_an_interviewer_answers_in_the_same_way(new_scene: Scenes) -> None:
    scene = new_scene()
    said = scene.said("interviewer").but(partstat="DECLINED")
    done = replies.ingest(gmail(said), now=scene.now)
    assert (done.outcome, done.attendee, done.partstat) == ("applied", "interviewer", "DECLINED")
    assert scene.told("interviewer").partstat == "DECLINED"
    assert scene.told("candidate").partstat == "NEEDS-ACTION"


def test_nothing_is_added_to_an_interview(new_scene: Scenes) -> None:
    scene = new_scene()
    for name in ("a forwarded invitation", "two attendees", "another UID"):
        happened(scene, CASES[name])
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 2
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 1


def test_a_row_is_kept_for_what_concerns_an_interview(new_scene: Scenes) -> None:
    scene = new_scene()
    happened(scene, CASES["another UID"])
    happened(scene, CASES["no address of ours"])
    assert db.session.scalar(select(func.count()).select_from(Reply)) == 0
    happened(scene, CASES["the same message twice"])
    row = db.session.scalars(select(Reply)).one()
    assert (row.outcome, row.side, row.booking_id) == ("applied", "candidate", scene.booking.id)
    assert row.comment == ""
