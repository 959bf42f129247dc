"""The time that several machines share is the database's, where it has one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.orm import Session

from mockint import clock
from mockint.db import db
from mockint.queries import moment

WRONG = timedelta(hours=2)


def test_a_wrong_clock_is_not_believed(
    db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        clock, "datetime", SimpleNamespace(now=lambda zone: datetime.now(zone) + WRONG)
    )
    wrong_by = moment.now() - datetime.now(UTC) - clock.offset()
    expected = timedelta() if db.engine.dialect.name == "postgresql" else WRONG
    assert abs(wrong_by - expected) < timedelta(seconds=30)


def test_a_moved_clock_is(db_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_offset", lambda: WRONG)
    assert abs(moment.now() - datetime.now(UTC) - WRONG) < timedelta(seconds=30)
    assert moment.now().tzinfo is UTC
