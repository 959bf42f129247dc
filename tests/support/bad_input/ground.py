"""The world the forms are sent in: it can be saved, put back, and compared row by row."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import itsdangerous.timed
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mockint.db import db
from mockint.web.extensions import limiter
from tests import factories
from tests.support.bad_input.fields import Body
from tests.support.bad_input.forms import Form
from tests.support.doors import ROLES
from tests.support.web import Client
from tests.support.world import World

Rows = dict[str, list[str]]
ANY_PAGE = {True: "/account", False: "/login"}
"""A page with a form, for somebody signed in or not; its token serves for any other."""
COOKIE = "mockint"
SENTENCE = re.compile(r"[A-Z]\S*( \S+){2,}\.")


class Ground:
    """An app with its world."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        self._senders: dict[str | None, Sender] = {}
        with app.app_context():
            self.on_sqlite = db.engine.dialect.name == "sqlite"

    def rows(self) -> Rows:
        """Every row of every table; no table is left out."""
        with self.app.app_context(), db.engine.connect() as connection:
            return {
                table.name: sorted(
                    map(repr, connection.exec_driver_sql(f'select * from "{table.name}"'))
                )
                for table in db.metadata.sorted_tables
            }

    def saved(self) -> sqlite3.Connection | None:
        """A copy of the database in memory; None where it cannot be had so cheaply."""
        if not self.on_sqlite:
            return None
        copy = sqlite3.connect(":memory:")
        with self._file() as file:
            file.backup(copy)
        return copy

    def put_back(self, copy: sqlite3.Connection | None) -> None:
        """Make the database what it was."""
        if copy is None:
            return
        with self._file() as file:
            copy.backup(file)

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
            path = db.engine.url.database
        assert path is not None
        connection = sqlite3.connect(path)
        try:
            yield connection
        finally:
            connection.close()

    def address(self, form: Form, **args: object) -> str:
        """Where the form is sent."""
        known = {name: self._id(form.endpoint, name, key) for name, key in form.args.items()}
        adapter = self.app.url_map.bind("127.0.0.1")
        return adapter.build(form.endpoint, known | args, "POST") + form.query

    def _id(self, endpoint: str, argument: str, key: str) -> object:
        if argument == "token":
            return self.world.tokens[endpoint]
        by_name = {
            "booking_id": self.world.bookings,
            "person_id": self.world.people,
            "round_id": self.world.rounds,
        }
        return by_name[argument][key] if argument in by_name else self.world.ids[argument][0]

    def sender(self, who: str | None) -> Sender:
        """A browser of this person; where nothing is put back, the same one each time."""
        if who not in self._senders:
            made = self._sender(who)
            if self.on_sqlite:
                return made
            self._senders[who] = made
        return self._senders[who]

    def _sender(self, who: str | None) -> Sender:
        client = self.app.test_client()
        assert isinstance(client, Client)
        if who is not None:
            role = next(iter(ROLES[who]), "")
            factories.login(client, self.world.people[who], role=role)
        return Sender(client, client.token(ANY_PAGE[who is not None]))

    def stale_sender(self, who: str | None) -> Sender:
        """A browser whose page has been open for longer than a token counts."""
        with pytest.MonkeyPatch.context() as patch:
            yesterday = SimpleNamespace(time=lambda: time.time() - 25 * 3600)
            patch.setattr(itsdangerous.timed, "time", yesterday)
            return self.sender(who)


class Sender:
    """A browser that sends forms, each as if it were its first: no answer changes its cookie."""

    def __init__(self, client: Client, token: str) -> None:
        self.client, self.token = client, token
        self.cookie = client.get_cookie(COOKIE)

    def send(self, address: str, body: Body, *, token: str | None = None) -> TestResponse:
        """POST the form; how often one may try is another test's matter."""
        limiter.reset()
        if self.cookie is not None:
            self.client.set_cookie(COOKIE, self.cookie.value)
        sent: dict[str, Any] = {
            name: (BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value
            for name, value in body.items()
            if value is not None
        }
        return self.client.post(address, data={"csrf_token": token or self.token} | sent)


class _Words(HTMLParser):
    """What stands in alerts, at fields in error, and at the top of an error page."""

    VOID = frozenset({"input", "br", "hr", "img", "meta", "link", "use", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.VOID:
            return
        had = dict(attrs)
        classes = (had.get("class") or "").split()
        speaks = had.get("role") in ("alert", "status") or "error" in classes
        self._open.append(speaks or tag == "h1" or "banner" in classes)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if any(self._open) and data.strip():
            self.found.append(" ".join(data.split()))


def sentences(answer: TestResponse) -> list[str]:
    """The whole sentences with which a page says what is wrong."""
    if answer.is_json:
        words = re.findall(r'"((?:[^"\\]|\\.)*)"', json.dumps(answer.json))
    else:
        reader = _Words()
        reader.feed(answer.text)
        words = reader.found
    return [text for text in words if SENTENCE.search(text)]


def shown(answer: TestResponse, text: str) -> bool:
    """Whether the page has this text in it, as a browser reads it."""
    return " ".join(text.split()) in " ".join(html.unescape(answer.text).split())
