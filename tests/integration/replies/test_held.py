"""An answer that nobody could prove waits for a click by the address on file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain.account import LinkUseless
from mockint.domain.errors import Conflict
from mockint.models import KeptMail, OneTimeLink, OutboxMessage, Reply
from mockint.services import answer, relay, replies
from mockint.services.kept import KeepTransport
from tests.support.replies import exchange, gmail, nextcloud
from tests.support.reply_cases import HOUR, MINUTE, Scene

PATH = "/interviews/answers/"


def hold(scene: Scene, partstat: str = "DECLINED") -> str:
    """Hand over an answer without a verdict; returns the token in the mail that asks."""
    said = scene.said().but(trace="", partstat=partstat)
    assert replies.ingest(gmail(said), now=scene.now).outcome == "held"
    asked = select(OutboxMessage).where(OutboxMessage.kind == "confirm-answer")
    row = db.session.scalars(asked.order_by(OutboxMessage.id.desc())).first()
    assert row is not None
    assert row.person_id == scene.booking.candidate_id
    return str(row.payload["link"]).removeprefix(PATH)


def test_a_click_makes_it_count_once(scene: Scene) -> None:
    token = hold(scene)
    assert scene.told().partstat == "NEEDS-ACTION"
    for _ in range(2):
        replies.held(token, now=scene.now)
    assert scene.told().partstat == "NEEDS-ACTION"
    row, booking = replies.confirm(token, now=scene.now + HOUR)
    assert (row.outcome, booking.id) == ("applied", scene.booking.id)
    assert scene.told().partstat == "DECLINED"
    with pytest.raises(LinkUseless):
        replies.confirm(token, now=scene.now + HOUR)
    kinds = select(OutboxMessage.kind).where(OutboxMessage.booking_id == scene.booking.id)
    assert list(db.session.scalars(kinds)) == ["declined"]


def test_the_mail_goes_to_the_address_on_file_and_keeps_no_link(scene: Scene) -> None:
    said = scene.said().but(sender="evil@elsewhere.example", trace="")
    assert replies.ingest(gmail(said), now=scene.now).outcome == "held"
    relay.sweep(now=scene.now, transport=KeepTransport())
    kept = db.session.scalars(select(KeptMail)).one()
    assert kept.recipient == "sanjana@people.example"
    assert b"elsewhere.example" not in kept.raw
    row = db.session.scalars(select(OutboxMessage)).one()
    assert row.payload == {"link_removed": True}
    assert len(db.session.scalars(select(OneTimeLink)).one().token_hash) == 64


def test_what_has_been_overtaken_cannot_be_confirmed(scene: Scene) -> None:
    token = hold(scene)
    answer.give(scene.booking.id, by=scene.booking.candidate_id, partstat="ACCEPTED", now=scene.now)
    with pytest.raises(Conflict):
        replies.confirm(token, now=scene.now + MINUTE)
    assert scene.told().partstat == "ACCEPTED"


def test_an_answer_to_the_old_time_cannot_be_confirmed(scene: Scene) -> None:
    token = hold(scene)
    scene.moved()
    with pytest.raises(Conflict):
        replies.confirm(token, now=scene.now + MINUTE)
    assert scene.told().partstat == "NEEDS-ACTION"


def test_a_link_ends_after_a_week(scene: Scene) -> None:
    token = hold(scene)
    with pytest.raises(LinkUseless):
        replies.held(token, now=scene.now + timedelta(days=7))


def test_a_proposal_can_be_held_too(scene: Scene) -> None:
    said = scene.said()
    start, end = said.start + HOUR, said.end + HOUR
    raw = exchange(said.but(method="COUNTER", trace="", start=start, end=end))
    assert replies.ingest(raw, now=scene.now).outcome == "held"
    row = db.session.scalars(select(OutboxMessage)).one()
    replies.confirm(str(row.payload["link"]).removeprefix(PATH), now=scene.now + MINUTE)
    assert scene.told().proposed_start == start


def test_what_is_known_already_needs_no_click(scene: Scene) -> None:
    replies.ingest(gmail(scene.said()), now=scene.now)
    scene.now += MINUTE
    assert replies.ingest(nextcloud(scene.said()), now=scene.now).outcome == "ignored"


def test_a_leaked_token_floods_nobody(scene: Scene) -> None:
    outcomes = []
    for number in range(6):
        said = scene.said().but(trace="", partstat=("DECLINED", "TENTATIVE")[number % 2])
        outcomes.append(replies.ingest(gmail(said), now=scene.now).outcome)
    assert outcomes == ["held"] * 3 + ["refused"] * 3
    scene.now += timedelta(days=1, minutes=1)
    assert replies.ingest(gmail(scene.said().but(trace="")), now=scene.now).outcome == "held"


def test_old_messages_are_forgotten(scene: Scene) -> None:
    hold(scene)
    replies.drop_old(now=scene.now + timedelta(days=89))
    assert db.session.scalars(select(Reply)).one()
    replies.drop_old(now=scene.now + timedelta(days=91))
    assert db.session.scalars(select(Reply)).all() == []
