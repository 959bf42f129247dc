"""Every journey has a town of its own, on SQLite unless it says otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import databases

if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Page

    from tests.journeys.story import Town
    from tests.support.smtp import MailServer

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""A Monday, 10:30 in Berlin and 15:15 in Kathmandu."""


@pytest.fixture
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLite; a journey told on PostgreSQL parametrises this indirectly."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield databases.sqlite_copy(request.getfixturevalue("_sqlite_template"), tmp_path)
    else:
        server = os.environ["TEST_POSTGRES_URL"]
        name = request.getfixturevalue("_postgres_template")
        with databases.postgres_copy(server, name) as url:
            yield url


@pytest.fixture
def town(
    app: Flask,
    smtp: MailServer,
    new_page: Callable[..., Page],
    set_clock: Callable[[datetime], None],
) -> Town:
    """A community on a Monday morning, with its rubric and nobody in it."""
    from mockint.services import rubric
    from tests.journeys.story import Town

    set_clock(NOW)
    place = Town(app, smtp, new_page, NOW)
    with place.made():
        rubric.publish_default(now=NOW)
    return place
