"""What monitoring is told: alive, ready, and figures that no restart makes wrong."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from mockint import clock
from mockint.app import create_app
from mockint.cli import let_go
from mockint.db import db, transaction
from mockint.models import Heartbeat, Inbox, OutboxMessage
from mockint.services import inbox, outbox, relay
from mockint.settings import Settings
from tests import factories
from tests.support.counting import statements
from tests.support.web import Client, served_by_processes

TOKEN = "a token that only monitoring knows"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, metrics_token=TOKEN)


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Name and label values of each sample, as Prometheus itself reads them."""
    return {
        (sample.name, *(value for _name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def checks(client: Client) -> tuple[int, dict[str, bool]]:
    answer = client.get("/readyz")
    found = answer.get_json()["checks"]
    assert all(one["sentence"].endswith(".") for one in found.values())
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, {name: one["ok"] for name, one in found.items()}


def background_work() -> None:
    """A worker swept, and heard from a scheduler."""
    relay.sweep(now=clock.now(), transport=relay.local_transport())
    relay.beat("scheduler", now=clock.now())


# Alive and ready


def test_alive_asks_nobody(client: Client) -> None:
    with statements() as sent:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert sent == []
    assert "Set-Cookie" not in answer.headers


@pytest.mark.usefixtures("db_session")
def test_ready_once_the_background_work_is_done(client: Client) -> None:
    assert checks(client)[0] == 503
    background_work()
    status, found = checks(client)
    assert status == 200
    assert set(found) == {"database", "migrations", "worker", "scheduler", "mail", "zone rules"}
    assert all(found.values())
    assert client.get("/readyz").get_json()["mode"] == "test"


@pytest.mark.parametrize(("duty", "process"), [("sweep", "worker"), ("scheduler", "scheduler")])
@pytest.mark.usefixtures("db_session")
def test_who_was_not_heard_for_three_minutes(client: Client, duty: str, process: str) -> None:
    background_work()
    relay.beat(duty, now=clock.now() - 3 * MINUTE)
    status, found = checks(client)
    assert status == 503
    assert [name for name, ok in found.items() if not ok] == [process]


@pytest.mark.usefixtures("db_session")
def test_mail_that_waits_is_said_and_makes_nothing_unready(client: Client) -> None:
    now = clock.now()
    background_work()
    robin = factories.candidate(now=now)
    with transaction():
        outbox.record(
            key="k", kind="login-link", person_id=robin.id, due_at=now - 12 * MINUTE, now=now
        )
    status, found = checks(client)
    assert (status, found["mail"]) == (200, False)
    answer = client.get("/readyz")
    assert "waits for 12 min" in answer.text
    assert robin.email not in answer.text


@pytest.fixture
def without_mailbox(settings: Settings) -> Iterator[Client]:
    """The pages of an installation whose mailbox of answers is away."""
    app = create_app(replace(settings, imap_url="imap://mockint:hush@127.0.0.1:1/INBOX"))
    yield Client(app, app.response_class)
    let_go(app)


@pytest.mark.usefixtures("db_session")
def test_a_mailbox_of_answers_that_cannot_be_read_is_said(
    client: Client, without_mailbox: Client
) -> None:
    background_work()
    assert "answers" not in checks(client)[1], "no mailbox is set"
    client = without_mailbox
    assert (checks(client)[0], checks(client)[1]["answers"]) == (200, False)
    done = inbox.look(now=clock.now())
    assert "refused" in done.trouble
    answer = client.get("/readyz")
    assert "The mailbox cannot be read." in answer.text
    assert "hush" not in answer.text
    assert figures(client.get("/metrics", headers=HEADERS).text)[("mockint_mailbox_down",)] == 1
    relay.beat(inbox.DUTY, now=clock.now() - MINUTE)
    with transaction():
        db.session.scalars(db.select(Inbox)).one().trouble = ""
    assert checks(client)[1]["answers"]
    assert figures(client.get("/metrics", headers=HEADERS).text)[("mockint_mailbox_down",)] == 0


@pytest.mark.usefixtures("db_session")
def test_tables_of_another_version_are_not_ready(client: Client) -> None:
    relay.sweep(now=clock.now(), transport=relay.local_transport())
    with transaction():
        db.session.execute(db.text("UPDATE alembic_version SET version_num = 'older'"))
    status, found = checks(client)
    assert (status, found["migrations"]) == (503, False)


def test_without_a_database_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    app = create_app(
        Settings(
            mode="production",
            database_url="postgresql://mockint:hush@127.0.0.1:1/mockint",
            smtp_url="smtp://127.0.0.1:1",
            data_dir=str(tmp_path),
            metrics_token=TOKEN,
        )
    )
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["database"] == {
        "ok": False,
        "sentence": "It does not answer.",
    }
    assert "hush" not in answer.text
    told = figures(client.get("/metrics", headers=HEADERS).text)
    assert told["mockint_database_up",] == 0
    assert told["mockint_request_seconds_count", "GET", "/readyz", "5xx"] == 1


# Figures


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": TOKEN}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}],
)
def test_figures_are_for_who_knows_the_token(client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert "mockint_" not in answer.text


def test_without_a_token_there_are_no_figures(settings: Settings) -> None:
    app = create_app(replace(settings, metrics_token=""))
    answer = app.test_client().get("/metrics", headers={"Authorization": "Bearer "})
    assert answer.status_code == 404
    assert not Path(settings.data_dir, "metrics").exists()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_figures_of_what_the_database_knows(app: Flask, client: Client) -> None:
    with app.app_context():
        now = clock.now()
        sanjana, jonas = factories.candidate(now=now), factories.interviewer(now=now)
        factories.booking(sanjana, jonas, now=now)
        with transaction():
            outbox.record(
                key="k", kind="no-such-kind", person_id=sanjana.id, due_at=now - MINUTE, now=now
            )
        relay.sweep(now=now, transport=relay.local_transport())
        db.session.remove()
    told = figures(client.get("/metrics", headers=HEADERS).text)
    assert told["mockint_bookings_made_total",] == 1
    assert told["mockint_bookings", "confirmed"] == 1
    assert told["mockint_outbox", "pending"] == 1
    assert told["mockint_outbox", "dead"] == 0
    assert 60 <= told["mockint_outbox_oldest_due_seconds",] < 120
    assert told["mockint_mail_failures_total",] == 1
    assert told["mockint_duty_seconds_count", "sweep"] == 1
    assert told["mockint_duty_seconds_sum", "sweep"] > 0
    assert told["mockint_heartbeat_age_seconds", "sweep"] < 60
    assert told["mockint_mail_server_down",] == 0


def test_routes_are_counted_without_numbers_or_tokens(client: Client) -> None:
    for address in ("/interviews/4711", "/login/secret-4711", "/nowhere/4711", "/help?x=4711"):
        client.get(address)
    client.open("/help", method="BREW4711")
    text = client.get("/metrics", headers=HEADERS).text
    told = figures(text)
    assert "4711" not in text
    assert told["mockint_request_seconds_count", "GET", "/help", "2xx"] == 1
    assert told["mockint_request_seconds_count", "GET", "none", "4xx"] == 1
    assert told["mockint_request_seconds_count", "other", "none", "4xx"] == 1


# Several processes


def ask(url: str, path: str) -> str:
    parts = urlsplit(url)
    link = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    link.request("GET", path, headers=HEADERS)
    text = link.getresponse().read().decode()
    link.close()
    return text


def answered(url: str) -> float:
    return figures(ask(url, "/metrics"))["mockint_request_seconds_count", "GET", "/healthz", "2xx"]


def children(of: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = (map(int, line.split()) for line in listed.stdout.splitlines())
    return [pid for pid, parent in pairs if parent == of]


def web_processes() -> list[int]:
    """The processes of gunicorn that answer requests: it has them as children."""
    return [pid for child in children(os.getpid()) for pid in children(child)]


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_the_sum_is_what_was_asked_whoever_dies(
    settings: Settings, listener: socket.socket, tmp_path: Path
) -> None:
    files = tmp_path / "metrics"
    sent = 0
    others = set(web_processes())
    for run in range(2):
        copy = socket.socket(fileno=os.dup(listener.fileno()))
        with (
            copy,
            served_by_processes(settings, copy, workers=2, log=tmp_path / f"log{run}") as url,
        ):
            deadline = time.monotonic() + 30
            while sent < 40 or len(list(files.glob("histogram_*.db"))) < 2:
                ask(url, "/healthz")
                sent += 1
                assert time.monotonic() < deadline, "one process answers nothing"
            assert answered(url) == sent
            victim = next(iter(set(web_processes()) - others))
            os.kill(victim, signal.SIGKILL)
            while victim in web_processes() or len(set(web_processes()) - others) < 2:
                time.sleep(0.05)
            for _ in range(40):
                ask(url, "/healthz")
            sent += 40
            assert answered(url) == sent
    assert len(list(files.glob("histogram_*.db"))) == 2


# The banner


@pytest.fixture
def amina(app: Flask, client: Client) -> Client:
    with app.app_context():
        factories.login(client, factories.organiser(), role="organiser")
    return client


def test_organisers_see_that_mail_fails_until_it_recovers(
    app: Flask, client: Client, amina: Client, set_clock: Callable[[datetime], None]
) -> None:
    now = clock.now()
    words = "See what did not go out and why"

    def shown() -> bool:
        return words in amina.get("/desk").text

    def beat(trouble: str) -> None:
        with app.app_context():
            relay.beat("sweep", now=now, trouble=trouble)

    assert not shown()
    beat("the mail server cannot be used")
    assert shown()
    assert words in amina.get("/account").text
    assert words not in app.test_client().get("/help").text
    beat("")
    assert not shown()
    with app.app_context():
        robin = factories.candidate(now=now)
        with transaction():
            outbox.record(key="k", kind="login-link", person_id=robin.id, due_at=now, now=now)
            db.session.execute(
                db.update(OutboxMessage).values(state="dead", next_try_at=now, attempts=1)
            )
    assert shown()
    set_clock(now + timedelta(hours=25))
    assert not shown()
    with app.app_context():
        assert db.session.get(Heartbeat, "sweep") is not None
