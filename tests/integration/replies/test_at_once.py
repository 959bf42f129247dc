"""Several at once: two workers with one message, a calendar and a page, an answer and a move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from mockint.db import db
from mockint.models import OutboxMessage, Reply
from mockint.queries import verify
from mockint.services import answer, booking, departure, relay, replies
from mockint.services.kept import KeepTransport
from tests.support.at_once import at_once
from tests.support.replies import gmail
from tests.support.reply_cases import MINUTE, Scene


def count(kind: type, *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(kind).where(*where)) or 0


def test_one_message_in_the_hands_of_six(app: Flask, scene: Scene) -> None:
    raw = gmail(scene.said().but(partstat="DECLINED"))
    done = at_once(app, [lambda: replies.ingest(raw, now=scene.now)] * 6)
    assert sorted(one.outcome for one in done) == ["applied"] + ["ignored"] * 5
    assert count(Reply) == 1
    assert count(OutboxMessage, OutboxMessage.kind == "declined") == 1


def test_many_messages_and_a_page(app: Flask, scene: Scene) -> None:
    """The one made last stands, whichever came in first."""
    said = scene.said()
    raws = [
        gmail(said.but(partstat=partstat, stamp=said.stamp - number * MINUTE))
        for number, partstat in enumerate(("TENTATIVE", "DECLINED", "ACCEPTED", "DECLINED"))
    ]
    acts: list[Callable[[], Any]] = [
        lambda raw=raw: replies.ingest(raw, now=scene.now)  # type: ignore[misc]  # bound early
        for raw in raws
    ]
    at_once(app, acts)
    assert scene.told().partstat == "TENTATIVE"
    ids = scene.booking.id, scene.booking.candidate_id
    page = lambda: answer.give(ids[0], by=ids[1], partstat="ACCEPTED", now=scene.now)  # noqa: E731 - one act of two
    late = gmail(said.but(partstat="DECLINED", stamp=said.stamp + MINUTE / 2))
    at_once(app, [page, lambda: replies.ingest(late, now=scene.now)])
    assert scene.told().partstat == "ACCEPTED"
    relay.sweep(now=scene.now, transport=KeepTransport())
    assert (
        count(OutboxMessage, OutboxMessage.kind == "declined", OutboxMessage.state == "sent") == 0
    )


def test_an_answer_and_a_move_at_once(app: Flask, scene: Scene) -> None:
    """Whoever is first: an answer to the old time is never one to the new."""
    raw = gmail(scene.said())
    ids, start = (scene.booking.id, scene.booking.candidate_id), scene.booking.start_at

    def move() -> None:
        booking.reschedule(
            ids[0],
            by=ids[1],
            side="candidate",
            new_start=start + timedelta(days=1),
            now=scene.now,
        )

    done = at_once(app, [move, lambda: replies.ingest(raw, now=scene.now)])
    assert done[1].outcome in ("applied", "ignored")
    db.session.refresh(scene.booking)
    assert scene.booking.sequence == 1
    assert scene.told().partstat == "NEEDS-ACTION"
    assert list(verify.violations(now=scene.now + MINUTE)) == []


def test_who_has_left_leaves_no_words(scene: Scene) -> None:
    raw = gmail(scene.said().but(partstat="DECLINED", comment="I am ill"))
    replies.ingest(raw, now=scene.now)
    told = scene.told()
    assert told.comment == "I am ill"
    departure.delete_account(scene.booking.candidate_id, reason="bye", now=scene.now)
    db.session.refresh(told)
    assert (told.comment, count(Reply)) == ("", 0)
