"""Calendars fetched over real HTTP: what is sent, what is understood, what is too much."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from mockint.adapters import fetching
from mockint.adapters.fetching import Fetched, FetchFailed, fetch
from tests.support.calendar_server import answer, redirect, serving
from tests.support.certificates import DAY, Authority

HERE = (ip_network("127.0.0.0/8"),)
NAME = "calendar.example.org"
BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
SECRET = "9f8e7d6c-secret"
TOO_LATE = "The calendar's server took longer than 10 seconds."
TOO_LARGE = "The calendar is larger than 10 MiB."
UNPACKABLE = "The calendar is packed in a way that cannot be read."
BROKEN_OFF = "The calendar's server broke off in the middle."
UNREADABLE = "The answer of the calendar's server cannot be read."
UNTRUSTED = "The certificate of the calendar's server is not trusted."
NO_ADDRESS = "This is not the address of a calendar."
SCHEMES = "Write an address that starts with https:// or webcal://."


def get(url: str, etag: str = "") -> Fetched:
    return fetch(url, etag=etag, allowed=HERE)


def refused(url: str) -> str:
    """The sentence for an address that cannot be fetched."""
    with pytest.raises(FetchFailed) as caught:
        get(url)
    return str(caught.value)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lets names lead to this machine; the list has every name that was looked up."""
    looked_up: list[str] = []
    real: Callable[..., Any] = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **options: Any) -> Any:
        if host.endswith("example.org"):
            looked_up.append(host)
            host = "127.0.0.1" if len(looked_up) == 1 else "127.0.0.99"
        return real(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """A certificate authority that this process trusts."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    fetching._tls.cache_clear()
    yield made
    fetching._tls.cache_clear()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.7)


def test_a_calendar_is_fetched_once_and_then_only_asked_about() -> None:
    def tagged(request: str) -> bytes:
        if 'if-none-match: "v1"' in request.lower():
            return answer(b"", 'ETag: "v1"', status="304 Not Modified")
        return answer(BODY, 'ETag: "v1"', "Content-Type: text/calendar")

    with serving({"/a.ics?key=1": tagged}) as server:
        first = get(f"{server.url}/a.ics?key=1#part")
        assert first == Fetched(BODY, '"v1"')
        assert get(f"{server.url}/a.ics?key=1", first.etag) == Fetched(None, '"v1"')
    request = server.asked[0].lower()
    assert f"host: 127.0.0.1:{server.port}\r\n" in request
    assert "if-none-match" not in request
    assert "user-agent: mockint/" in request


@pytest.mark.parametrize("etag", ['"é"', f'"{"x" * 300}"'])
def test_an_etag_that_cannot_be_sent_back_is_not_kept(etag: str) -> None:
    with serving({"/": answer(BODY, f"ETag: {etag}")}) as server:
        assert get(server.url) == Fetched(BODY, "")


def test_an_answer_of_unchanged_that_was_not_asked_for_is_an_error() -> None:
    with serving({"/a": answer(status="304 Not Modified")}) as server:
        assert refused(f"{server.url}/a") == "The calendar's server answered with an error (304)."


@pytest.mark.parametrize("scheme", ["https", "webcal"])
def test_the_name_is_looked_up_once_and_is_what_the_certificate_must_say(
    named: list[str], authority: Authority, scheme: str
) -> None:
    with serving({"/": answer(BODY)}, tls=authority.context(NAME)) as server:
        url = f"{scheme}://{NAME.upper()}.:{server.port}"
        assert get(url).body == BODY
    assert named == [NAME]
    assert f"Host: {NAME}:{server.port}\r\n" in server.asked[0]


@pytest.mark.parametrize(
    ("name", "life"), [("other.example.org", 30 * DAY), ("127.0.0.1", 30 * DAY), (NAME, -DAY)]
)
def test_a_wrong_or_old_certificate_is_refused(
    named: list[str], authority: Authority, name: str, life: Any
) -> None:
    with serving({"/": answer(BODY)}, tls=authority.context(name, life=life)) as server:
        assert refused(f"https://{NAME}:{server.port}/") == UNTRUSTED
    assert server.asked == []


def test_a_server_that_speaks_no_tls_is_refused() -> None:
    with serving({}) as server:
        assert refused(f"https://127.0.0.1:{server.port}/") == UNTRUSTED


def test_five_redirects_are_followed_and_no_more() -> None:
    answers: dict[str, Any] = {f"/{n}": redirect(f"{n + 1}") for n in range(6)}
    with serving(answers | {"/6": answer(BODY)}) as server:
        assert get(f"{server.url}/1").body == BODY
        sentence = refused(f"{server.url}/0")
    assert sentence == "The calendar's server sends us from one address to the next."


def test_a_login_is_sent_to_its_server_only_and_never_told() -> None:
    with serving({"/end": answer(status="401 Unauthorized")}) as other:
        away = {"/": redirect("/own"), "/own": redirect(f"{other.url}/end")}
        with serving({**away}) as server:
            url = server.url.replace("//", f"//vera:{SECRET}@")
            sentence = refused(f"{url}/")
    login = "Authorization: Basic dmVyYTo5ZjhlN2Q2Yy1zZWNyZXQ=\r\n"
    assert all(login in asked for asked in server.asked)
    assert len(server.asked) == 2
    assert "authorization" not in other.asked[0].lower()
    assert SECRET not in sentence


def test_nothing_of_an_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving({f"/{SECRET}": redirect(f"/{SECRET}/2")}) as server:
        refused(f"{server.url}/{SECRET}")
    assert SECRET not in caplog.text


RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
PACKED = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "Deflate": RAW.compress(BODY) + RAW.flush(),
    "identity": BODY,
}


@pytest.mark.parametrize("encoding", PACKED)
def test_packed_calendars_are_unpacked(encoding: str) -> None:
    octets = answer(PACKED[encoding], f"Content-Encoding: {encoding}")
    with serving({"/": octets}) as server:
        assert get(server.url).body == BODY


ZEROS = b"\0" * (300 * 2**20)
WRONG = {
    "a bomb in gzip": (answer(gzip.compress(ZEROS), "Content-Encoding: gzip"), TOO_LARGE),
    "a bomb in deflate": (answer(zlib.compress(ZEROS), "Content-Encoding: deflate"), TOO_LARGE),
    "eleven mebioctets": (answer(ZEROS[: 11 * 2**20]), TOO_LARGE),
    "packed twice": (answer(b"x", "Content-Encoding: gzip, gzip"), UNPACKABLE),
    "packed by others": (answer(b"x", "Content-Encoding: br"), UNPACKABLE),
    "not packed at all": (answer(BODY, "Content-Encoding: gzip"), UNPACKABLE),
    "half a package": (answer(PACKED["gzip"][:-9], "Content-Encoding: gzip"), BROKEN_OFF),
    "half a body": (answer(BODY, length=1000), UNREADABLE),
    "no HTTP": (b"220 mail.example.org ESMTP\r\n", UNREADABLE),
    "nothing": (b"", UNREADABLE),
    "endless headers": (b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000, UNREADABLE),
    "a login": (
        answer(status="403 Forbidden"),
        "The calendar's server asks for a login. Use the calendar's secret address.",
    ),
    "gone": (answer(status="410 Gone"), "There is no calendar at this address."),
    "an error": (
        answer(status="503 Busy"),
        "The calendar's server answered with an error (503).",
    ),
    "a way to a file": (redirect("file:///etc/passwd"), SCHEMES),
    "a way to nowhere": (redirect("https://[::1"), NO_ADDRESS),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_told_in_words(name: str) -> None:
    octets, sentence = WRONG[name]
    with serving({"/": octets}) as server:
        assert refused(server.url) == sentence


@pytest.mark.parametrize("path", ["/drip-head", "/drip-body"])
@pytest.mark.usefixtures("hasty")
def test_a_slow_drip_gains_no_time(path: str) -> None:
    head = answer(BODY * 10, "X-Filler: " + "x" * 1000)
    body = b"HTTP/1.1 200 OK\r\n\r\n" + BODY * 10
    with serving({"/drip-head": head, "/drip-body": body}) as server:
        began = time.monotonic()
        assert refused(f"{server.url}{path}") == TOO_LATE
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.usefixtures("hasty")
def test_a_server_that_says_nothing_is_left_in_time(scheme: str) -> None:
    with serving({}, silent=True) as server:
        began = time.monotonic()
        assert refused(f"{scheme}://127.0.0.1:{server.port}/") == TOO_LATE
        assert time.monotonic() - began < 2


@pytest.mark.usefixtures("hasty")
def test_a_name_that_nobody_answers_for_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def never(*_args: Any, **_options: Any) -> list[Any]:
        over.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    began = time.monotonic()
    assert refused("https://slow.example.org/") == TOO_LATE
    assert time.monotonic() - began < 2
    over.set()


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    sentence = refused(f"http://127.0.0.1:{port}/")
    assert sentence == "The calendar's server does not answer."


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://127.0.0.1/a.ics", SCHEMES),
        ("file:///etc/passwd", SCHEMES),
        ("calendar.example.org/a.ics", SCHEMES),
        ("", SCHEMES),
        ("https://", NO_ADDRESS),
        ("https://[::1", NO_ADDRESS),
        ("https://127.0.0.1:99999/", NO_ADDRESS),
        (f"https://{'a' * 64}.example.org/", NO_ADDRESS),
        (f"https://127.0.0.1/{'a' * 2000}", NO_ADDRESS),
    ],
)
def test_what_is_no_address_is_told(url: str, sentence: str) -> None:
    assert refused(url) == sentence


def test_a_path_in_any_letters_travels_quoted() -> None:
    with serving({"/kal%C3%A4nder%201?a=%E2%82%AC&b=%41": answer(BODY)}) as server:
        assert get(f"{server.url}/kaländer 1?a=€&b=%41").body == BODY
