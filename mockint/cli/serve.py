"""`mockint serve`, `mockint worker` and `mockint scheduler`: the processes of an installation."""

from __future__ import annotations

import fcntl
import gc
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import IO

import click
from flask import Flask
from sqlalchemy.orm import configure_mappers

from mockint.cli import app_for, let_go, settings_or_exit
from mockint.cli.database import bring_up_to_date, require_tables
from mockint.settings import Settings, SettingsError

STOP_SECONDS = 30
"""How long a request or a mail under way may take after SIGTERM."""


def only_process(settings: Settings) -> IO[str]:
    """Hold the data folder's lock: embedded mode keeps its queue in memory, so it must be alone."""
    path = Path(settings.data_dir) / "embedded.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("w", encoding="ascii")
    except OSError as error:
        raise SettingsError(
            f"MOCKINT_DATA_DIR ({settings.data_dir}) cannot be used: {error.strerror}. "
            "Write a folder that this user may write to."
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise SettingsError(
            f"Another mockint runs on {settings.data_dir} already. Stop it first, or set "
            "MOCKINT_REDIS_URL to run several processes."
        ) from error
    return handle


def socket_is_given() -> bool:
    """Whether systemd holds the listening socket (sd_listen_fds(3)); then nobody is turned away
    while the server is started again."""
    return os.environ.get("LISTEN_PID") == str(os.getpid())


def require_port(host: str, port: int) -> None:
    """Refuse an address that something else listens on, or that this machine does not have."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"{host}:{port} cannot be used: {error.strerror or error}. "
                "Stop what listens there, or choose another with --port."
            ) from error


def run_web(
    app: Flask,
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    ready: Callable[[], None],
) -> None:
    """Serve until SIGTERM; embedded mode is one process with the worker's threads inside."""
    from gunicorn.app.base import BaseApplication  # not needed by the other commands

    from mockint.web import templates  # same

    settings: Settings = app.extensions["mockint"]

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            self.cfg.set("bind", address)
            self.cfg.set("workers", workers)
            self.cfg.set("threads", threads)
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("graceful_timeout", STOP_SECONDS)
            self.cfg.set("timeout", 60)
            self.cfg.set("loglevel", "warning")
            self.cfg.set("secure_scheme_headers", {})  # MOCKINT_TRUSTED_PROXIES decides that
            self.cfg.set("control_socket_disable", True)
            if settings.embedded:
                from mockint.tasks import embedded  # Celery's worker and beat

                self.cfg.set("post_worker_init", lambda worker: embedded.start(app))
                self.cfg.set("worker_exit", lambda server, worker: embedded.stop())
            self.cfg.set("when_ready", lambda server: ready())

        def load(self) -> Flask:
            return app

    templates.load(app)
    configure_mappers()
    let_go(app)  # a forked process must not share its parent's connections
    gc.freeze()  # what is here stays: forked processes share it, and need not look through it
    lock = only_process(settings) if settings.embedded else None
    try:
        Server().run()
    finally:
        if lock is not None:
            lock.close()


def require_mail(settings: Settings) -> None:
    """A community without mail would lose every invitation in silence."""
    if not settings.smtp_url and not settings.shows_mailbox:
        raise SettingsError(
            "MOCKINT_SMTP_URL is not set, so no invitation could be sent. "
            "Set it like smtp://user:password@mail.example.org:587."
        )


@click.command(short_help="Serve the pages.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Web processes.  [default: 2; embedded: 1]",
)
@click.option(
    "--threads",
    default=8,
    show_default=True,
    type=click.IntRange(1, 256),
    help="Requests at once per process.",
)
@click.option("--migrate", is_flag=True, help="Bring the tables up to date first.")
def serve(host: str, port: int, workers: int | None, threads: int, migrate: bool) -> None:
    """Serve the pages; without MOCKINT_REDIS_URL also does the worker's job."""
    settings = settings_or_exit()
    require_mail(settings)
    if settings.embedded and workers not in (None, 1):
        raise SettingsError(
            f"{workers} web processes need a Redis to share. "
            "Set MOCKINT_REDIS_URL, or leave out --workers."
        )
    app = app_for(settings)
    if migrate:
        bring_up_to_date(app)
    require_tables(app)
    where = "a socket of systemd" if socket_is_given() else f"{host}:{port}"
    if not socket_is_given():
        require_port(host, port)
    run_web(
        app,
        host=host,
        port=port,
        workers=workers or (1 if settings.embedded else 2),
        threads=threads,
        ready=lambda: click.echo(f"mockint listens on {where}, process {os.getpid()}."),
    )


def require_redis(settings: Settings) -> None:
    """Refuse background processes of their own beside an embedded installation."""
    if settings.embedded:
        raise SettingsError(
            "Without MOCKINT_REDIS_URL the web process does this itself. "
            "Set MOCKINT_REDIS_URL to run workers of their own."
        )


@click.command(short_help="Send mail, remind and release feedback.")
def worker() -> None:
    """Send mail, remind and release feedback; needs MOCKINT_REDIS_URL. Several may run."""
    settings = settings_or_exit()
    require_mail(settings)
    require_redis(settings)
    from mockint.tasks.worker import run_worker  # Celery, only where it is used

    app = app_for(settings)
    require_tables(app)
    run_worker(app)


@click.command(short_help="Wake a worker on time.")
def scheduler() -> None:
    """Wake a worker every few seconds; needs MOCKINT_REDIS_URL. Two may run without harm."""
    settings = settings_or_exit()
    require_redis(settings)
    from mockint.tasks.scheduler import run_scheduler  # Celery, only where it is used

    app = app_for(settings)
    require_tables(app)
    run_scheduler(app)
