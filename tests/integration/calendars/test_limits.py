"""The process that reads calendars: what it may use, what it is given, and what ends it."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from mockint.adapters.expansion import Job, Outcome, expand
from mockint.adapters.expansion.jobs import MOST_MEMORY, outcome, send_job
from mockint.domain.busytime import Owner
from mockint.domain.timespan import Span

ROOT = Path(__file__).parents[3]
WINDOW = Span(datetime(2027, 3, 20, tzinfo=UTC), datetime(2027, 4, 5, tzinfo=UTC))
MEETING = Span(datetime(2027, 3, 22, 9, tzinfo=UTC), datetime(2027, 3, 22, 10, tzinfo=UTC))
SECRET = "Talk to the doctor"
TOO_LONG = "The calendar takes too long to read."
TOO_MUCH = "The calendar takes too much memory to read."
UNREADABLE = "The calendar cannot be read."
MANY = ",".join(
    f"202703{day:02}T{hour:02}{n:02}00Z"
    for day in range(1, 29)
    for hour in range(24)
    for n in range(0, 60, 9)
)


def calendar(*lines: str, entries: int = 1) -> bytes:
    inside = [
        line for n in range(entries) for line in ("BEGIN:VEVENT", f"UID:{n}", *lines, "END:VEVENT")
    ]
    return "\r\n".join(["BEGIN:VCALENDAR", *inside, "END:VCALENDAR", ""]).encode()


GOOD = calendar("DTSTART:20270322T090000Z", "DTEND:20270322T100000Z", f"SUMMARY:{SECRET}")
ENDLESS = {
    "days that never come": calendar(
        "DTSTART:19700101T000000Z", "RRULE:FREQ=DAILY;BYSETPOS=9", entries=20
    ),
    "half a million dates": b"".join(
        [
            b"BEGIN:VCALENDAR\r\n",
            *[
                f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:20270301T000000Z\r\nRDATE:{MANY}\r\n"
                "END:VEVENT\r\n".encode()
                for n in range(120)
            ],
            b"END:VCALENDAR\r\n",
        ]
    ),
}


def job(key: int, data: bytes) -> Job:
    return Job(key, data, Owner("Europe/Berlin"), WINDOW)


def is_good(found: Outcome) -> bool:
    return found.busy is not None and found.busy.spans == (MEETING,)


@pytest.mark.parametrize("name", ENDLESS)
def test_what_no_rule_foresees_is_stopped_in_ten_seconds(name: str) -> None:
    batch = expand([job(0, ENDLESS[name]), job(1, GOOD)])
    began = time.monotonic()
    hostile = next(batch)
    assert time.monotonic() - began < 10
    assert str(hostile.refusal) == TOO_LONG
    assert is_good(next(batch))


def test_the_memory_of_a_greedy_file_stays_within_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "greedy.ics"
    file.write_bytes(ENDLESS["half a million dates"])
    times = ["--from", "2027-03-20T00:00Z", "--to", "2027-04-05T00:00Z"]
    command = [sys.executable, "-m", "mockint.cli", "calendar", "busy", str(file), *times]
    # Linux counts what the parent had when it began as the child's, so a small one begins it.
    measure = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=sys.stderr); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measure, *command, "--zone", "UTC"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "too long to read" in done.stderr
    peak = int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert peak < MOST_MEMORY


def run_with_reader(body: str) -> tuple[Outcome, str]:
    """The answer, and what is logged, of a process in which reading a calendar does `body`."""
    asked = io.BytesIO()
    send_job(asked, job(5, GOOD))
    program = f"""
import os, signal
from mockint.adapters.expansion import child
def read(data, owner, window):
    {body}
child.read = read
child.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], input=asked.getvalue(), capture_output=True, cwd=ROOT
    )
    return outcome(5, done.stdout), done.stderr.decode()


def test_more_memory_than_allowed_is_refused() -> None:
    found, _ = run_with_reader("return bytearray(2**29)")
    assert str(found.refusal) == TOO_MUCH


def test_a_crash_is_refused() -> None:
    found, _ = run_with_reader("os.kill(os.getpid(), signal.SIGSEGV)")
    assert str(found.refusal) == UNREADABLE


def test_a_failure_is_logged_by_place_and_without_what_the_calendar_holds() -> None:
    found, logged = run_with_reader("raise ValueError(data)")
    assert str(found.refusal) == UNREADABLE
    assert "ValueError" in logged
    assert SECRET not in logged


def children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outcome]:
    monkeypatch.setenv("MOCKINT_SECRET_KEY", "a secret that no calendar may see")
    return expand(job(key, GOOD) for key in range(3))


def test_a_killed_process_costs_nothing(batch: Iterator[Outcome]) -> None:
    before = children()
    assert is_good(next(batch))
    (process,) = children() - before
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert is_good(next(batch))
    (another,) = children() - before
    assert another != process
    assert is_good(next(batch))
    assert next(batch, None) is None
    assert children() == before


def test_a_machine_that_cannot_start_the_process_blames_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ChildProcessError):
        next(expand([job(0, GOOD)]))


def test_the_process_gets_no_secret(batch: Iterator[Outcome]) -> None:
    before = children()
    next(batch)
    (process,) = children() - before
    assert not any(name.startswith("MOCKINT") for name in process.environ())


def test_the_process_imports_neither_flask_nor_sqlalchemy() -> None:
    program = (
        "import sys, mockint.adapters.expansion.child\n"
        "print(*{'flask', 'sqlalchemy', 'celery', 'redis'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "")
