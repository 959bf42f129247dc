"""A candidate, an interviewer, and invariants that hold whatever a test does with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockint.db import db
from mockint.models import Person
from mockint.queries import verify
from tests import factories
from tests.support.bookings import NOW


@pytest.fixture
def sound() -> Iterator[None]:
    """Whatever a test does, the invariants hold at its end."""
    yield
    db.session.rollback()
    assert list(verify.violations(now=NOW)) == []


@pytest.fixture
def sanjana() -> Person:
    return factories.candidate(now=NOW)


@pytest.fixture
def jonas() -> Person:
    return factories.interviewer(now=NOW)
