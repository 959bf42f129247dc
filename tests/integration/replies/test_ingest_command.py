"""`mockint mail ingest`: what a mail server's pipe gets to see."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from mockint.db import db
from mockint.settings import Settings
from tests.support.commands import COMMAND, run
from tests.support.replies import gmail, words_only
from tests.support.reply_cases import Scene
from tests.support.web import ROOT, environment

sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture
def _at_the_time(set_clock, scene: Scene) -> None:
    set_clock(scene.now)


def ingested(settings: Settings, raw: bytes, *options: str, folder: Path) -> dict[str, object]:
    file = folder / "message"
    file.write_bytes(raw)
    done = run("mail", "ingest", *options, str(file), settings=settings)
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    assert set(found) == {"outcome", "booking", "attendee", "partstat", "reason"}
    return found


@sqlite_only
@pytest.mark.usefixtures("_at_the_time")
def test_it_says_what_it_did(scene: Scene, settings: Settings, tmp_path: Path) -> None:
    raw = gmail(scene.said().but(partstat="TENTATIVE"))
    found = ingested(settings, raw, folder=tmp_path)
    assert found == {
        "outcome": "applied",
        "booking": scene.booking.uid,
        "attendee": "candidate",
        "partstat": "TENTATIVE",
        "reason": "The answer is noted.",
    }
    assert ingested(settings, raw, folder=tmp_path)["outcome"] == "ignored"
    db.session.rollback()  # to read what the command wrote
    assert scene.told().partstat == "TENTATIVE"


@sqlite_only
@pytest.mark.usefixtures("_at_the_time")
def test_the_envelope_may_know_better_than_the_headers(
    scene: Scene, settings: Settings, tmp_path: Path
) -> None:
    said = scene.said()
    raw = gmail(said.but(to="undisclosed@mock.harbour.example"))
    assert ingested(settings, raw, folder=tmp_path)["outcome"] == "refused"
    options = ("--recipient", said.organizer.upper())
    assert ingested(settings, raw, *options, folder=tmp_path)["outcome"] == "applied"


@sqlite_only
@pytest.mark.usefixtures("_at_the_time")
def test_whatever_comes_the_mail_server_is_content(
    scene: Scene, settings: Settings, tmp_path: Path
) -> None:
    for raw in (b"", b"\xff\x00", b"\r\n\r\n", words_only(scene.said()), b"x" * (2**20 + 1)):
        found = ingested(settings, raw, folder=tmp_path)
        assert found["outcome"] in ("ignored", "refused")
        assert found["partstat"] is None


@sqlite_only
def test_a_pipe_gets_one_line_and_the_log_stays_apart(scene: Scene, settings: Settings) -> None:
    raw = gmail(scene.said().but(sequence=7))  # refused at whatever time this runs
    done = _piped(raw, settings)
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == 1
    assert json.loads(done.stdout)["outcome"] == "refused"
    assert b"message_ingested" in done.stderr
    for word in (b"sanjana", b"Sanjana", scene.booking.uid.encode()):
        assert word not in done.stderr


@sqlite_only
def test_what_cannot_be_taken_now_comes_again(settings: Settings, tmp_path: Path) -> None:
    away = {"MOCKINT_DATABASE_URL": "postgresql://mockint@127.0.0.1:1/none"}
    empty = {"MOCKINT_DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"}
    wrong = {"MOCKINT_BASE_URL": "no address"}
    for variables in (away, empty, wrong):
        done = _piped(b"Subject: x\r\n\r\n", settings, **variables)
        assert done.returncode == 75, variables
        assert done.stdout == b""
        assert b"hand it over again later" in done.stderr
        assert b"Traceback" not in done.stderr


def _piped(raw: bytes, settings: Settings, **variables: str) -> subprocess.CompletedProcess[bytes]:
    env = environment(settings) | variables
    return subprocess.run(
        [*COMMAND, "mail", "ingest", "-"],
        cwd=ROOT, env=env, input=raw, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
