"""A booking whose mails are owed, and the sweep that sends them."""

from __future__ import annotations

from datetime import datetime

import pytest

from mockint.adapters.smtp import SmtpTransport
from mockint.db import db
from mockint.models import Booking, Person
from mockint.services import booking as booking_service
from mockint.services import holds, relay
from mockint.services.matching import Wanted
from tests import factories
from tests.support.owed import NOW, START, Sweep
from tests.support.smtp import MailServer


@pytest.fixture
def sanjana() -> Person:
    return factories.candidate(now=NOW)


@pytest.fixture
def jonas() -> Person:
    return factories.interviewer(now=NOW)


@pytest.fixture
def booking(sanjana: Person, jonas: Person) -> Booking:
    """Booked through the front door: hold and confirm."""
    wanted = Wanted("coding", "mid", 60, START, jonas.id)
    held = holds.hold(sanjana.id, wanted, now=NOW)
    made = booking_service.confirm(held.id, candidate_id=sanjana.id, now=NOW)
    return db.session.get_one(Booking, made.id)


@pytest.fixture
def sweep(smtp: MailServer) -> Sweep:
    def do(now: datetime) -> relay.Swept:
        return relay.sweep(now=now, transport=SmtpTransport(smtp.url))

    return do
