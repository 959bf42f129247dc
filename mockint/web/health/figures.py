"""Counts and times of this machine's web processes, in files they share.

Each process writes files of its own, named by its seat: the lowest number that no living process
of this data folder has. The kernel frees a seat when its process ends, however it ends, and the
next process that sits there counts on. So nothing is lost by a restart, there are never more files
than processes at once, and the sum over them is what was asked of this machine.
"""

from __future__ import annotations

import fcntl
import os
import threading
from itertools import count
from pathlib import Path
from typing import IO

import structlog
from flask import Flask, current_app

from mockint.settings import Settings

log = structlog.get_logger()

FOLDER = "metrics"
FILE_BYTES = 1024 * 1024
"""Room for some three hundred series of times; taken at once, as a full disk must end nothing."""
KINDS = ("counter", "histogram")
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
EXTENSION = "figures"


class Seat:
    """A number that no other living process of `folder` has at the same time."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._owner, self._number = folder, 0, 0
        self._lock: IO[str] | None = None

    def __call__(self) -> int:
        if self._owner != os.getpid():
            self._sit()
        return self._number

    def _sit(self) -> None:
        for number in count():
            lock = (self._folder / f"{number}.lock").open("a", encoding="ascii")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                continue
            self._lock, self._number, self._owner = lock, number, os.getpid()
            for kind in KINDS:
                with (self._folder / f"{kind}_{number}.db").open("ab") as file:
                    os.posix_fallocate(file.fileno(), 0, FILE_BYTES)
            return


class Figures:
    """The counters of this process; made at its first request, so after any fork."""

    def __init__(self, folder: Path) -> None:
        from prometheus_client import Counter, Histogram, values  # only where figures are wanted

        folder.mkdir(parents=True, exist_ok=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        values.ValueClass = values.MultiProcessValue(Seat(folder))
        self._requests = Histogram(
            "mockint_request_seconds",
            "Requests by route, method and class of status.",
            ("route", "method", "status"),
            buckets=BUCKETS,
            registry=None,
        )
        self._holds = Counter("mockint_holds_made", "Times that were held.", registry=None)
        self._refusals = Counter(
            "mockint_refusals", "Requests that a rule said no to.", ("kind",), registry=None
        )

    def answered(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """A request got its answer."""
        method = method if method in METHODS else "other"
        self._requests.labels(route, method, f"{status // 100}xx").observe(seconds)

    def held(self) -> None:
        """A time is held."""
        self._holds.inc()

    def refused(self, kind: str) -> None:
        """A rule said no; `kind` is the name of the refusal."""
        self._refusals.labels(kind).inc()


class _Keeper:
    """Gives out the figures of an app; where they cannot be kept, pages are served all the same."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._made: Figures | None = None
        self._given_up = False

    def get(self) -> Figures | None:
        if self._made is None and not self._given_up:
            with self._lock:
                if self._made is None and not self._given_up:
                    try:
                        self._made = Figures(self._folder)
                    except OSError as error:
                        self._given_up = True
                        log.warning("figures_not_kept", reason=error.strerror)
        return self._made


def install(app: Flask) -> None:
    """Keep figures where somebody may ask for them."""
    settings: Settings = app.extensions["mockint"]
    if settings.metrics_token:
        app.extensions[EXTENSION] = _Keeper(Path(settings.data_dir).resolve() / FOLDER)


def current() -> Figures | None:
    """The figures of the running app, if it keeps any."""
    keeper: _Keeper | None = current_app.extensions.get(EXTENSION)
    return keeper.get() if keeper else None


def folder() -> Path:
    """Where this machine's processes keep theirs."""
    settings: Settings = current_app.extensions["mockint"]
    return Path(settings.data_dir).resolve() / FOLDER
