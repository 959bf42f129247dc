"""What stands around a web process: the Redis that counts tries, the proxies in front."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from mockint.app import create_app
from mockint.settings import Settings
from mockint.tasks import queue
from mockint.web import extensions
from tests import factories
from tests.support.servers import free_port
from tests.support.web import COMPILED, Client

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


def built(settings: Settings) -> Flask:
    app = create_app(settings)
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = COMPILED
    return app


def guess(client: Client, email: str, **headers: str) -> int:
    data = {"email": email, "password": "guess number one"}
    return client.submit("/login/password", data, page="/login", headers=headers).status_code


@pytest.fixture
def limiter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flask-Limiter's state is one for all apps of this process: put it back afterwards."""
    for name in ("_storage_dead", "_in_memory_fallback_enabled"):
        monkeypatch.setattr(extensions.limiter, name, False)


@contextmanager
def mute_redis() -> Iterator[str]:
    """A Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


@pytest.mark.usefixtures("limiter")
@pytest.mark.parametrize("how", ["refuses", "is mute", "takes another password"])
def test_tries_are_still_counted_when_redis(
    how: str, settings: Settings, db_session: Any, redis_url: str
) -> None:
    jonas = factories.interviewer()
    with mute_redis() as mute:
        url = {
            "refuses": f"redis://127.0.0.1:{free_port()}/0",
            "is mute": mute,
            "takes another password": redis_url.replace("redis://", "redis://:wrong@"),
        }[how]
        client = built(replace(settings, redis_url=url)).test_client()
        codes = [guess(client, jonas.email) for _ in range(12)]
    assert codes == [422] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("proxies", "forwarded", "last"),
    [
        (0, "198.51.100.{n}", 429),  # nobody's word is believed
        (1, "198.51.100.{n}", 422),
        (1, "198.51.100.{n}, 203.0.113.7", 429),  # only the last entry is the proxy's own
        (2, "198.51.100.{n}, 203.0.113.7", 422),
        (2, "192.0.2.{n}, 198.51.100.7, 203.0.113.7", 429),
    ],
)
def test_a_network_is_what_the_proxies_in_front_say(
    proxies: int, forwarded: str, last: int, settings: Settings, db_session: Any
) -> None:
    client = built(replace(settings, trusted_proxies=proxies)).test_client()
    headers = {"X-Forwarded-For": forwarded}
    codes = [
        guess(client, f"{n}@people.example", **{k: v.format(n=n) for k, v in headers.items()})
        for n in range(31)
    ]
    assert codes == [422] * 30 + [last]


def test_a_mute_redis_holds_up_one_commit_not_each(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_silent_until", float("-inf"))
    with mute_redis() as url:
        celery = built(replace(settings, redis_url=url)).extensions[queue.BOUND]
        took = []
        for _ in range(3):
            started = time.monotonic()
            queue.wake(celery)
            took.append(time.monotonic() - started)
    assert queue.COMMIT_SECONDS <= took[0] < queue.REDIS_SECONDS
    assert max(took[1:]) < took[0] / 2
