"""`mockint slots preview -` as an operator runs it: a process, JSON in, JSON out, exit codes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "mockint.cli", "slots", "preview"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def preview(given: bytes, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *(arguments or ("-",))],
        input=given,
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
    )


def request(tz: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {
        "tz": tz,
        "weekly_hours": {},
        "duration_min": 30,
        "step_min": 30,
        "window_start_utc": start,
        "window_end_utc": end,
    } | more


def starts(data: dict[str, Any]) -> list[str]:
    done = preview(json.dumps(data).encode())
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    assert done.stdout.endswith(b"]\n")
    found = json.loads(done.stdout)
    assert json.dumps(found).encode() + b"\n" == done.stdout, "one line of plain JSON"
    return [str(start) for start in found]


SUNDAY = {"sun": [["01:00", "04:00"]]}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            request(
                "Europe/Berlin", "2027-03-28T00:00Z", "2027-03-29T00:00:00Z", weekly_hours=SUNDAY
            ),
            ["00:00", "00:30", "01:00", "01:30"],
            id="spring: 02:00 to 03:00 is missing",
        ),
        pytest.param(
            request(
                "Europe/Berlin",
                "2027-03-28T00:00Z",
                "2027-03-29T00:00Z",
                weekly_hours={"sun": [["02:15", "02:45"]]},
            ),
            [],
            id="hours inside the gap",
        ),
        pytest.param(
            request(
                "Europe/Berlin",
                "2026-10-25T00:00Z",
                "2026-10-26T00:00Z",
                weekly_hours={"sun": [["02:00", "03:00"]]},
            ),
            ["00:00", "00:30", "01:00", "01:30"],
            id="autumn: 02:00 to 03:00 comes twice",
        ),
        pytest.param(
            request(
                "Australia/Lord_Howe",
                "2026-10-03T00:00Z",
                "2026-10-04T00:00Z",
                weekly_hours={"sun": [["01:30", "03:00"]]},
            ),
            ["15:00", "15:30"],
            id="a change of half an hour",
        ),
        pytest.param(
            request(
                "Asia/Kathmandu",
                "2026-11-23T00:00Z",
                "2026-11-24T00:00Z",
                weekly_hours={"mon": [["09:00", "10:00"]]},
            ),
            ["03:15", "03:45"],
            id="an odd offset",
        ),
        pytest.param(
            request(
                "Pacific/Chatham",
                "2026-11-22T00:00Z",
                "2026-11-23T00:00Z",
                weekly_hours={"mon": [["09:00", "10:00"]]},
            ),
            ["19:15", "19:45"],
            id="another day than in UTC",
        ),
        pytest.param(
            request(
                "America/New_York",
                "2026-11-23T00:00Z",
                "2026-11-25T00:00Z",
                weekly_hours={"mon": [["23:00", "24:00"]], "tue": [["00:00", "01:00"]]},
                duration_min=90,
            ),
            ["04:00", "04:30"],
            id="blocks join over midnight",
        ),
        pytest.param(
            request(
                "UTC",
                "2026-11-23T09:15Z",
                "2026-11-23T10:45Z",
                weekly_hours={"mon": [["09:00", "12:00"]]},
            ),
            ["09:30", "10:00"],
            id="a slot lies in the window as a whole",
        ),
        pytest.param(
            request(
                "UTC",
                "2026-11-23T00:00Z",
                "2026-11-25T00:00Z",
                weekly_hours={"mon": [["09:00", "12:00"]]},
                overrides={"2026-11-23": [], "2026-11-24": [["10:00", "11:00"]]},
            ),
            ["10:00", "10:30"],
            id="dates that differ win, also on a weekday that is off",
        ),
    ],
)
def test_what_hours_give(data: dict[str, Any], expected: list[str]) -> None:
    assert [start[11:16] for start in starts(data)] == expected


def test_starts_are_whole_instants_in_order() -> None:
    data = request(
        "Europe/Berlin",
        "2026-11-23T00:00Z",
        "2026-11-28T00:00Z",
        weekly_hours={"tue": [["13:00", "14:00"], ["09:00", "10:00"]]},
    )
    assert starts(data) == [
        "2026-11-24T08:00Z",
        "2026-11-24T08:30Z",
        "2026-11-24T12:00Z",
        "2026-11-24T12:30Z",
    ]


SOUND = request("UTC", "2026-11-23T00:00Z", "2026-11-25T00:00Z")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("input", b""),
        ("input", b"{"),
        ("input", b"\xff\xfe"),
        ("input", b"[]"),
        ("tz", json.dumps(SOUND | {"tz": "Berlin"}).encode()),
        ("tz", b"{}"),
        ("colour", json.dumps(SOUND | {"colour": "red"}).encode()),
        (
            "weekly_hours.mon",
            json.dumps(SOUND | {"weekly_hours": {"mon": [["09:10", "10:00"]]}}).encode(),
        ),
        ("weekly_hours.son", json.dumps(SOUND | {"weekly_hours": {"son": []}}).encode()),
        ("overrides.2026-02-30", json.dumps(SOUND | {"overrides": {"2026-02-30": []}}).encode()),
        ("duration_min", json.dumps(SOUND | {"duration_min": "60"}).encode()),
        ("step_min", json.dumps(SOUND | {"step_min": 20}).encode()),
        (
            "window_start_utc",
            json.dumps(SOUND | {"window_start_utc": "2026-11-23T00:00"}).encode(),
        ),
        (
            "window_end_utc",
            json.dumps(SOUND | {"window_end_utc": "2026-11-22T00:00Z"}).encode(),
        ),
    ],
)
def test_what_cannot_be_used_exits_2_naming_the_field(field: str, given: bytes) -> None:
    done = preview(given)
    assert (done.returncode, done.stdout) == (2, b"")
    words = done.stderr.decode()
    assert words.startswith(f"{field}: ")
    assert words.count("\n") == 1, words


def test_a_file_does_as_well(tmp_path: Path) -> None:
    file = tmp_path / "hours.json"
    file.write_text(json.dumps(SOUND | {"weekly_hours": {"mon": [["09:00", "10:00"]]}}))
    done = preview(b"", str(file))
    assert json.loads(done.stdout) == ["2026-11-23T09:00Z", "2026-11-23T09:30Z"]
    missing = preview(b"", str(tmp_path / "none.json"))
    assert missing.returncode == 2
    assert b"none.json" in missing.stderr


def test_neither_settings_nor_the_machines_zone_nor_its_zone_files_matter(tmp_path: Path) -> None:
    given = json.dumps(SOUND | {"weekly_hours": {"mon": [["09:00", "10:00"]]}}).encode()
    done = preview(
        given, TZ="Asia/Tokyo", PYTHONTZPATH=str(tmp_path), MOCKINT_SMPT_URL="a mistake", LC_ALL="C"
    )
    assert json.loads(done.stdout) == ["2026-11-23T09:00Z", "2026-11-23T09:30Z"]


def test_it_loads_no_framework_and_answers_at_once() -> None:
    week = {day: [["00:00", "24:00"]] for day in DAYS}
    year = request(
        "Europe/Berlin",
        "2026-01-01T00:00Z",
        "2027-01-01T00:00Z",
        weekly_hours=week,
        step_min=15,
    )
    watched = subprocess.run(
        [sys.executable, "-X", "importtime", *COMMAND[1:], "-"],
        input=json.dumps(year).encode(),
        cwd=ROOT,
        capture_output=True,
    )
    assert len(json.loads(watched.stdout)) == 365 * 96 - 1
    loaded = {line.rpartition(b"|")[2].strip() for line in watched.stderr.splitlines()}
    assert loaded & {b"flask", b"sqlalchemy", b"celery", b"babel", b"mockint.db"} == set()
    nothing, all_of_it = (
        min(_cpu_s([sys.executable, *command]) for _ in range(3))
        for command in (["-I", "-c", "pass"], [*COMMAND[1:], "-"])
    )
    assert all_of_it < 25 * nothing, "about eight times, as a rule"


def _cpu_s(command: list[str]) -> float:
    """What a process with a small question on its standard input costs a processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=json.dumps(SOUND).encode(), cwd=ROOT, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
