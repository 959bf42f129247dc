"""The pages of a community with many people and much to say stay light, narrow and accessible."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from mockint import clock
from mockint.app import create_app
from mockint.db import db
from mockint.demo import seed
from mockint.models import Person
from mockint.queries import verify
from tests.pages import visits
from tests.support import demo as community
from tests.support import web
from tests.support.browser import Complaints
from tests.support.world import World

pytestmark = pytest.mark.timeout(600)  # the file is filled in the first test's name
NOW = community.NOW
PAGES = {
    None: ("/login", "/mailbox"),
    "candidate": ("/", "/book", "/interviews", "/progress"),
    "interviewer": ("/", "/hours", "/interviews", "/feedback"),
    "organiser": ("/desk", "/desk/bookings", "/desk/people", "/desk/mail", "/desk/settings"),
}


@pytest.fixture(scope="module")
def demo(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[visits.Town]:
    """The demo as it is after its first start, with its guides."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=64) as listener,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(clock, "datetime", SimpleNamespace(now=NOW.astimezone))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        folder = tmp_path_factory.mktemp("demo")
        app = create_app(community.settings(folder, demo_file, base_url=address))
        app.test_client_class = web.Client
        with app.app_context():
            people = {
                role: db.session.scalars(select(Person.id).where(Person.email == email)).one()
                for role, (_name, email) in seed.GUIDES.items()
            }
            db.session.remove()
        with web.served(app, listener) as url:
            yield visits.Town(app, World(people=people, bookings={}, tokens={}), url)
        clock.move_by(timedelta)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def test_full_pages(browser: Browser, demo: visits.Town, complaints: Complaints) -> None:
    wrong = []
    for who, addresses in PAGES.items():
        for address in addresses:
            with visits.looking(browser, demo.url, demo.cookie(who), complaints) as page:
                requests, size = visits.weigh(page, address)
                found = [f"{requests} requests"] if requests > visits.MOST_REQUESTS else []
                found += [f"{size} bytes gzipped"] if size > visits.MOST_BYTES else []
                visits.bring_axe(page)
                found += visits.faults_everywhere(page)
                found += visits.sideways(page, 320) + visits.sideways(page, 390, text=200)
            wrong += [f"{who or 'anonymous'} {address}: {one}" for one in found]
    assert "\n".join(wrong) == ""


def test_its_data_keeps_every_promise(demo: visits.Town) -> None:
    with demo.app.app_context():
        assert list(verify.violations(now=NOW)) == []
        db.session.remove()
