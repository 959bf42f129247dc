"""What goes to the log: enough to find a fault, and nothing that people keep to themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from mockint.app import create_app
from mockint.db import db
from mockint.settings import Settings
from mockint.web.guards import ANYONE, allow

CANARY = "canary-4711"
pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture(params=[False, True], ids=["plain", "json"])
def failing(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Flask]:
    """An app outside test mode with two routes that break."""
    logged = replace(settings, mode="development", log_json=request.param, secret_key=CANARY * 4)

    def broken(token: str) -> str:
        password = CANARY
        raise RuntimeError("a fault" if password else "")

    def refused() -> str:
        db.session.execute(db.text("SELECT * FROM missing WHERE mail = :mail"), {"mail": CANARY})
        return ""

    app = create_app(logged)
    app.add_url_rule("/broken/<token>", "broken", allow(ANYONE)(broken))
    app.add_url_rule("/refused", "refused", allow(ANYONE)(refused))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("address", "route", "fault"),
    [(f"broken/{CANARY}", "/broken/<token>", "a fault"), ("refused", "/refused", "no such table")],
)
def test_a_fault_is_found_and_a_secret_is_not(
    failing: Flask, capsys: Any, address: str, route: str, fault: str
) -> None:
    browser = failing.test_client()
    browser.set_cookie("mockint", CANARY)
    answer = browser.get(f"/{address}?token={CANARY}", headers={"Authorization": CANARY})
    assert answer.status_code in (500, 503)
    assert answer.headers["X-Request-ID"] in answer.text
    said = capsys.readouterr()
    assert said.out == ""
    assert "request_failed" in said.err
    assert fault in said.err
    assert "Traceback" in said.err
    assert CANARY not in said.err
    if failing.extensions["mockint"].log_json:
        events = [json.loads(line) for line in said.err.splitlines()]
        assert [(e["event"], e["route"], e["level"]) for e in events] == [
            ("request_failed", route, "error"),
            ("request", route, "info"),
        ]
        assert {e["request_id"] for e in events} == {answer.headers["X-Request-ID"]}
