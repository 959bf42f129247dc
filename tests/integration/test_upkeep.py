"""What time alone makes due, and the clock that can be moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from mockint import clock
from mockint.db import db
from mockint.domain.errors import Refusal
from mockint.models import ClockOffset, Heartbeat
from mockint.services import upkeep
from mockint.settings import Settings, activate

pytestmark = pytest.mark.usefixtures("db_session")


def test_every_duty_leaves_its_mark(app: Flask) -> None:
    now = clock.now()
    upkeep.run(now=now)
    upkeep.run(now=now + timedelta(hours=23))
    beats = {name: db.session.get(Heartbeat, name) for name in ("upkeep", "daily")}
    assert beats["upkeep"] is not None
    assert beats["upkeep"].at == now + timedelta(hours=23)
    assert beats["daily"] is not None
    assert beats["daily"].at == now
    upkeep.run(now=now + timedelta(hours=24))
    assert beats["daily"].at == now + timedelta(hours=24)


@pytest.mark.parametrize("by", [timedelta(), timedelta(hours=-1), timedelta(weeks=9)])
def test_the_clock_moves_forward_and_not_too_far(app: Flask, by: timedelta) -> None:
    with pytest.raises(Refusal):
        upkeep.advance_clock(by=by)
    assert db.session.get(ClockOffset, 1) is None


def test_the_clock_adds_up(app: Flask) -> None:
    before = clock.now()
    for _ in range(2):
        upkeep.advance_clock(by=timedelta(hours=7))
    row = db.session.get(ClockOffset, 1)
    assert row is not None
    assert row.seconds == 14 * 3600
    assert timedelta(hours=14) <= clock.now() - before < timedelta(hours=14, minutes=2)


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_a_real_clock_stays_where_it_is(app: Flask, settings: Settings) -> None:
    activate(replace(settings, mode="production"))
    with pytest.raises(upkeep.ClockFixed):
        upkeep.advance_clock(by=timedelta(hours=1))
    assert db.session.get(ClockOffset, 1) is None
