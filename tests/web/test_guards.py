"""Every route, every method, every kind of person: what is not declared as theirs stays shut.

Nothing here names a route, so a new one is covered by being there; one with a new kind of id
fails until `tests.support.world` knows a value for it.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mockint.app import create_app
from mockint.settings import Settings
from mockint.web import guards
from tests import factories
from tests.support.counting import statements
from tests.support.doors import ROLES, Door, doors, may_enter, visitor
from tests.support.web import Client
from tests.support.world import World

STRANGERS = ("other_candidate", "other_interviewer", "volunteer")
WITHOUT_TOKEN = {"accounts.reminders_by_mail"}
"""Routes that take a POST without our token, as RFC 8058 asks; their address is the permission."""
AFTER_A_FORM = {"accounts.sent"}
"""Pages that say what a form just did, and lead elsewhere when there was none."""
KEPT_APART = re.compile(r"^(INSERT INTO|UPDATE|DELETE FROM) login\b")


def writes(sent: list[str]) -> list[str]:
    """The statements that change rows, apart from when a login was last seen."""
    changing = [one for one in sent if re.match(r"\s*(INSERT|UPDATE|DELETE|REPLACE)", one)]
    return [one.split("\n")[0][:80] for one in changing if not KEPT_APART.match(one)]


def turned_away(door: Door, who: str | None, answer: TestResponse) -> bool:
    """Whether somebody who may not enter was told so in the way that fits them."""
    if who is None:
        return answer.status_code in (302, 303) and answer.location.startswith("/login")
    return answer.status_code == 403


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_shows_each_their_own_and_writes_nothing(
    world_app: Flask, world: World, method: str
) -> None:
    wrong, shown = [], set()
    for who in (None, *ROLES):
        client = visitor(world_app, world, who)
        for door in doors(world_app, world, method, most=None if method == "GET" else 2):
            with statements() as sent:
                answer = client.open(door.address, method=method)
            status = answer.status_code
            case = f"{who or 'anonymous'} {method} {door.address}: {status}"
            if writes(sent):
                wrong.append(f"{case} writes {writes(sent)}")
            if not may_enter(door, who):
                if not turned_away(door, who, answer):
                    wrong.append(f"{case}, but only {sorted(door.allowed)} may")
            elif door.owned and who in STRANGERS:
                if status != 404:
                    wrong.append(f"{case} for what is not theirs")
            elif status >= 500:
                wrong.append(case)
            if status == 200:
                shown.add(door.endpoint)
    assert wrong == []
    everything = {door.endpoint for door in doors(world_app, world, method, most=1)}
    if method == "GET":
        assert everything - shown == AFTER_A_FORM, "never seen with 200: the world lacks something"


def test_no_form_counts_without_its_token(world_app: Flask, world: World) -> None:
    wrong = []
    for who in (None, *ROLES):
        client = visitor(world_app, world, who)
        for door in doors(world_app, world, "POST", most=1):
            if door.endpoint in WITHOUT_TOKEN:
                continue
            for data in ({}, {"csrf_token": "made-up"}):
                with statements() as sent:
                    status = client.post(door.address, data=data).status_code
                if status != 400 or writes(sent):
                    wrong.append(f"{who or 'anonymous'} {door.address} {data}: {status}")
    assert wrong == []


def test_the_one_address_that_needs_no_token_is_a_secret(world_app: Flask, world: World) -> None:
    client = visitor(world_app, world, None)
    known = {door.endpoint for door in doors(world_app, world, "POST")}
    assert known >= WITHOUT_TOKEN
    token = world.tokens["accounts.reminders_by_mail"]
    for place in range(len(token)):
        changed = token[:place] + ("b" if token[place] == "a" else "a") + token[place + 1 :]
        with statements() as sent:
            assert client.post(f"/reminders/{changed}").status_code == 404
        assert writes(sent) == []


def test_forms_of_others_are_refused_and_change_nothing(world_app: Flask, world: World) -> None:
    wrong = []
    for who in (None, *ROLES):
        client = visitor(world_app, world, who)
        token = client.token("/account" if who else "/login")
        for door in doors(world_app, world, "POST", most=None if who in STRANGERS else 1):
            entered = may_enter(door, who)
            if entered and not (door.owned and who in STRANGERS):
                continue
            with statements() as sent:
                answer = client.post(door.address, data={"csrf_token": token})
            case = f"{who or 'anonymous'} POST {door.address}: {answer.status_code}"
            if writes(sent):
                wrong.append(f"{case} writes {writes(sent)}")
            if entered and answer.status_code != 404:
                wrong.append(f"{case} for what is not theirs")
            if not entered and not turned_away(door, who, answer):
                wrong.append(f"{case}, but only {sorted(door.allowed)} may")
    assert wrong == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_sent_from_another_site_is_refused(
    world_app: Flask, world: World, headers: dict[str, str]
) -> None:
    wrong = []
    for who in ("candidate", "interviewer", "organiser"):
        client = visitor(world_app, world, who)
        token = client.token("/account")
        for door in doors(world_app, world, "POST", most=1):
            with statements() as sent:
                answer = client.post(door.address, data={"csrf_token": token}, headers=headers)
            if answer.status_code != 400 or writes(sent):
                wrong.append(f"{who} {door.address}: {answer.status_code}")
    assert wrong == []


def test_a_form_sent_from_our_own_pages_is_taken(world_app: Flask, world: World) -> None:
    client = visitor(world_app, world, "candidate")
    for origin in ("http://localhost", "http://127.0.0.1:8000", "null"):
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        data = {"csrf_token": client.token("/account"), "op": "none"}
        answer = client.post("/account/role", data=data, headers=headers)
        assert answer.status_code != 400 or "cannot be used" not in answer.text, origin


def test_methods_nobody_declared_are_refused(world_app: Flask, world: World) -> None:
    wrong = []
    adapter = world_app.url_map.bind("127.0.0.1")
    client = visitor(world_app, world, None)
    found = {
        door.address
        for method in ("GET", "POST")
        for door in doors(world_app, world, method, most=1)
    }
    for address in sorted(found):
        methods = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"}
        for method in sorted(methods - set(adapter.allowed_methods(address))):
            override = {"X-HTTP-Method-Override": "POST"}
            status = client.open(address, method=method, headers=override).status_code
            if status != 405:
                wrong.append(f"{method} {address}: {status}")
    assert wrong == []


def test_what_is_for_the_demo_is_not_there_in_production(
    world_app: Flask, world: World, tmp_path: object
) -> None:
    settings: Settings = replace(
        world_app.extensions["mockint"], mode="production", smtp_url="smtp://127.0.0.1:1"
    )
    real = create_app(settings)
    real.test_client_class = Client
    doors_of_the_demo = [
        (method, door)
        for method in ("GET", "POST")
        for door in doors(real, world, method)
        if guards.DEMO in door.allowed
    ]
    assert doors_of_the_demo
    inside = visitor(real, world, "organiser")
    token = inside.token("/account")
    outside = visitor(world_app, world, "organiser")
    outside_token = outside.token("/account")
    for method, door in doors_of_the_demo:
        data = {"csrf_token": token} if method == "POST" else None
        assert inside.open(door.address, method=method, data=data).status_code == 404, door
        data = {"csrf_token": outside_token} if method == "POST" else None
        answer = outside.open(
            door.address, method=method, data=data, environ_base={"REMOTE_ADDR": "192.0.2.7"}
        )
        assert answer.status_code == 404, "the demo is for this machine alone"


def test_somebody_disabled_is_nobody(app: Flask, client: Client, db_session: object) -> None:
    robin = factories.stranger()
    factories.login(client, robin, role="candidate")
    assert client.get("/account").status_code == 200
    factories.person_with(robin, active=False)
    assert client.get("/account").location.startswith("/login")
