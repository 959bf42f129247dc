"""Private addresses in every spelling, asked for directly and through a redirect.

The fetching runs in a process of its own, in which names may be looked up: the spellings of numbers
are the system's to understand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.calendar_server import Answer, answer, redirect, serving

ROOT = Path(__file__).parents[3]
PRIVATE = "This address leads into a private network, where calendars are not read."
PORTS = "Calendars are read from ports 80 and 443 only."
PROGRAM = """
import json, sys
from mockint.adapters.fetching import FetchFailed, fetch
from mockint.settings import Settings
urls, networks = json.load(sys.stdin)
allowed = Settings(calendar_networks=networks).calendar_allowed
for url in urls:
    try:
        print(fetch(url, allowed=allowed).body)
    except FetchFailed as failure:
        print(failure)
"""
LOOPBACK = [
    "127.0.0.1",
    "localhost",
    "LocalHost",
    "localhost.",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "0",
    "0.0.0.0",
    "127.8.9.10",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "vera:word@127.0.0.1",
    "93.184.216.34@127.0.0.1",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::1]",
]
OTHERS = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "224.0.0.1",
    "255.255.255.255",
    "[fd00::1]",
    "[fe80::1]",
    "[ff02::1]",
    "[::ffff:169.254.169.254]",
    "[2002:a9fe:a9fe::1]",
]
SECOND_LOOPBACK = [
    "127.0.0.2",
    "127.0.0.2.",
    "2130706434",
    "0x7f000002",
    "0177.0.0.2",
    "127.2",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.2]",
    "[64:ff9b::7f00:2]",
    "[2002:7f00:2::]",
    *OTHERS,
]


def told(urls: list[str], networks: str = "") -> list[str]:
    """What fetching each of `urls` comes to."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([urls, networks]),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_no_spelling_leads_to_a_private_address() -> None:
    with serving({"/": answer(b"secret")}) as server:
        urls = [f"http://{host}:{server.port}/" for host in LOOPBACK]
        urls += [f"http://{host}/" for host in (*LOOPBACK, *OTHERS)]
        assert dict(zip(urls, told(urls), strict=True)) == dict.fromkeys(urls, PRIVATE)
        assert server.asked == []


def test_no_redirect_leads_to_a_private_address() -> None:
    answers: dict[str, Answer] = {}
    with serving(answers) as server:
        for number, host in enumerate(SECOND_LOOPBACK):
            answers[f"/{number}"] = redirect(f"http://{host}:{server.port}/secret")
            answers[f"/{number}/later"] = redirect(f"/{number}")
        urls = [f"{server.url}{path}" for path in answers]
        assert told(urls, "127.0.0.1/32") == [PRIVATE] * len(urls)
        assert not any("/secret" in asked for asked in server.asked)


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_the_open_internet_is_reached_on_two_ports_only(port: int) -> None:
    assert told([f"http://93.184.216.34:{port}/", f"https://[2606:4700::1]:{port}/"]) == [PORTS] * 2


def test_networks_of_ones_own_are_reached_on_any_port() -> None:
    with serving({"/": answer(b"mine")}) as server:
        hosts = ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]"]
        urls = [f"http://{host}:{server.port}/" for host in hosts]
        assert told(urls, "10.0.0.0/8, 127.0.0.1/32") == ["b'mine'"] * 3
