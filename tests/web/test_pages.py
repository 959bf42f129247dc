"""The first page of strangers and of each role; help, privacy, and what every answer carries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mockint.db import transaction
from mockint.models import CommunitySetting
from tests import factories

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(set_clock):
    set_clock(NOW)


def test_a_stranger_reads_what_this_is_and_where_to_start(client, db_session):
    page = client.get("/")
    assert page.status_code == 200
    for words in (
        "Start practising",
        "Sign in",
        "Volunteer as an interviewer",
        "Kathmandu",
        "15:15",
    ):
        assert words in page.text
    for path in ("/signup", "/login", "/signup?wish=interview"):
        assert f'href="{path}"' in page.text


def test_help_and_privacy_say_what_holds_here(client, db_session):
    with transaction():
        db_session.add(CommunitySetting(name="name", value="Harbour Circle", updated_at=NOW))
        db_session.add(CommunitySetting(name="cutoff_cancel_min", value=240, updated_at=NOW))
    page = client.get("/help")
    assert page.status_code == 200
    assert "cancel it until 4 hours" in page.text
    page = client.get("/privacy")
    assert page.status_code == 200
    assert "Harbour Circle runs this site" in page.text


def test_each_role_has_its_first_page(client, db_session, app):
    amina = factories.organiser()
    factories.login(client, amina)
    assert client.get("/").location == "/desk"
    for who in (
        factories.candidate(),
        factories.interviewer(),
        factories.interviewer(factories.people.AMINA, email="new@people.example", state="applied"),
        factories.person(),
    ):
        other = app.test_client()
        factories.login(other, who)
        assert other.get("/").status_code == 200
    assert "with the organisers" not in other.get("/").text


def test_every_page_is_private_and_strict(client, db_session):
    for path in ("/", "/login", "/signup", "/help", "/none"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_page_says_so(client, db_session):
    answer = client.get("/none")
    assert answer.status_code == 404
    assert "nothing at this address" in answer.text
