"""Of a booking and a busy time that come together, the later one sees the earlier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask

from mockint.db import transaction
from mockint.domain.busytime import Busy
from mockint.domain.errors import SlotTaken
from mockint.domain.timespan import Span
from mockint.models import Person
from mockint.queries import busytime as query
from mockint.services import busytime, looks, occupancy
from tests.support import calendars
from tests.support.bookings import NOW, TEN, held

pytestmark = pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)

SPAN = Span(TEN, TEN + timedelta(hours=1))
A_MOMENT, LONG = 1.0, 30.0


class Beside:
    """Something done beside the test, which must wait for what the test has not committed yet."""

    def __init__(self, app: Flask, act: Callable[[], object]) -> None:
        self._app, self._act, self._came = app, act, list[object]()
        self._thread = Thread(target=self._run)
        self._thread.start()
        self._thread.join(A_MOMENT)
        assert self._thread.is_alive(), self._came

    def _run(self) -> None:
        with self._app.app_context():
            try:
                self._came.append(self._act())
            except Exception as error:
                self._came.append(error)

    def outcome(self) -> object:
        """What it returned or raised."""
        self._thread.join(LONG)
        (came,) = self._came
        return came


def test_a_look_waits_for_a_booking_of_its_owner(app: Flask, jonas: Person) -> None:
    busytime.add_url(jonas.id, url="https://calendar.example/a.ics", name="", now=NOW)
    (claimed,) = looks._claim(now=NOW, person_id=None, at_once=False, without=())
    seen = looks.Seen(claimed, busy=Busy((SPAN,)))
    with transaction():
        occupancy.lock_people([jonas.id])
        beside = Beside(app, lambda: looks._settle(seen, now=NOW))
    assert beside.outcome() is True
    assert query.blocked(jonas.id, SPAN) == [SPAN]


def test_a_booking_waits_for_a_look_and_is_refused(
    app: Flask, jonas: Person, sanjana: Person
) -> None:
    with transaction():
        occupancy.lock_people([jonas.id])
        calendars.read(jonas.id, [SPAN], now=NOW)
        beside = Beside(app, lambda: held(sanjana, TEN, interviewer_id=jonas.id))
    assert isinstance(beside.outcome(), SlotTaken)
