"""`mockint calendar busy` as an operator runs it: a process, a file in, JSON out, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "calendars"
TIMES = ("--from", "2027-03-20T00:00Z", "--to", "2027-04-05T00:00:00Z")
BERLIN = (*TIMES, "--zone", "Europe/Berlin")


def busy(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command, in an environment without any setting."""
    variables = {name: text for name, text in os.environ.items() if not name.startswith("MOCKINT")}
    command = [sys.executable, "-m", "mockint.cli", "calendar", "busy", *arguments]
    return subprocess.run(command, input=given, cwd=ROOT, env=variables, capture_output=True)


def test_a_file_is_printed_as_busy_time() -> None:
    done = busy(str(FOLDER / "google-moved-instance.ics"), *BERLIN, "--owner", "vera@example.org")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == {
        "busy": [
            ["2027-03-23T13:00:00Z", "2027-03-23T14:30:00Z"],
            ["2027-03-29T08:00:00Z", "2027-03-29T09:00:00Z"],
        ],
        "warnings": [],
    }


def test_standard_input_is_read_and_warnings_are_printed() -> None:
    done = busy("-", *BERLIN, given=(FOLDER / "unknown-zone.ics").read_bytes())
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "busy": [["2027-03-22T09:00:00Z", "2027-03-22T10:00:00Z"]],
        "warnings": ["The time zone Mars/Olympus Mons is not known; your own was taken for it."],
    }


def test_an_owner_may_have_several_addresses() -> None:
    file = str(FOLDER / "google-declined.ics")
    owners = ("--owner", "otto@example.org", "--owner", "VERA@example.org")
    assert json.loads(busy(file, *BERLIN, *owners).stdout)["busy"] == []
    assert len(json.loads(busy(file, *BERLIN).stdout)["busy"]) == 2


def test_a_refused_file_exits_2_with_its_reason_as_json() -> None:
    done = busy("-", *BERLIN, given=b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
    assert (done.returncode, done.stderr) == (2, b"")
    assert json.loads(done.stdout) == {"error": "The calendar breaks off in the middle."}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*TIMES, "--zone", "Mars/Base"), "Mars/Base is not a time zone."),
        ((*TIMES[:3], "tomorrow", "--zone", "UTC"), "tomorrow is not an instant in UTC."),
        ((*TIMES[:3], TIMES[1], "--zone", "UTC"), "--to must be later than --from."),
        (TIMES, "Missing option '--zone'"),
    ],
)
def test_a_wrong_option_exits_2_in_words(arguments: tuple[str, ...], words: str) -> None:
    done = busy("-", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert words in done.stderr.decode()


def test_a_file_that_is_not_there_exits_2_in_words(tmp_path: Path) -> None:
    done = busy(str(tmp_path / "none.ics"), *BERLIN)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "No such file" in done.stderr.decode()
