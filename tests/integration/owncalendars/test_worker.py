"""The worker's process reads own calendars, and a server that hangs holds up no mail."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from mockint import clock
from mockint.db import db
from mockint.models import BusyCalendar, Person
from mockint.services import busytime
from mockint.settings import Settings
from mockint.tasks import embedded
from tests import factories
from tests.integration.test_worker import owe_invitations
from tests.support.commands import running, until
from tests.support.shelf import Shelf, calendar
from tests.support.smtp import MailServer

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _stands() -> None:
    """Nowhere: other processes have the real time."""


def connect(person: Person, shelf: Shelf) -> int:
    shelf.files["/jonas.ics"] = calendar()
    now = clock.now()
    return busytime.add_url(person.id, url=shelf.url("/jonas.ics"), name="", now=now).id


def is_read(number: int) -> bool:
    db.session.rollback()
    return db.session.get_one(BusyCalendar, number, populate_existing=True).read_at is not None


def test_a_worker_reads_what_is_added_and_mail_never_waits_for_it(
    app: Flask,
    settings: Settings,
    db_session: object,
    smtp: MailServer,
    redis_url: str,
    tmp_path: Path,
    shelf: Shelf,
) -> None:
    mara = factories.interviewer(name="Mara", email="mara@people.example")
    shelf.hangs = {"/jonas.ics"}
    number = connect(mara, shelf)
    with running(settings, tmp_path / "worker.log", "worker"):
        until(lambda: bool(shelf.asked), "the worker hangs at the calendar")
        owe_invitations()
        assert until(lambda: len(smtp.posts) == 2, "both invitations arrived") < 8
        assert not is_read(number)
        shelf.released.set()
        busytime.look_soon(mara.id, number, now=clock.now())
        until(lambda: is_read(number), "the calendar was read")


def test_one_process_reads_as_well(settings: Settings, jonas: Person, shelf: Shelf) -> None:
    from mockint.app import create_app

    number = connect(jonas, shelf)
    embedded.start(create_app(settings))
    try:
        until(lambda: is_read(number), "the calendar was read")
    finally:
        embedded.stop()
