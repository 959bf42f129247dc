"""The whole booking story in the log: every request found again, and nobody's name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from mockint import clock
from mockint.db import db, transaction
from mockint.models import OutboxMessage
from mockint.services import outbox, rubric
from mockint.settings import Settings
from mockint.tasks import relay as relay_task
from tests import factories
from tests.support.smtp import MailServer
from tests.support.web import Client

CANARY = "Canary4711"
pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, log_json=True, trusted_proxies=1)


def events(said: str) -> list[dict[str, Any]]:
    assert CANARY.lower() not in said.lower()
    assert "127.0.0.1" not in said
    return [json.loads(line) for line in said.splitlines()]


def test_the_story_is_told_without_anybody(
    app: Flask, client: Client, smtp: MailServer, capsys: Any
) -> None:
    with app.app_context():
        now = clock.now()
        rubric.publish_default(now=now)
        sanjana = factories.candidate(name=CANARY, email=f"{CANARY}@people.example", goals=CANARY)
        jonas = factories.interviewer(
            name=f"J{CANARY}", email=f"j{CANARY}@people.example",
            meeting_link=f"https://meet.example/{CANARY}",
        )  # fmt: skip
        start = factories.tomorrow_at(15, jonas.zone, days=3)
        factories.login(client, sanjana)
        jonas_id, sanjana_id = jonas.id, sanjana.id
    headers = {"X-Forwarded-For": CANARY, "User-Agent": CANARY, "X-Request-ID": "from-the-proxy-1"}
    client.get(f"/book?track={CANARY}", headers=headers)
    form = {"track": "coding", "level": "mid", "length": "60", "who": str(jonas_id)}
    form["start"] = start.strftime("%Y-%m-%dT%H:%MZ")
    held = client.submit("/bookings", form, page="/book")
    assert held.status_code == 303
    number = int(held.location.rpartition("/")[2])
    done = client.submit(f"{held.location}/confirmation", form, page=held.location)
    assert done.status_code == 303
    relay_task.begin()
    relay_task.once(app)
    assert len(smtp.posts) == 2
    client.get(f"/interviews/{number}?secret={CANARY}")
    client.get(f"/login/{CANARY}{CANARY}")
    address = f"/bookings/{number}/cancellation"
    client.post(address, data={"reason": CANARY})
    client.submit(address, {"reason": CANARY})
    with app.app_context(), transaction():
        for kind in ("no-such-kind", "login-link"):
            outbox.record(
                key=f"test:{kind}", kind=kind[:40], person_id=sanjana_id, due_at=now, now=now,
                payload={"link": f"/login/{CANARY}"},
            )  # fmt: skip
    smtp.refuse(f"{CANARY}@people.example", f"554 5.7.1 <{CANARY}@people.example>: Relay denied")
    relay_task.once(app)
    said = capsys.readouterr()
    assert said.out == ""
    told = events(said.err)
    requests = [one for one in told if one["event"] == "request"]
    assert len({one["request_id"] for one in requests}) == len(requests)
    assert requests[0]["request_id"] == "from-the-proxy-1"
    assert {"route": "/login/<token>", "method": "GET", "role": "candidate"}.items() <= next(
        one for one in requests if one["route"] == "/login/<token>"
    ).items()
    shown = next(one for one in requests if one["route"] == "/interviews/<int:booking_id>")
    assert (shown["role"], shown["status"], shown["ms"] > 0) == ("candidate", 200, True)
    cancelled = [one for one in requests if one["route"].endswith("/cancellation")]
    assert [one["status"] for one in cancelled] == [400, 200, 303]
    assert {"mail_swept", "mail_broken"} <= {one["event"] for one in told}
    assert "takes nothing from us: 554 5.7.1 <(address)>: Relay denied" in said.err
    with app.app_context():
        states = set(db.session.scalars(db.select(OutboxMessage.state)))
        assert "dead" not in states
        db.session.remove()


@pytest.mark.parametrize("given", ["short", "with space and more", "x" * 65, "<script>12345"])
def test_a_number_that_cannot_be_used_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/help", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    assert len(answer.headers["X-Request-ID"]) == 16


def test_without_a_proxy_nobody_is_believed(settings: Settings) -> None:
    from mockint.app import create_app

    app = create_app(replace(settings, trusted_proxies=0))
    answer = app.test_client().get("/healthz", headers={"X-Request-ID": "made-up-by-anybody"})
    assert answer.headers["X-Request-ID"] != "made-up-by-anybody"
