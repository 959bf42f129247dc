"""The feed over HTTP, as programs poll it, and the page where its address is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from mockint.app import create_app
from mockint.db import db
from mockint.services import booking, feed
from tests import factories
from tests.support.bookings import NOW, booked
from tests.support.web import Client

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)

ADDRESS = "Address of the feed"
WATCHES = "only for monitoring, and long enough"


@pytest.fixture(autouse=True)
def _stands(set_clock: Callable[[object], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def sanjana(app: Flask) -> int:
    with app.app_context():
        made = factories.candidate(now=NOW - timedelta(days=30))
        factories.interviewer(now=NOW - timedelta(days=30))
        booked(made)
        made_id = made.id
    return made_id


def path_of(app: Flask, person_id: int) -> str:
    with app.app_context():
        address = feed.address(feed.make(person_id, now=NOW))
        assert address is not None
        return address.removeprefix(app.extensions["mockint"].base_url)


def test_it_is_a_calendar_that_its_reader_may_keep_and_nobody_else(
    app: Flask, client: Client, sanjana: int
) -> None:
    answer = client.get(path_of(app, sanjana))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert answer.data.endswith(b"END:VEVENT\r\nEND:VCALENDAR\r\n")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["ETag"].startswith('"')
    assert answer.headers["Last-Modified"]
    for absent in ("Set-Cookie", "Content-Disposition"):
        assert absent not in answer.headers


def test_head_says_the_same_without_the_body(app: Flask, client: Client, sanjana: int) -> None:
    path = path_of(app, sanjana)
    got, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified", "Cache-Control"):
        assert head.headers[name] == got.headers[name], name


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_unchanged_is_304_by_either_validator(
    app: Flask, client: Client, sanjana: int, method: str
) -> None:
    path = path_of(app, sanjana)
    got = client.get(path)
    etag, modified = got.headers["ETag"], got.headers["Last-Modified"]
    for asked in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"other", W/{etag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": modified},
        {"If-None-Match": etag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ):
        answer = client.open(path, method=method, headers=asked)
        assert (answer.status_code, answer.data) == (304, b""), asked
        for name in ("ETag", "Cache-Control", "Referrer-Policy"):
            assert answer.headers[name] == got.headers[name], name
    for asked in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": modified},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        answer = client.open(path, method=method, headers=asked)
        assert answer.status_code == 200, asked
        assert answer.headers["ETag"] == etag


def test_a_change_in_the_same_second_is_no_304(app: Flask, client: Client, sanjana: int) -> None:
    path = path_of(app, sanjana)
    got = client.get(path)
    with app.app_context():
        (ahead,) = booking.futures_of(sanjana, now=NOW)
        booking.cancel(ahead.id, by=sanjana, side="candidate", reason="Ill.", now=NOW)
    for asked in (
        {"If-None-Match": got.headers["ETag"]},
        {"If-Modified-Since": got.headers["Last-Modified"]},
    ):
        answer = client.get(path, headers=asked)
        assert answer.status_code == 200
        assert b"STATUS:CANCELLED" in answer.data


def test_an_address_that_is_not_answers_like_one_that_was(
    app: Flask, client: Client, sanjana: int
) -> None:
    path = path_of(app, sanjana)
    factories.login(client, sanjana)
    assert client.submit("/account/feed/end", page="/account/feed").status_code == 303
    gone, never = client.get(path), client.get(f"/feeds/{'a' * 32}.ics")
    assert (gone.status_code, never.status_code) == (404, 404)
    for answer in (gone, never):
        assert "There is nothing at this address." in answer.text
        assert path.encode() not in answer.data


def test_the_page_makes_shows_exchanges_and_ends_it(
    app: Flask, client: Client, sanjana: int
) -> None:
    factories.login(client, sanjana)
    page = client.get("/account/feed").text
    assert "You have no feed yet" in page
    assert ADDRESS not in page
    assert "/account/feed" in client.get("/account").text

    def address() -> str:
        page = client.get("/account/feed").text
        assert ADDRESS in page
        assert "every 8 to 24 hours" in page
        field = page.partition(' value="http')[2].partition('"')[0]
        assert f'href="webcal{field.removeprefix("s")}"' in page
        assert f'data-copy-text="http{field}"' in page
        return "http" + field

    assert client.submit("/account/feed").status_code == 303
    first = address()
    assert first == address(), "looking changes nothing"
    assert client.get(first).status_code == 200
    assert client.submit("/account/feed").status_code == 303
    second = address()
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert client.submit("/account/feed/end", page="/account/feed").status_code == 303
    assert client.get(second).status_code == 404
    assert "You have no feed yet" in client.get("/account/feed").text


def test_logs_and_figures_name_the_route_and_never_the_address(
    app: Flask, sanjana: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = path_of(app, sanjana)
    token = path.rpartition("/")[2].removesuffix(".ics")
    settings = app.extensions["mockint"]
    watched = create_app(replace(settings, log_json=True, metrics_token=WATCHES))
    client = watched.test_client()
    for asked in (path, path.replace(token, token[::-1])):
        client.get(asked)
    figures = client.get("/metrics", headers={"Authorization": f"Bearer {WATCHES}"}).text
    lines = capsys.readouterr().err
    for seen in (lines, figures):
        assert "/feeds/<token>.ics" in seen
        assert token not in seen
        assert token[::-1] not in seen
    with watched.app_context():
        db.engine.dispose()


def test_a_copy_of_the_data_says_there_is_one_and_does_not_open_it(
    app: Flask, client: Client, sanjana: int
) -> None:
    token = path_of(app, sanjana).rpartition("/")[2].removesuffix(".ics")
    factories.login(client, sanjana)
    copy = client.submit("/account/export", page="/account")
    (one,) = copy.get_json()["calendar_feed"]
    assert one["made_at"]
    assert not {"seed", "token_hash"} & set(one)
    assert token not in copy.text
