"""The only place that asks the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_offset: Callable[[], timedelta] = timedelta


def move_by(source: Callable[[], timedelta]) -> None:
    """Let `source` say how far this clock runs ahead of the real one (demo and tests only)."""
    global _offset
    _offset = source


def now() -> datetime:
    """The current instant, aware UTC, whole microseconds; ask once per decision."""
    return datetime.now(UTC) + _offset()


def offset() -> timedelta:
    """How far this clock was moved ahead of the real one; zero in production."""
    return _offset()
