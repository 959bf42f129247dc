"""The one mail after a weak interview: only to who is idle and wants reminders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.models import Feedback, OutboxMessage
from mockint.services import account, feedback, mail, rubric
from mockint.services.mail import Mail, Suppress
from tests import factories
from tests.support import feedback as given

START = datetime(2026, 9, 14, 13, 0, tzinfo=UTC)
BEFORE = START - timedelta(days=2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RELEASED = START + 50 * HOUR
DUE = RELEASED + 3 * DAY


@pytest.fixture
def cast(db_session):
    rubric.publish_default(now=BEFORE)
    return factories.candidate(now=BEFORE), factories.interviewer(now=BEFORE)


def released(cast, *, said: int = 2):
    booking = factories.booking(*cast, start=START, now=BEFORE)
    given.submitted(booking, now=START + HOUR, changes={"recommendation": said}, framing=2)
    feedback.release_due(now=RELEASED)
    return booking


def owed() -> list[OutboxMessage]:
    kind = OutboxMessage.kind == "practise-next"
    return list(db.session.scalars(select(OutboxMessage).where(kind)))


def sent(now=DUE):
    (row,) = owed()
    return mail.of(row, now=now)


@pytest.mark.parametrize("said", [1, 2])
def test_it_is_due_three_days_after_a_weak_ones_release_and_carries_the_plan(cast, said):
    released(cast, said=said)
    (row,) = owed()
    assert row.due_at == DUE
    found = sent()
    assert isinstance(found, Mail)
    assert found.context["plan"] == [given.ITEM.exercise]
    assert found.context["book_page"].endswith("/book?track=coding&level=mid")
    assert found.unsubscribe_url


@pytest.mark.parametrize("said", [3, 4])
def test_after_a_yes_nothing_is_owed(cast, said):
    released(cast, said=said)
    assert owed() == []


def test_who_has_booked_gets_none(cast):
    released(cast)
    factories.booking(*cast, start=DUE + 9 * DAY, now=RELEASED + HOUR)
    assert sent() == Suppress("another interview is booked")


def test_an_interview_that_was_cancelled_is_no_next_one(cast):
    released(cast)
    factories.booking(*cast, start=DUE + DAY, state="cancelled", now=RELEASED)
    assert isinstance(sent(), Mail)


def test_it_is_not_sent_when_reminders_are_off_or_the_feedback_is_gone_or_too_late(cast):
    booking = released(cast)
    late = sent(now=RELEASED + 14 * DAY)
    assert isinstance(late, Suppress)
    assert late.late
    account.set_reminders(cast[0].id, False)
    assert sent() == Suppress("reminders are off")
    account.set_reminders(cast[0].id, True)
    with transaction():
        row = db.session.scalars(select(Feedback).where(Feedback.booking_id == booking.id)).one()
        row.state = "withdrawn"
    assert sent() == Suppress("the feedback was withdrawn")
