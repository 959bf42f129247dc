"""A database or a Redis that is away, full of others, or takes no writes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from mockint.app import create_app
from mockint.db import db, transaction
from mockint.settings import Settings
from mockint.tasks import queue
from mockint.web.guards import ANYONE, allow
from tests.support.web import Client

sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
postgres_only = pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
COLLIDE = """
DO $$ BEGIN
    IF nextval('tries') <= {times} THEN
        RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '{state}';
    END IF;
END $$
"""
WRITE = (
    "INSERT INTO community_setting (name, value, updated_at) VALUES ('motto', '1', '2026-01-01')"
)
Make = Callable[..., Flask]


@pytest.fixture
def make(settings: Settings) -> Iterator[Make]:
    """Apps outside test mode, each with a route that runs statements in a write unit."""
    made: list[Flask] = []

    def app_with(*statements: str, redis_url: str = "") -> Flask:
        app = create_app(replace(settings, mode="development", redis_url=redis_url))

        def write() -> str:
            with transaction():
                for statement in statements:
                    db.session.execute(text(statement))
            return "written"

        app.test_client_class = Client
        app.config["WTF_CSRF_ENABLED"] = False
        app.add_url_rule("/write", "write", allow(ANYONE)(write), methods=["POST"])
        made.append(app)
        return app

    yield app_with
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def prepare(app: Flask, *statements: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


# The database


@postgres_only
@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_a_request_that_collides_is_done_once_more(make: Make, state: str) -> None:
    app = make(WRITE, COLLIDE.format(times=1, state=state))
    prepare(app, "CREATE SEQUENCE tries")
    answer = app.test_client().post("/write")
    assert (answer.status_code, answer.text) == (200, "written")
    with app.app_context():
        assert db.session.scalar(text("SELECT last_value FROM tries")) == 2


@postgres_only
def test_a_request_that_collides_twice_is_told_to_come_back(make: Make) -> None:
    app = make(COLLIDE.format(times=9, state="40P01"))
    prepare(app, "CREATE SEQUENCE tries")
    answer = app.test_client().post("/write")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Nothing was changed" in answer.text
    with app.app_context():
        assert db.session.scalar(text("SELECT last_value FROM tries")) == 2


@postgres_only
def test_a_server_that_takes_no_writes_is_no_fault_of_ours(make: Make) -> None:
    app = make("SET LOCAL default_transaction_read_only = on", "SET TRANSACTION READ ONLY", WRITE)
    answer = app.test_client().post("/write")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert app.test_client().get("/help").status_code == 200


@postgres_only
def test_who_loses_the_connection_is_told_to_look(make: Make) -> None:
    """It may have carried the commit."""
    app = make(WRITE, "SELECT pg_terminate_backend(pg_backend_pid())")
    answer = app.test_client().post("/write")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Look in a few seconds whether what you sent was saved" in answer.text
    assert app.test_client().get("/help").status_code == 200


@sqlite_only
def test_a_file_that_could_not_be_written_is_opened_anew(make: Make) -> None:
    """The driver keeps it read-only for as long as it is open."""
    app = make(WRITE)
    with app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    answer = app.test_client().post("/write")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert app.test_client().post("/write").text == "written"


# Redis


@sqlite_only
def test_limits_hold_in_each_process_without_redis(make: Make) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        app = make(redis_url=f"redis://127.0.0.1:{closed.getsockname()[1]}/0")
        guesses, together = 24, threading.Barrier(8)

        def guess(number: int) -> int:
            if number < together.parties:
                together.wait()  # all find Redis away at the same moment
            form = {"email": "ada@people.example", "password": "a guess"}
            return app.test_client().post("/login/password", data=form).status_code

        with ThreadPoolExecutor(together.parties) as pool:
            answers = list(pool.map(guess, range(guesses)))
    assert (answers.count(422), answers.count(429)) == (10, guesses - 10)


@sqlite_only
def test_a_page_waits_for_a_redis_that_hangs_only_once(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app = make(redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        with app.app_context():
            queue.wake(app.extensions[queue.BOUND])
            first = time.monotonic() - began
            queue.wake(app.extensions[queue.BOUND])
    assert 0.1 < first < 3
    assert time.monotonic() - began - first < 0.1
