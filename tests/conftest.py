"""Starts the real servers once a run, and hands each test a fresh database, app and browser page.

A test that asks for `smtp` or `redis_url` gets an app that uses them; one that overrides
`settings` gets an app with its own. With pytest-xdist the servers belong to the controlling
process, and the workers find them by TEST_POSTGRES_URL and TEST_REDIS_URL.
"""

from __future__ import annotations

import os
import socket
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.support import network, servers

if TYPE_CHECKING:  # unit tests run without the web framework, the database and the browser
    from flask import Flask
    from playwright.sync_api import Browser, Page
    from sqlalchemy.orm import Session, scoped_session

    from mockint.settings import Settings
    from tests.support.browser import Complaints
    from tests.support.smtp import MailServer
    from tests.support.web import Client

os.environ["PYTHONTZPATH"] = ""  # zones come from the pinned tzdata alone, here and in children
zoneinfo.reset_tzpath(())

hypothesis.settings.register_profile(
    "mockint",
    deadline=None,  # a busy machine is no finding
    derandomize="CI" in os.environ,  # a landing change meets the same examples each time
)
hypothesis.settings.load_profile("mockint")

UNIT = Path(__file__).parent / "unit"
RUNNING = pytest.StashKey[ExitStack]()
FOUND = pytest.StashKey[list[str]]()


# The servers of a run


def _only_units(config: pytest.Config) -> bool:
    paths = [Path(config.invocation_params.dir, arg.partition("::")[0]) for arg in config.args]
    return all(path == UNIT or UNIT in path.parents for path in paths)


def pytest_configure(config: pytest.Config) -> None:
    network.bar()
    config.stash[FOUND] = []
    if hasattr(config, "workerinput") or config.option.collectonly or _only_units(config):
        return
    config.stash[RUNNING] = running = ExitStack()
    for variable, start in (
        ("TEST_POSTGRES_URL", servers.postgres),
        ("TEST_REDIS_URL", servers.redis_server),
    ):
        try:
            url, words = running.enter_context(start())
        except servers.Unavailable as problem:
            config.stash[FOUND].append(str(problem))
            os.environ[f"{variable}_PROBLEM"] = str(problem)
        else:
            config.stash[FOUND].append(words)
            os.environ[variable] = url
    from tests.support.browser import NONE_FOUND, find

    config.stash[FOUND].append(f"Chromium: {find.find() or NONE_FOUND}")


def pytest_report_header(config: pytest.Config) -> list[str]:
    return config.stash[FOUND]


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUNNING in config.stash:
        config.stash[RUNNING].close()


def _server(variable: str) -> str:
    if variable not in os.environ:
        pytest.fail(os.environ.get(f"{variable}_PROBLEM", f"{variable} is not set"))
    return os.environ[variable]


# Databases


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.support import databases

    return databases.sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def _postgres_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    from tests.support import databases

    return databases.postgres_template(
        _server("TEST_POSTGRES_URL"), tmp_path_factory.mktemp("postgres")
    )


@pytest.fixture(scope="session")
def demo_file(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo community, filled once a run at `demo.NOW`; to be copied."""
    from tests.support import demo

    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return demo.filled(shared, _sqlite_template)


@pytest.fixture(params=["sqlite", "postgres"])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database; a module that needs one engine only parametrises indirectly."""
    from tests.support import databases

    if request.param == "sqlite":
        template = request.getfixturevalue("_sqlite_template")
        yield databases.sqlite_copy(template, tmp_path)
    else:
        name = request.getfixturevalue("_postgres_template")
        with databases.postgres_copy(_server("TEST_POSTGRES_URL"), name) as url:
            yield url


@pytest.fixture
def redis_url() -> str:
    """An empty Redis database of this worker's own."""
    import redis

    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    url = f"{_server('TEST_REDIS_URL')}/{worker}"
    with redis.Redis.from_url(url) as connection:
        connection.flushdb()
    return url


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    """A mail server that keeps what it takes and can be told to fail."""
    from tests.support.smtp import MailServer

    server = MailServer()
    server.start()
    yield server
    server.stop()


# The app


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The socket the app is served on, if it is; its port is in the base URL from the start."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        yield listening


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, engine_url: str, listener: socket.socket, tmp_path: Path
) -> Settings:
    """What the app of this test is configured with."""
    from mockint.settings import Settings

    def asked(fixture: str) -> Any:
        wanted = fixture in request.fixturenames
        return request.getfixturevalue(fixture) if wanted else None

    mail_server: MailServer | None = asked("smtp")
    return Settings(
        mode="test",
        base_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
        database_url=engine_url,
        redis_url=asked("redis_url") or "",
        smtp_url=mail_server.url if mail_server else "",
        data_dir=str(tmp_path),
        secret_key="only for tests, and long enough to sign with",
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on a fresh database. No context is open: see `db_session`."""
    from mockint import clock
    from mockint.app import create_app
    from mockint.db import db
    from tests.support.web import COMPILED, Client

    application = create_app(settings)
    application.test_client_class = Client
    application.jinja_env.bytecode_cache = COMPILED
    yield application
    clock.move_by(timedelta)
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Make the clock of this process stand at an instant, exactly, until it is set again.

    What a test moves the clock by in the database still counts on top.
    """
    from mockint import clock

    def stand_at(instant: datetime) -> None:
        monkeypatch.setattr(clock, "datetime", SimpleNamespace(now=instant.astimezone))

    return stand_at


@pytest.fixture
def db_session(app: Flask) -> Iterator[scoped_session[Session]]:
    """The test's own session, in an app context of its own; services may be called."""
    from mockint.db import db

    with app.app_context():
        yield db.session  # type: ignore[misc]  # Flask-SQLAlchemy's own session class
        db.session.rollback()


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser without JavaScript; `client.submit(address, data)` posts a form with its token."""
    return app.test_client()  # type: ignore[return-value]  # set as test_client_class above


@pytest.fixture
def live_server(app: Flask, listener: socket.socket) -> Iterator[str]:
    """The URL of the app over real HTTP, in threads of this process."""
    from tests.support.web import served

    with served(app, listener) as url:
        yield url


@pytest.fixture
def live_processes(settings: Settings, listener: socket.socket, tmp_path: Path) -> Iterator[str]:
    """The URL of the app over real HTTP, from two processes; it needs no `app` in this one."""
    from tests.support.web import served_by_processes

    with served_by_processes(settings, listener, workers=2, log=tmp_path / "gunicorn.log") as url:
        yield url


# The browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from tests.support.browser import launched

    with launched() as chromium:
        yield chromium


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """What the pages of this test complained about; anything not expected fails the test."""
    from tests.support.browser import Complaints

    heard = Complaints()
    yield heard
    assert heard.unexpected == []


@pytest.fixture
def new_page(
    browser: Browser, live_server: str, complaints: Complaints
) -> Iterator[Callable[..., Page]]:
    """Open a page of a person of their own: `new_page(java_script_enabled=False, ...)` takes the
    options of Playwright's new_context. Addresses are relative to the live server."""
    opened = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server,
            **{"viewport": {"width": 1280, "height": 900}, "timezone_id": "UTC"} | options,
        )
        context.set_default_timeout(30_000)  # two browsers and two servers share two cores
        complaints.watch(context)
        opened.append(context)
        return context.new_page()

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One page with JavaScript, 1280 px wide."""
    return new_page()


@pytest.fixture
def plain_page(new_page: Callable[..., Page]) -> Page:
    """One page without JavaScript."""
    return new_page(java_script_enabled=False)
