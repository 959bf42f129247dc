"""Every address of every route, and who may come in there: read from the app, never listed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import NamedTuple

from flask import Flask

from mockint.web import guards
from tests import factories
from tests.support.web import Client
from tests.support.world import World

ROLES: dict[str, frozenset[str]] = {
    "candidate": frozenset({"candidate"}),
    "interviewer": frozenset({"interviewer"}),
    "organiser": frozenset({"organiser"}),
    "other_candidate": frozenset({"candidate"}),
    "other_interviewer": frozenset({"interviewer"}),
    "volunteer": frozenset(),
}
"""Who comes to the door; everything there is belongs to the first two."""
OWNED = {"booking_id", "exception_id", "request_id", "item_id", "share_id"}
"""Arguments that name something of somebody's own."""


class Door(NamedTuple):
    """One address of one route."""

    endpoint: str
    address: str
    allowed: frozenset[str]
    owned: bool


def doors(app: Flask, world: World, method: str, *, most: int | None = None) -> Iterator[Door]:
    """Every address of every route that takes `method`, or `most` a route."""
    adapter = app.url_map.bind("127.0.0.1")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if rule.endpoint == "static" or method not in (rule.methods or ()):
            continue
        names = sorted(rule.arguments)
        ids = product(*(world.values(rule.endpoint, name) for name in names))
        for values in islice(ids, most):
            address = adapter.build(rule.endpoint, dict(zip(names, values, strict=True)), method)
            allowed = vars(app.view_functions[rule.endpoint])["_allowed"]
            yield Door(rule.endpoint, address, allowed, bool(OWNED & set(names)))


def visitor(app: Flask, world: World, who: str | None) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    if who is not None:
        role = next(iter(ROLES[who]), "")
        factories.login(client, world.people[who], role=role)
    return client


def may_enter(door: Door, who: str | None) -> bool:
    if door.allowed & {guards.ANYONE, guards.DEMO}:
        return True
    if who is None:
        return False
    return guards.SIGNED_IN in door.allowed or bool(door.allowed & ROLES[who])
