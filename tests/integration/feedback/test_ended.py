"""After the seal: words added, feedback withdrawn, and feedback that never came."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain.errors import Conflict, Invalid, NotYours, TooEarly
from mockint.models import AuditEntry, FeedbackAddendum, FeedbackWithdrawal, OutboxMessage
from mockint.queries import ended
from mockint.services import addendum, feedback, withdrawal
from tests import factories
from tests.support import feedback as given
from tests.support.drafts import BEFORE, END, HOUR, row, state

MORE = "In minute 30 you moved the cache; read about write-back before the next one."
LATE = END + 73 * HOUR


def told(kind: str) -> list[tuple[str, str]]:
    query = select(OutboxMessage.side, OutboxMessage.state).where(OutboxMessage.kind == kind)
    return sorted((side, state) for side, state in db.session.execute(query))


@pytest.fixture
def organiser(cast):
    return factories.organiser(now=BEFORE)


@pytest.fixture
def sealed(cast):
    given.submitted(cast[2], now=END)
    feedback.release_due(now=END + HOUR)
    return cast[2]


@pytest.fixture
def released(sealed):
    given.rated(sealed, now=END + HOUR)
    return sealed


def add(booking, text=MORE, now=END + 2 * HOUR):
    return addendum.add(booking.id, author_id=booking.interviewer_id, text=text, now=now)


def test_words_are_added_after_the_seal_and_told_once_released(sealed):
    scores = [(one.dimension, one.score) for one in row(sealed).scores]
    first = add(sealed)
    assert told("feedback-addendum") == [], "nobody has read it yet"
    assert add(sealed).id == first.id, "sent twice is added once"
    given.rated(sealed, now=END + HOUR)
    add(sealed, f"Another one. {MORE}")
    assert told("feedback-addendum") == [("candidate", "pending")]
    assert [one.text for one in ended.addenda(row(sealed).id)] == [MORE, f"Another one. {MORE}"]
    assert [(one.dimension, one.score) for one in row(sealed).scores] == scores


def test_an_addendum_is_short_enough_kind_enough_and_the_authors(released, cast):
    for text in ("Too short.", "x" * 2001, "I will find you after the interview.", " "):
        with pytest.raises(Invalid):
            add(released, text)
    with pytest.raises(NotYours):
        addendum.add(released.id, author_id=cast[0].id, text=MORE, now=END)
    for n in range(5):
        add(released, f"{n}. {MORE}")
    with pytest.raises(Conflict):
        add(released, f"6. {MORE}")
    assert len(db.session.scalars(select(FeedbackAddendum)).all()) == 5


def test_nothing_is_added_before_the_seal(cast):
    given.submitted(cast[2], now=END)
    with pytest.raises(Conflict):
        add(cast[2])


def test_withdrawn_feedback_leaves_progress_and_both_are_told(released, cast, organiser):
    withdrawal.withdraw(released.id, by=organiser.id, reason="Mixed up.", now=END + 3 * HOUR)
    assert state(released) == "withdrawn"
    assert told("feedback-withdrawn") == [("candidate", "pending"), ("interviewer", "pending")]
    assert told("feedback-ready") == [("candidate", "suppressed")]
    withdrawal.withdraw(released.id, by=organiser.id, reason="Again.", now=END + 4 * HOUR)
    assert len(told("feedback-withdrawn")) == 2
    kept = db.session.scalars(select(FeedbackWithdrawal)).one()
    assert (kept.kind, kept.reason, kept.by_id) == ("withdrawn", "Mixed up.", organiser.id)
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert actions.count("feedback.withdrawn") == 1
    with pytest.raises(Conflict):
        withdrawal.reopen(released.id, by=organiser.id, now=END + 5 * HOUR)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_withdrawal_says_why(released, organiser, reason):
    with pytest.raises(Invalid):
        withdrawal.withdraw(released.id, by=organiser.id, reason=reason, now=END + 3 * HOUR)
    assert state(released) in ("released", "acknowledged")


def test_only_what_is_sealed_is_withdrawn(cast, organiser):
    given.submitted(cast[2], now=END)
    with pytest.raises(Conflict):
        withdrawal.withdraw(cast[2].id, by=organiser.id, reason="Why not.", now=END)


def test_what_is_never_written_is_closed_after_three_days_and_can_be_opened_again(
    booking, organiser
):
    with pytest.raises(TooEarly):
        withdrawal.give_up(booking.id, by=organiser.id, now=END + 71 * HOUR)
    assert [one.booking.id for one in ended.overdue(ended_before=LATE - 24 * HOUR)] == [booking.id]
    withdrawal.give_up(booking.id, by=organiser.id, reason="Ill.", now=LATE)
    assert told("feedback-closed") == [("candidate", "pending"), ("interviewer", "pending")]
    assert ended.overdue(ended_before=LATE - 24 * HOUR) == []
    assert ended.closed_count(booking.interviewer_id) == 1
    assert ended.closed_count(booking.candidate_id) == 0
    with pytest.raises(Conflict, match="organisers closed"):
        given.submitted(booking, now=LATE)
    withdrawal.reopen(booking.id, by=organiser.id, now=LATE)
    withdrawal.reopen(booking.id, by=organiser.id, now=LATE)
    assert told("feedback-closed") == [("candidate", "suppressed"), ("interviewer", "suppressed")]
    assert ended.closed_count(booking.interviewer_id) == 0
    given.submitted(booking, now=LATE)
    assert state(booking) == "submitted"
    with pytest.raises(Conflict):
        withdrawal.give_up(booking.id, by=organiser.id, now=LATE)


def test_a_closing_that_is_repeated_tells_again(booking, organiser):
    for _again in range(2):
        withdrawal.give_up(booking.id, by=organiser.id, now=LATE)
        withdrawal.reopen(booking.id, by=organiser.id, now=LATE)
    assert len(told("feedback-closed")) == 4
