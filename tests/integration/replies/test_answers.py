"""What follows from an answer: the other side hears of a decline once, calendars repeat it."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain.errors import Conflict, Invalid, NotYours, TooLate
from mockint.domain.invitation import CalendarEntry
from mockint.models import AuditEntry, KeptMail, OutboxMessage
from mockint.services import answer, booking, invitation, relay, replies
from mockint.services.kept import KeepTransport
from tests import factories
from tests.support.replies import exchange, gmail
from tests.support.reply_cases import CASES, HOUR, MINUTE, Scene


def hand_over(scene: Scene, partstat: str, **changes: object) -> str:
    scene.now += MINUTE
    return replies.ingest(
        gmail(scene.said().but(partstat=partstat, **changes)), now=scene.now
    ).outcome


def owed(scene: Scene, kind: str) -> list[OutboxMessage]:
    found = select(OutboxMessage).where(
        OutboxMessage.booking_id == scene.booking.id, OutboxMessage.kind == kind
    )
    return list(db.session.scalars(found.order_by(OutboxMessage.id)))


def sent(scene: Scene) -> list[EmailMessage]:
    relay.sweep(now=scene.now, transport=KeepTransport())
    found = db.session.scalars(select(KeptMail).order_by(KeptMail.id))
    return [message_from_bytes(one.raw, policy=policy.default) for one in found]


def entry(scene: Scene) -> CalendarEntry:
    with transaction():
        return invitation.for_mail(scene.booking, "candidate", now=scene.now)


def test_the_other_side_is_told_of_a_decline_once(scene: Scene) -> None:
    assert hand_over(scene, "DECLINED", comment="A <b>fever</b>\\, sorry") == "applied"
    (row,) = owed(scene, "declined")
    assert (row.side, row.person_id) == ("interviewer", scene.booking.interviewer_id)
    (mail,) = sent(scene)
    assert mail["To"].addresses[0].addr_spec == "jonas@people.example"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    assert "A <b>fever</b>, sorry" in text
    assert "sanjana@people.example" not in mail.as_string()
    assert "<b>fever" not in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has one
    assert hand_over(scene, "ACCEPTED") == "applied"
    assert hand_over(scene, "DECLINED") == "applied"
    assert len(sent(scene)) == 1
    again = owed(scene, "comes-again") + owed(scene, "declined")[1:]
    assert [row.reason for row in again] == [
        "they have answered otherwise meanwhile",
        "this was told already",
    ]


def test_who_changes_their_mind_in_time_alarms_nobody(scene: Scene) -> None:
    hand_over(scene, "DECLINED")
    hand_over(scene, "ACCEPTED")
    assert sent(scene) == []
    (row,) = owed(scene, "declined")
    assert (row.state, row.reason) == ("suppressed", "they have answered otherwise meanwhile")


def test_yes_and_maybe_owe_no_mail_and_raise_no_sequence(scene: Scene) -> None:
    for partstat in ("ACCEPTED", "TENTATIVE", "NEEDS-ACTION", "DELEGATED"):
        assert hand_over(scene, partstat) == "applied"
        assert scene.told().partstat == partstat
    assert db.session.scalars(select(OutboxMessage)).all() == []
    assert scene.booking.sequence == 0


def test_an_update_repeats_what_is_known_until_the_time_moves(scene: Scene) -> None:
    assert (entry(scene).attendee.partstat, entry(scene).wants_reply) == ("NEEDS-ACTION", True)  # type: ignore[union-attr]  # a REQUEST has one
    hand_over(scene, "ACCEPTED")
    with transaction():
        booking.change_link(
            scene.booking.interviewer_id, link="https://meet.example/other", now=scene.now
        )
    db.session.refresh(scene.booking)
    assert scene.booking.sequence == 1
    assert entry(scene).attendee.partstat == "ACCEPTED"  # type: ignore[union-attr]  # as above
    booking.reschedule(
        scene.booking.id,
        by=scene.booking.candidate_id,
        side="candidate",
        new_start=scene.booking.start_at + timedelta(days=1),
        now=scene.now,
    )
    assert scene.booking.sequence == 2
    assert entry(scene).attendee.partstat == "NEEDS-ACTION"  # type: ignore[union-attr]  # as above
    assert hand_over(scene, "DECLINED", sequence=0) == "ignored"
    assert hand_over(scene, "DECLINED", sequence=2) == "applied"


def test_a_delegate_is_not_repeated_to_anybody(scene: Scene) -> None:
    hand_over(scene, "DELEGATED")
    assert entry(scene).attendee.partstat == "NEEDS-ACTION"  # type: ignore[union-attr]  # as above


def test_a_proposal_is_kept_and_the_time_stays(scene: Scene) -> None:
    start = scene.booking.start_at
    (raw,) = CASES["another time proposed"].make(scene)
    replies.ingest(raw, now=scene.now)
    told = scene.told()
    assert (told.proposed_start, told.proposed_end) == (start + HOUR, start + 2 * HOUR)
    assert scene.booking.start_at == start
    hand_over(scene, "ACCEPTED")
    assert scene.told().proposed_start is None


def test_a_proposal_in_a_zone_nobody_else_knows_is_refused(scene: Scene) -> None:
    said = scene.said().but(method="COUNTER")
    own = ["DTSTART;TZID=Customized Time Zone:20261126T150000"]
    assert replies.ingest(exchange(said, times=own), now=scene.now).outcome == "refused"


def test_a_comment_is_shortened_and_stripped(scene: Scene) -> None:
    hand_over(scene, "TENTATIVE", comment="late\\n\x07\u202e" + "x" * 2000)
    comment = scene.told().comment
    assert comment.startswith("late\n")
    assert len(comment) == 500
    assert not set("\x07\u202e") & set(comment)


def test_on_a_page_each_answers_for_themselves(scene: Scene) -> None:
    answer.give(scene.booking.id, by=scene.booking.candidate_id, partstat="DECLINED", now=scene.now)
    assert scene.told("candidate").partstat == "DECLINED"
    assert scene.told("interviewer").partstat == "NEEDS-ACTION"
    assert [row.side for row in owed(scene, "declined")] == ["interviewer"]
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_id) == ("booking.answer", scene.booking.candidate_id)
    early = scene.said().but(partstat="ACCEPTED", stamp=scene.now - HOUR)
    assert replies.ingest(gmail(early), now=scene.now + MINUTE).outcome == "ignored"


def test_on_a_page_only_who_is_booked_and_in_time(scene: Scene) -> None:
    booked = scene.booking

    def give(by: int, partstat: str = "ACCEPTED", minutes: int = 0) -> None:
        now = scene.now if not minutes else booked.start_at + minutes * MINUTE
        answer.give(booked.id, by=by, partstat=partstat, now=now)

    with pytest.raises(NotYours):
        give(factories.stranger(now=scene.now).id)
    for word in ("", "NEEDS-ACTION", "DELEGATED", "accepted"):
        with pytest.raises(Invalid):
            give(booked.candidate_id, word)
    with pytest.raises(TooLate):
        give(booked.candidate_id, minutes=1)
    scene.cancelled()
    with pytest.raises(Conflict):
        give(booked.candidate_id)
    assert scene.told().partstat == "NEEDS-ACTION"
