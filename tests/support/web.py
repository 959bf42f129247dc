"""The app reached as a browser reaches it: a test client that carries tokens, real HTTP servers."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from mockint.db import db
from mockint.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0


class Compiled(BytecodeCache):
    """Templates compiled once a process: every test has an app of its own, all with the same."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


class _TokenFinder(HTMLParser):
    token = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("name") == "csrf_token" and not self.token:
            self.token = found.get("value") or ""


class Client(FlaskClient):
    """Flask's test client with one app context a request, as a server has.

    Otherwise a context that the test holds open would be reused, and with it the signed-in person
    and the database session. The test's own session starts anew after each request, so that it
    sees what was written and holds no lock meanwhile.
    """

    application: Flask

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        outer = db.session() if has_app_context() else None
        if outer is not None:
            outer.rollback()
        with self.application.app_context():
            kwargs.setdefault("buffered", True)
            return super().open(*args, **kwargs)

    def token(self, page: str) -> str:
        """The CSRF token of the first form on `page`."""
        finder = _TokenFinder()
        finder.feed(self.get(page, follow_redirects=True).text)
        assert finder.token, f"no form with a token on {page}"
        return finder.token

    def submit(
        self,
        address: str,
        data: Mapping[str, Any] | None = None,
        *,
        page: str | None = None,
        **options: Any,
    ) -> TestResponse:
        """POST a form as a person would: the token comes from `page`, by default the address."""
        token = self.token(page or address)
        return self.post(address, data={"csrf_token": token, **(data or {})}, **options)


@contextmanager
def served(app: Flask, listener: socket.socket) -> Iterator[str]:
    """The app over real HTTP from threads of this process, which share the test's clock."""
    host, port = listener.getsockname()[:2]
    server = make_server(host, port, app, threaded=True, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def environment(settings: Settings) -> dict[str, str]:
    """The MOCKINT_* variables that make another process run with these settings."""
    ours = {f"MOCKINT_{f.name.upper()}": str(getattr(settings, f.name)) for f in fields(settings)}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("MOCKINT_")}
    return inherited | ours


@contextmanager
def served_by_processes(
    settings: Settings, listener: socket.socket, workers: int, log: Path
) -> Iterator[str]:
    """The app over real HTTP from `workers` processes of gunicorn."""
    descriptor = listener.fileno()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{descriptor}"]
    command += ["--workers", str(workers), "--threads", "8", "--no-control-socket", "wsgi:app"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[descriptor],
        )
    host, port = listener.getsockname()[:2]
    try:
        # The listener queues this request until the first worker is up.
        link = http.client.HTTPConnection(host, port, timeout=PATIENCE_SECONDS)
        with closing(link) as probe:
            probe.request("GET", "/static/none")
            probe.getresponse().read()
        yield f"http://{host}:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)
