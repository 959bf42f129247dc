"""A whole installation on loopback: database, Redis, mail server and the real commands."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask
from sqlalchemy import text

from mockint import clock
from mockint.app import create_app
from mockint.db import db
from mockint.queries import verify
from mockint.settings import Settings
from tests.prove import measure
from tests.prove.outcome import Options
from tests.prove.processes import ROOT, Service
from tests.prove.sink import Faults, Sink
from tests.support import databases
from tests.support.servers import (
    PATIENCE_SECONDS,
    Server,
    Unavailable,
    free_port,
    own_postgres,
    own_redis,
)
from tests.support.web import environment

SECRET = "only for proofs, and long enough to sign with"
WEB_PROCESSES = {"sqlite": 2, "postgresql": 4}


class Installation:
    """`web` processes serve at `url`; `workers` work. With 0 of either, none is started.

    A PostgreSQL that was given (`options.server`, TEST_POSTGRES_URL) is used with a database of
    our own on it, unless `own_postgres` asks for one that may be killed; then `postgres` is it.
    `changes` are settings that differ. `program` is what answers to `mockint`'s words.
    """

    def __init__(
        self,
        options: Options,
        *,
        web: int | None = None,
        threads: int = 8,
        workers: int = 0,
        faults: Faults | None = None,
        own_postgres: bool = False,
        program: str = "mockint.cli",
        **changes: Any,
    ) -> None:
        self.options = options
        self.web_processes = WEB_PROCESSES[options.database] if web is None else web
        self.threads, self.program = threads, program
        self._workers, self._faults, self._own = workers, faults, own_postgres
        self._changes = changes
        self._stack = ExitStack()
        self.services: list[Service] = []
        self.postgres: Server | None = None

    # What stands

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="mockint-prove-"))
            )
            stack.callback(self._end)
            self.redis = stack.enter_context(own_redis())
            self.port = free_port()
            self.settings = Settings(
                mode="production",
                base_url=self.url,
                redis_url=f"{self.redis.url}/0",
                data_dir=str(self.folder),
                secret_key=SECRET,
            )
            self.sink = Sink(self.folder, environment(self.settings))
            self.sink.listen(self._faults)
            self.settings = replace(
                self.settings,
                database_url=self._database(stack),
                smtp_url=self.sink.url,
                **self._changes,
            )
            self.app = self._application(stack)
            self.workers = [self._service(f"worker{n}", "worker") for n in range(self._workers)]
            options = ["--port", str(self.port), "--threads", str(self.threads)]
            self.web = self._service(
                "web", "serve", *options, "--workers", str(max(1, self.web_processes))
            )
            if self.web_processes:
                self.serve()
            for worker in self.workers:
                worker.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def _end(self) -> None:
        for service in [*self.services, getattr(self, "sink", None)]:
            if service is not None:
                service.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _database(self, stack: ExitStack) -> str:
        """The URL of a fresh, migrated database."""
        if self.options.database == "sqlite":
            return databases.sqlite_copy(databases.sqlite_template(self.folder), self.folder)
        server = self.options.server or os.environ.get("TEST_POSTGRES_URL", "")
        if self._own or not server:
            self.postgres = stack.enter_context(own_postgres(durable=True))
            server = self.postgres.url
        template = databases.postgres_template(server, self.folder)
        return stack.enter_context(databases.postgres_copy(server, template))

    def _application(self, stack: ExitStack) -> Flask:
        """The application in this process, to fill and to ask the database with."""
        clock.move_by(timedelta)  # what migrated the database may move its own
        app = create_app(self.settings)
        stack.callback(self._let_go, app)
        return app

    @staticmethod
    def _let_go(app: Flask) -> None:
        clock.move_by(timedelta)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()

    # Processes

    def _service(self, name: str, *words: str) -> Service:
        command = [sys.executable, "-m", self.program, *words]
        log = self.folder / f"{name}.log"
        service = Service(name, command, environment(self.settings), log)
        self.services.append(service)
        return service

    def start(self, name: str, *words: str) -> Service:
        """Another process that runs `mockint WORDS`."""
        service = self._service(name, *words)
        service.start()
        return service

    def serve(self) -> None:
        """Start the web processes and wait until one answers."""
        self.web.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            if not self.web.runs or time.monotonic() > deadline:
                raise Unavailable(f"The web processes did not come up:\n{self.web.words()}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether the pages can be reached."""
        probe = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            probe.request("GET", "/static/none")
            return probe.getresponse().status == 404
        except (OSError, http.client.HTTPException):
            return False
        finally:
            probe.close()

    def run(self, *words: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """`mockint WORDS`, to its end."""
        return subprocess.run(
            [sys.executable, "-m", self.program, *words],
            cwd=ROOT,
            env=environment(self.settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    # What is in it

    @contextmanager
    def context(self) -> Iterator[None]:
        """`mockint.db` and the services on this database; what was read is not kept."""
        with self.app.app_context():
            try:
                yield
            finally:
                db.session.rollback()
                db.session.remove()

    def rows(self, query: str, **values: Any) -> list[Any]:
        """The answer to a SELECT."""
        with self.context():
            return list(db.session.execute(text(query), values).all())

    def execute(self, *statements: str) -> None:
        """Change the database behind the program's back."""
        with self.context(), db.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def violations(self, *invariants: str) -> list[str]:
        """What `mockint verify` says, of these invariants only (such as "I1"); none: of all."""
        with self.context():
            found = list(verify.violations(now=clock.now()))
        return [
            one
            for one in found
            if not invariants or set(one.partition(":")[0].split("/")) & set(invariants)
        ]

    def deadlocks(self) -> int:
        """Transactions PostgreSQL had to break off since this database was made; 0 on SQLite."""
        if self.options.database == "sqlite":
            return 0
        time.sleep(1.5)  # the server's processes report once a second
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(self.rows(query)[0][0])

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds so far: name of a service, and `database`, to seconds.

        A PostgreSQL that was given is not ours to measure and counts as 0.
        """
        used = {service.name: service.cpu_s() for service in self.services if service.process}
        used["database"] = measure.cpu_s(self.postgres.pid) if self.postgres else 0.0
        return used
