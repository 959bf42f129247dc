"""A mail that comes back: its row is dead, its address is marked, and nobody has declined."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import KeptMail, OutboxMessage, Person
from mockint.queries import community, health
from mockint.services import letters, links, outbox, owed, relay, replies
from mockint.services.kept import KeepTransport
from tests.support.letters import NOW
from tests.support.replies import bounce, gmail
from tests.support.reply_cases import MINUTE, Scene


@pytest.fixture
def mail(scene: Scene) -> OutboxMessage:
    """The invitation that went to Sanjana."""
    with transaction():
        owed.invitation(scene.booking, community=community.current(), now=NOW)
    relay.sweep(now=NOW, transport=KeepTransport())
    row = db.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.kind == "invitation", OutboxMessage.side == "candidate"
        )
    ).one()
    assert row.state == "sent"
    return row


def returned(mail: OutboxMessage, **changes: str) -> bytes:
    """What the other server sends back, with the invitation inside."""
    kept = db.session.scalars(select(KeptMail).where(KeptMail.outbox_id == mail.id)).one()
    to = changes.pop("to", letters.bounces_to(mail.id, mail.message_id))
    return bounce(to, kept.raw.decode(), attendee="sanjana@people.example", **changes)


def test_a_bounce_is_no_decline(scene: Scene, mail: OutboxMessage) -> None:
    done = replies.ingest(returned(mail), now=NOW + MINUTE)
    assert (done.outcome, done.booking, done.attendee, done.partstat) == (
        "bounce", scene.booking.uid, "candidate", None,
    )  # fmt: skip
    db.session.refresh(mail)
    assert (mail.state, mail.reason) == ("dead", "it came back: 550 5.1.1 No such user here")
    assert scene.told().partstat == "NEEDS-ACTION"
    assert health.mail_fails(now=NOW + MINUTE)
    person = db.session.get_one(Person, scene.booking.candidate_id)
    assert person.undeliverable_at == NOW + MINUTE


def test_the_same_report_twice_changes_nothing(scene: Scene, mail: OutboxMessage) -> None:
    raw = returned(mail)
    replies.ingest(raw, now=NOW + MINUTE)
    db.session.refresh(mail)
    outbox.send_again(mail.id, by=scene.booking.interviewer_id, now=NOW + MINUTE)
    relay.sweep(now=NOW + 2 * MINUTE, transport=KeepTransport())
    assert replies.ingest(raw, now=NOW + 3 * MINUTE).outcome == "ignored"
    again = db.session.get_one(OutboxMessage, mail.id, populate_existing=True)
    assert again.state == "sent"


def test_a_delay_is_no_bounce(scene: Scene, mail: OutboxMessage) -> None:
    for action in ("delayed", "delivered", "relayed"):
        assert replies.ingest(returned(mail, action=action), now=NOW).outcome == "ignored"
    db.session.refresh(mail)
    assert mail.state == "sent"


def test_nobody_can_make_up_a_bounce(scene: Scene, mail: OutboxMessage) -> None:
    ours = letters.bounces_to(mail.id, mail.message_id)
    proof = ours.partition("@")[0].rpartition("-")[2]
    for to in (
        ours.replace(proof, "0" * 12),
        ours.replace(f"-{mail.id}-", "-999999-"),
        ours.replace(f"-{mail.id}-", f"-{'9' * 9}-"),
        ours.replace(f"-{mail.id}-", f"-{'9' * 18}-"),
        scene.told().organizer,
    ):
        assert replies.ingest(returned(mail, to=to), now=NOW).outcome == "ignored"
    db.session.refresh(mail)
    assert mail.state == "sent"


def test_an_address_works_again_once_a_link_from_a_mail_was_used(
    scene: Scene, mail: OutboxMessage
) -> None:
    replies.ingest(returned(mail), now=NOW + MINUTE)
    person = db.session.get_one(Person, scene.booking.candidate_id)
    with transaction():
        links.send("login", email=person.email, person_id=person.id, now=NOW + MINUTE)
    row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "login-link")).one()
    with transaction():
        links.use("login", str(row.payload["link"]).removeprefix("/login/"), now=NOW + 2 * MINUTE)
    db.session.refresh(person)
    assert person.undeliverable_at is None


def test_an_answer_inside_a_report_is_not_read(scene: Scene, mail: OutboxMessage) -> None:
    answer = gmail(scene.said().but(partstat="DECLINED")).decode()
    raw = bounce(scene.told().organizer, answer, attendee="sanjana@people.example")
    assert replies.ingest(raw, now=NOW).outcome == "ignored"
    assert scene.told().partstat == "NEEDS-ACTION"
