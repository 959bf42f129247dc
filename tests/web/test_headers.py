"""What every answer carries, pages and errors alike: the policy, and nothing kept by others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from mockint import app as factory
from mockint.app import create_app
from mockint.db import db
from mockint.settings import Settings
from mockint.web.guards import ANYONE, allow
from tests.support.doors import doors, visitor
from tests.support.web import Client
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Cache-Control": "private, no-store",
}
OWN = {
    "feeds.ics": {"Referrer-Policy": "no-referrer", "Cache-Control": "private, no-cache"},
}
"""Answers that differ: a feed may be kept by who reads it, and its address goes nowhere."""
FRAMES = {"mailbox.show", "mailbox.html"}
"""The demo's mailbox shows mail as it came, in a frame with a policy of its own."""
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
}


def policy(answer: TestResponse) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def lacking(answer: TestResponse, endpoint: str = "") -> dict[str, str | None]:
    wanted = ALWAYS | (OWN.get(endpoint, {}) if answer.status_code == 200 else {})
    found = {name: answer.headers.get(name) for name in wanted}
    return {name: value for name, value in found.items() if value != wanted[name]}


def test_every_route_sends_every_header(world_app: Flask, world: World) -> None:
    wrong = []
    for who in (None, "candidate", "interviewer", "organiser"):
        client = visitor(world_app, world, who)
        for method in ("GET", "POST"):
            for door in doors(world_app, world, method, most=2 if method == "GET" else 1):
                answer = client.open(door.address, method=method)
                if lacks := lacking(answer, door.endpoint):
                    wrong.append(f"{who} {method} {door.address}: {lacks}")
                if door.endpoint not in FRAMES and policy(answer) != POLICY:
                    wrong.append(f"{who} {method} {door.address}: {policy(answer)}")
    assert wrong == []


def test_the_mailbox_frame_loosens_nothing_but_frames(world_app: Flask, world: World) -> None:
    client = visitor(world_app, world, "organiser")
    for door in doors(world_app, world, "GET"):
        if door.endpoint in FRAMES:
            found = policy(client.get(door.address))
            assert found["default-src"] == "'none'"
            assert "script-src" not in found or found["script-src"] in ("'self'", "'none'")
            assert not any("*" in value or "http" in value for value in found.values()), found


def test_pages_are_html_in_utf_8(world_app: Flask, world: World) -> None:
    client = visitor(world_app, world, "organiser")
    for address in ("/", "/help", "/desk", "/nowhere"):
        answer = client.get(address, follow_redirects=True)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.text.startswith("<!doctype html>")


# Errors


@pytest.fixture(scope="module")
def failing(world_app: Flask) -> Iterator[Flask]:
    """An app outside test mode, with a route for each way to fail."""
    settings: Settings = replace(
        world_app.extensions["mockint"], mode="development", base_url="https://mock.example"
    )

    def fail(how: str) -> str:
        if how == "broken":
            raise RuntimeError("a secret of the code")
        if how == "busy":
            raise OperationalError("SELECT secret", {}, Exception("database is locked"))
        abort(int(how))

    app = create_app(settings)
    app.test_client_class = Client
    app.add_url_rule("/fail/<how>", "fail", allow(ANYONE)(fail))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("address", "method", "status", "words"),
    [
        ("/help", "POST", 400, "This page was open too long"),
        ("/fail/403", "GET", 403, "This page is for another role"),
        ("/nowhere", "GET", 404, "There is nothing at this address"),
        ("/help", "DELETE", 405, "it cannot be used like that"),
        ("/fail/410", "GET", 410, "This did not work"),
        ("/fail/413", "GET", 413, "too much text for one form"),
        ("/fail/429", "GET", 429, "Too many tries"),
        ("/fail/broken", "GET", 500, "Something broke on our side"),
        ("/fail/busy", "GET", 503, "The database is busy or away"),
    ],
)
def test_an_error_is_a_page_with_a_sentence_and_every_header(
    failing: Flask, address: str, method: str, status: int, words: str
) -> None:
    if (address, method) == ("/help", "POST"):
        address = "/login/link"
    answer = failing.test_client().open(address, method=method)
    assert answer.status_code == status
    assert words in answer.text
    assert "secret" not in answer.text
    assert lacking(answer) == {}
    assert policy(answer) == POLICY
    if status == 405:
        assert answer.headers["Allow"]
    if status == 503:
        assert answer.headers["Retry-After"] == "5"


def test_a_body_that_is_too_large_is_refused(failing: Flask) -> None:
    answer = failing.test_client().post("/login/link", data={"email": "x" * 300_000})
    assert answer.status_code == 413
    assert "too much text for one form" in answer.text
    assert lacking(answer) == {}


def test_without_a_database_there_still_is_a_page(tmp_path: Path) -> None:
    app = create_app(
        Settings(
            mode="production",
            base_url="https://mock.example",
            database_url="postgresql://mockint:hush@127.0.0.1:1/mockint?connect_timeout=2",
            smtp_url="smtp://127.0.0.1:1",
            data_dir=str(tmp_path),
        )
    )
    for address in ("/", "/login", "/nowhere"):
        answer = app.test_client().get(address)
        assert answer.status_code == (404 if address == "/nowhere" else 503), address
        assert answer.text.startswith("<!doctype html>")
        assert "hush" not in answer.text
        assert lacking(answer) == {}


# Transport and files


def test_only_https_installations_insist_on_https(world_app: Flask, failing: Flask) -> None:
    answer = failing.test_client().get("/help")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in world_app.test_client().get("/help").headers


def test_the_cookie_is_for_this_site_and_no_script(world_app: Flask, failing: Flask) -> None:
    secure = failing.test_client().get("/login").headers["Set-Cookie"]
    name, *attributes = secure.split("; ")
    assert name.startswith("__Host-mockint=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
    assert not [one for one in attributes if one.startswith("Domain")]
    plain = world_app.test_client().get("/login").headers["Set-Cookie"].split("; ")
    assert plain[0].startswith("mockint=")
    assert {"HttpOnly", "SameSite=Lax"} <= set(plain)


def test_built_files_are_kept_for_good_and_others_are_asked_about(world_app: Flask) -> None:
    client = world_app.test_client()
    manifest = json.loads((ROOT / "static" / "dist" / "manifest.json").read_text())
    assert manifest
    for name in manifest.values():
        answer = client.get(f"/static/dist/{name}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
    assert "immutable" not in client.get("/static/dist/manifest.json").headers["Cache-Control"]
    assert client.get("/static/dist/gone-12345678.js").headers["Cache-Control"] == (
        "private, no-store"
    )


def test_the_policy_is_the_one_that_was_decided() -> None:
    assert dict(part.split(" ", 1) for part in factory.POLICY.split("; ")) == POLICY
