"""The settings of the community."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from mockint.db import db
from mockint.models import AuditEntry, CommunitySetting
from mockint.queries import community as community_query
from tests.support import desk


@pytest.fixture
def cast(client, db_session, set_clock):
    return desk.cast(client, set_clock)


# Settings

DELIVERED = {
    "name": "mockint", "contact": "", "lengths_min": ["30", "45", "60", "90"],
    "default_length_min": "60", "step_min": "30", "minimum_notice_min": "720",
    "horizon_days": "35", "hold_min": "10", "max_upcoming": "2", "cutoff_reschedule_min": "720",
    "cutoff_cancel_min": "720", "reminders_min": ["1440", "60"], "feedback_deadline_hours": "24",
    "feedback_hold_min": "60", "rating_window_hours": "48", "newest": "0",
}  # fmt: skip


def test_settings_are_changed_and_the_change_is_listed(client, cast):
    page = client.get("/desk/settings").text
    assert "Everything is as it was delivered." in page
    changed = DELIVERED | {"name": "Harbour Circle", "reminders_min": ["120"], "hold_min": "15"}
    assert client.submit("/desk/settings", changed).status_code == 303
    found = community_query.current()
    assert (found.name, found.reminders_min, found.hold_min) == ("Harbour Circle", (120,), 15)
    page = client.get("/desk/settings").text
    assert "mockint became Harbour Circle, by Amina" in page
    assert "24 hours, 1 hour became 2 hours, by Amina" in page
    assert page.count(" became ") == 3


def test_saving_unchanged_settings_writes_nothing(client, cast):
    assert client.submit("/desk/settings", DELIVERED).status_code == 303
    assert db.session.scalars(select(CommunitySetting)).all() == []
    assert "Nothing was changed." in client.get("/desk/settings").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 61),
        ("name", "a\x00b"),
        ("contact", "nowhere"),
        ("contact", "x" * 300),
        ("lengths_min", []),
        ("lengths_min", ["20"]),
        ("lengths_min", ["word"]),
        ("default_length_min", "word"),
        ("default_length_min", "20"),
        ("step_min", "7"),
        ("minimum_notice_min", "99999"),
        ("minimum_notice_min", ""),
        ("horizon_days", "0"),
        ("horizon_days", "35.5"),
        ("hold_min", "-1"),
        ("hold_min", "9" * 40),
        ("max_upcoming", "many"),
        ("cutoff_cancel_min", "x"),
        ("cutoff_reschedule_min", "999999"),
        ("reminders_min", ["1"]),
        ("reminders_min", ["15", "30", "60", "120", "180", "720"]),
        ("feedback_deadline_hours", ""),
        ("rating_window_hours", "٣"),
    ],
)
def test_an_unusable_setting_is_refused_at_its_field_and_nothing_typed_is_lost(
    client, cast, field, value
):
    typed = DELIVERED | {"max_upcoming": "3", "horizon_days": "42", field: value}
    refused = client.submit("/desk/settings", typed)
    assert refused.status_code == 422
    assert f'href="#{field}"' in refused.text
    assert "Error: Settings" in refused.text
    if field != "horizon_days":
        assert 'value="42"' in refused.text
    assert db.session.scalars(select(CommunitySetting)).all() == []


def test_a_missing_field_is_refused(client, cast):
    for field in ("name", "hold_min", "step_min", "lengths_min"):
        typed = {name: value for name, value in DELIVERED.items() if name != field}
        assert client.submit("/desk/settings", typed).status_code == 422, field
    assert db.session.scalars(select(CommunitySetting)).all() == []


def test_a_form_older_than_the_last_change_is_kept_but_not_saved(client, cast):
    client.submit("/desk/settings", DELIVERED | {"hold_min": "15"})
    stale = client.submit("/desk/settings", DELIVERED | {"horizon_days": "42"})
    assert stale.status_code == 409
    assert "Somebody changed the settings meanwhile" in stale.text
    assert 'value="42"' in stale.text
    found = community_query.current()
    assert (found.hold_min, found.horizon_days) == (15, 35)
    newest = db.session.scalar(select(func.max(AuditEntry.id)))
    again = DELIVERED | {"horizon_days": "42", "hold_min": "15", "newest": str(newest)}
    assert client.submit("/desk/settings", again).status_code == 303
    assert community_query.current().horizon_days == 42
