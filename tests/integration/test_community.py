"""Organisers change the community's settings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mockint.db import db
from mockint.domain.community import Community
from mockint.domain.errors import Invalid
from mockint.models import AuditEntry, CommunitySetting
from mockint.queries import community as community_query
from mockint.services import community
from tests import factories

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def amina(db_session):
    return factories.organiser(now=NOW)


def entries() -> list[tuple[str, object, object, int | None]]:
    found = db.session.scalars(select(AuditEntry).order_by(AuditEntry.subject))
    return [(row.subject, row.before, row.after, row.actor_id) for row in found]


def test_untouched_settings_are_the_delivered_ones(db_session):
    assert community_query.current() == Community()


def test_each_change_leaves_an_audit_row_with_before_and_after(amina):
    changed = community.change(
        {"hold_min": 15, "reminders_min": (60, 2880, 60), "horizon_days": 35}, by=amina.id, now=NOW
    )
    assert sorted(changed) == ["hold_min", "reminders_min"], "35 days it was before"
    after = community_query.current()
    assert (after.hold_min, after.reminders_min) == (15, (2880, 60))
    assert entries() == [
        ("setting:hold_min", 10, 15, amina.id),
        ("setting:reminders_min", [1440, 60], [2880, 60], amina.id),
    ]


def test_the_same_again_changes_nothing(amina):
    community.change({"name": "Harbour Circle"}, by=amina.id, now=NOW)
    assert community.change({"name": " Harbour Circle "}, by=amina.id, now=NOW) == []
    assert len(entries()) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"hold_min": 1}, "hold_min"),
        ({"name": "  "}, "name"),
        ({"contact": "somewhere"}, "contact"),
        ({"lengths_min": ()}, "lengths_min"),
        ({"lengths_min": (30, 45)}, "default_length_min"),
        ({"step_min": 20}, "step_min"),
        ({"reminders_min": (1,)}, "reminders_min"),
    ],
)
def test_an_unusable_value_names_its_field_and_nothing_is_written(amina, values, field):
    with pytest.raises(Invalid) as refused:
        community.change(values | {"max_upcoming": 3}, by=amina.id, now=NOW)
    assert refused.value.field == field
    assert db.session.scalars(select(CommunitySetting)).all() == []
    assert entries() == []


def test_an_unknown_name_is_a_mistake_of_the_caller(amina):
    with pytest.raises(ValueError, match="colour"):
        community.change({"colour": "red"}, by=amina.id, now=NOW)
