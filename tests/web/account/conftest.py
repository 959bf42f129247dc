"""Somebody signed in, at a fixed moment, with all tries left."""

from __future__ import annotations

import pytest

from mockint.web.extensions import limiter
from tests import factories
from tests.support.accounts import NOW


@pytest.fixture(autouse=True)
def _fresh(app, set_clock):
    set_clock(NOW)
    limiter.reset()


@pytest.fixture
def sanjana(client, db_session):
    who = factories.candidate()
    factories.login(client, who)
    return who
