"""The expanding process: reads each file in a copy of itself that has limits.

The copy is made by fork, so it starts with all code loaded, and what one file does to memory, to
zones or to the processor ends with it. The kernel enforces the limits: nothing in a file can stop
its alarm.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import traceback
from datetime import UTC, datetime

from mockint.adapters.expansion.jobs import (
    MOST_MEMORY,
    READING_SECONDS,
    Job,
    as_line,
    next_job,
)
from mockint.adapters.expansion.reading import read
from mockint.domain.busytime import CalendarRefused, Owner
from mockint.domain.errors import N_
from mockint.domain.timespan import Span

OUT_OF_MEMORY, BROKEN = 3, 4
ANY = b"""BEGIN:VCALENDAR
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Berlin:20270101T090000
RRULE:FREQ=DAILY
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20270101
END:VEVENT
END:VCALENDAR
"""
"""A calendar that makes use of everything there is to load."""
TOO_LONG = N_("The calendar takes too long to read.")
UNREADABLE = N_("The calendar cannot be read.")
TOO_MUCH = N_("The calendar takes too much memory to read.")


def load() -> None:
    """Load now what is otherwise loaded with the first calendar: copies share it."""
    read(ANY, Owner("Europe/Berlin"), Span.lasting(datetime(2027, 1, 1, tzinfo=UTC), 1440))
    gc.freeze()


def main() -> None:
    """Answer one job after the other until there are no more."""
    for number in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    while (job := next_job(sys.stdin.buffer)) is not None:
        sys.stdout.buffer.write(_answer(job))
        sys.stdout.buffer.flush()


def _answer(job: Job) -> bytes:
    """What the copy said, or why it died."""
    reader, writer = os.pipe()
    copy = os.fork()
    if copy == 0:
        os.close(reader)
        os._exit(_read_within_limits(job, writer))
    os.close(writer)
    with open(reader, "rb") as pipe:
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    if code == 0:
        return said
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        return as_line(CalendarRefused(TOO_LONG))
    return as_line(CalendarRefused(TOO_MUCH if code == OUT_OF_MEMORY else UNREADABLE))


def _read_within_limits(job: Job, writer: int) -> int:
    """The copy's whole life; returns how it ends."""
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (READING_SECONDS, READING_SECONDS + 1))
        if sys.platform != "darwin":  # which has no limit of this kind
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        signal.alarm(READING_SECONDS)
        try:
            line = as_line(read(job.data, job.owner, job.window))
        except CalendarRefused as refusal:
            line = as_line(refusal)
        with open(writer, "wb") as pipe:
            pipe.write(line)
    except MemoryError:
        return OUT_OF_MEMORY
    except BaseException as error:
        # Where it happened, but no message: that may hold what is in the calendar.
        places = traceback.format_list(traceback.extract_tb(error.__traceback__))
        sys.stderr.write(f"{type(error).__name__}\n{''.join(places)}")
        sys.stderr.flush()
        return BROKEN
    return 0


if __name__ == "__main__":
    load()
    main()
