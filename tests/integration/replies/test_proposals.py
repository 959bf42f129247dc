"""Another time proposed by a calendar (COUNTER): told once, moved by nobody but a click."""

from __future__ import annotations

from datetime import timedelta

from mockint.services import booking, replies
from tests.support.declines import kinds, mailed, says
from tests.support.letters import NOW, START
from tests.support.replies import gmail
from tests.support.reply_cases import HOUR, MINUTE, Scene


def propose(scene: Scene, hours: int, *, minute: int) -> None:
    now = NOW + minute * MINUTE
    said = scene.said().but(
        method="COUNTER",
        partstat="TENTATIVE",
        start=START + hours * HOUR,
        end=START + (hours + 1) * HOUR,
        stamp=now,
    )
    assert replies.ingest(gmail(said), now=now).outcome == "applied"


def test_the_other_side_is_told_once_and_the_time_stays(scene: Scene) -> None:
    propose(scene, 3, minute=1)
    ((name, subject),) = mailed(NOW + 2 * MINUTE)
    assert name == "Jonas"
    assert subject.startswith("Sanjana asks for another time")
    assert mailed(NOW + 3 * MINUTE) == []
    assert scene.told().proposed_start == START + 3 * HOUR
    assert (scene.booking.start_at, scene.booking.sequence) == (START, 0)


def test_of_several_only_the_last_is_told_and_not_for_ever(scene: Scene) -> None:
    for number in range(9):
        propose(scene, 2 + number % 3, minute=number)
    assert len(mailed(NOW + HOUR)) <= 5


def test_what_was_answered_or_moved_meanwhile_is_not_told(scene: Scene) -> None:
    propose(scene, 3, minute=1)
    says(scene.booking, "candidate", "ACCEPTED", now=NOW + 2 * MINUTE)
    assert mailed(NOW + 3 * MINUTE) == []
    propose(scene, 3, minute=4)
    booking.reschedule(
        scene.booking.id,
        by=scene.booking.candidate_id,
        side="candidate",
        new_start=START + timedelta(days=1),
        now=NOW + 5 * MINUTE,
    )
    assert "proposed" not in [kind for kind, _who in kinds(NOW + 6 * MINUTE)]
