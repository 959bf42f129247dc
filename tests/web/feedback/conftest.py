"""An interview that ended an hour ago."""

from __future__ import annotations

import pytest

from mockint.services import rubric
from tests import factories
from tests.support.drafts import BEFORE, END, HOUR, START


@pytest.fixture
def cast(db_session, set_clock):
    rubric.publish_default(now=BEFORE)
    set_clock(END + HOUR)
    candidate = factories.candidate(now=BEFORE)
    interviewer = factories.interviewer(now=BEFORE)
    booking = factories.booking(candidate, interviewer, start=START, now=BEFORE)
    return candidate, interviewer, booking
