"""Interviews that both sides were invited to, and a mailbox whose server we trust."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from mockint.db import transaction
from mockint.models import Person
from mockint.services import invitation
from mockint.settings import Settings, activate
from tests import factories
from tests.support.letters import NOW, START
from tests.support.replies import AUTHSERV_ID
from tests.support.reply_cases import Scene

Scenes = Callable[[], Scene]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings,
        base_url="https://mock.harbour.example",
        authserv_id=AUTHSERV_ID,
        pipes_replies=True,
    )


@pytest.fixture
def harbour(app: Flask, settings: Settings) -> Iterator[None]:
    activate(settings)
    with app.app_context():
        yield


@pytest.fixture
def sanjana(harbour: None) -> Person:
    return factories.candidate(now=NOW)


@pytest.fixture
def jonas(harbour: None) -> Person:
    return factories.interviewer(now=NOW)


@pytest.fixture
def new_scene(sanjana: Person, jonas: Person) -> Scenes:
    """Each call makes an interview of its own."""
    made: list[Scene] = []

    def make() -> Scene:
        start = START + len(made) * timedelta(hours=2)
        booking = factories.booking(sanjana, jonas, start=start, now=NOW)
        with transaction():
            booking.uid = f"{uuid.uuid4()}@mock.harbour.example"
            for side in ("candidate", "interviewer"):
                invitation.ensure(booking, side)
        made.append(Scene(booking))
        return made[-1]

    return make


@pytest.fixture
def scene(new_scene: Scenes) -> Scene:
    return new_scene()
