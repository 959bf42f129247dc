"""An interview to give feedback on."""

from __future__ import annotations

import pytest

from mockint.services import rubric
from tests import factories
from tests.support.drafts import BEFORE, START


@pytest.fixture
def cast(db_session):
    """A candidate, an interviewer and their booking; the rubric is published."""
    rubric.publish_default(now=BEFORE)
    candidate, interviewer = factories.candidate(now=BEFORE), factories.interviewer(now=BEFORE)
    return candidate, interviewer, factories.booking(
        candidate, interviewer, start=START, now=BEFORE
    )  # fmt: skip


@pytest.fixture
def booking(cast):
    return cast[2]
