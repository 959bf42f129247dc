"""Links to chosen feedback: what they show, when they end, what is kept of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mockint.db import db, transaction
from mockint.domain.errors import Invalid, LimitReached, NotYours
from mockint.domain.progress import sharing
from mockint.models import Feedback, ProgressShare, ProgressShareItem
from mockint.queries import shares as query
from mockint.services import departure, feedback, rubric, shares
from tests import factories
from tests.support import feedback as given

START = datetime(2026, 9, 14, 13, 0, tzinfo=UTC)
BEFORE = START - timedelta(days=2)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = START + 30 * DAY


@pytest.fixture
def cast(db_session):
    rubric.publish_default(now=BEFORE)
    return factories.candidate(now=BEFORE), factories.interviewer(now=BEFORE)


def held(cast, number: int, *, released: bool = True):
    start = START + number * DAY
    booking = factories.booking(*cast, start=start, now=BEFORE)
    given.submitted(booking, now=start + HOUR)
    if released:
        feedback.release_due(now=start + 50 * HOUR)
    return booking


def made(cast, *bookings, life="30", name="Asha"):
    chosen = [booking.id for booking in bookings]
    return shares.make(cast[0].id, name=name, interviews=chosen, life=life, now=NOW)


def token_of(share) -> str:
    address = shares.address(share)
    assert address is not None
    return address.rpartition("/")[2]


def shown(share) -> list[int]:
    return [row.booking_id for row in query.shown(share)]


def test_it_shows_what_was_chosen_and_nothing_else(cast):
    first, second, third = (held(cast, number) for number in (1, 4, 7))
    share = made(cast, first, third)
    found = shares.find(token_of(share), now=NOW)
    assert shown(found) == [third.id, first.id]
    assert second.id not in shown(found)


def test_only_the_hash_of_the_token_is_kept(cast):
    share = made(cast, held(cast, 1))
    row = db.session.get_one(ProgressShare, share.id)
    assert token_of(share) not in (row.seed, row.token_hash, row.name)
    assert len(token_of(share)) >= 32


def test_it_ends_at_its_time_or_at_once(cast):
    booking = held(cast, 1)
    week, forever = made(cast, booking, life="7"), made(cast, booking, life="never")
    assert shares.find(token_of(week), now=NOW + 7 * DAY - HOUR).id == week.id
    with pytest.raises(NotYours):
        shares.find(token_of(week), now=NOW + 7 * DAY)
    token = token_of(forever)
    assert shares.find(token, now=NOW + 900 * DAY).id == forever.id
    shares.end(forever.id, by=cast[0].id, now=NOW)
    for found in (token, "never-made"):
        with pytest.raises(NotYours):
            shares.find(found, now=NOW)
    assert db.session.query(ProgressShareItem).count() == 1


def test_nobody_else_ends_it(cast):
    share = made(cast, held(cast, 1))
    with pytest.raises(NotYours):
        shares.end(share.id, by=cast[1].id, now=NOW)
    with pytest.raises(NotYours):
        shares.end(999, by=cast[0].id, now=NOW)


def test_only_released_feedback_of_ones_own_can_be_chosen(cast):
    others = held((factories.stranger(now=BEFORE), cast[1]), 1)
    sealed = held(cast, 20, released=False)
    for chosen in ((), (sealed,), (others,)):
        with pytest.raises(Invalid):
            made(cast, *chosen)


def test_withdrawn_feedback_vanishes_from_it(cast):
    booking = held(cast, 1)
    share = made(cast, booking)
    with transaction():
        row = db.session.query(Feedback).filter_by(booking_id=booking.id).one()
        row.state = "withdrawn"
    assert shown(share) == []


def test_the_button_is_noted_and_looking_is_not(cast):
    share = made(cast, held(cast, 1))
    shares.find(token_of(share), now=NOW + HOUR)
    assert db.session.get_one(ProgressShare, share.id).opened_at is None
    shares.open_(token_of(share), now=NOW + 2 * HOUR)
    assert db.session.get_one(ProgressShare, share.id).opened_at == NOW + 2 * HOUR


def test_nobody_has_more_links_than_can_be_watched(cast):
    booking = held(cast, 1)
    for _number in range(sharing.MOST):
        made(cast, booking)
    with pytest.raises(LimitReached):
        made(cast, booking)


def test_a_deleted_account_ends_its_links(cast):
    share = made(cast, held(cast, 1))
    token = token_of(share)
    shares.show_practice(cast[0].id, shown=True, now=NOW)
    departure.delete_account(cast[0].id, reason="", now=NOW)
    with pytest.raises(NotYours):
        shares.find(token, now=NOW)
    assert not query.shows_practice(cast[0].id)


def test_what_is_practised_is_seen_only_when_shared_and_after_the_scores(cast):
    earlier = held(cast, 1)
    later = factories.booking(*cast, start=START + 9 * DAY, now=BEFORE)
    shares.show_practice(cast[0].id, shown=True, now=NOW)
    states = ("", "draft", "submitted", "sealed", "released", "acknowledged")
    seen = [len(query.practised(later, state=state)) for state in states]
    assert seen == [0, 0, 0, 1, 1, 1]
    assert query.practised(earlier, state="released") == []
    other_track = factories.booking(
        *cast, start=START + 12 * DAY, track="system_design", now=BEFORE
    )
    assert query.practised(other_track, state="sealed") == []
    shares.show_practice(cast[0].id, shown=False, now=NOW)
    assert query.practised(later, state="sealed") == []
