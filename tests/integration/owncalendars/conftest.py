"""Jonas, whose calendar lies on a server of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mockint.models import Person
from mockint.settings import Settings
from tests import factories
from tests.support import shelf as shelves
from tests.support.bookings import NOW
from tests.support.shelf import Shelf


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, calendar_networks=shelves.NETWORK)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with shelves.serving() as one:
        yield one


@pytest.fixture(autouse=True)
def _stands(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def jonas(db_session: object) -> Person:
    return factories.interviewer(now=NOW - timedelta(days=30))


@pytest.fixture
def sanjana(db_session: object) -> Person:
    return factories.candidate(now=NOW - timedelta(days=30))
