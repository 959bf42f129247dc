"""Volunteers' own calendars read as busy time: how long it takes, and what it needs at most."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import psutil
from icalendar import Calendar

from mockint.adapters.expansion import Job, expand
from mockint.adapters.expansion import Outcome as Read
from mockint.adapters.expansion.jobs import MOST_MEMORY, READING_SECONDS
from mockint.domain.busytime import Owner
from mockint.domain.timespan import Span
from tests.prove import measure, volunteers
from tests.prove.outcome import Figure, Options, Outcome, at_most

CLAIM = "A thousand volunteers' calendars of 2,000 entries are read in time and in bounds."
DATABASES = ("sqlite",)
VOLUNTEERS, ENTRIES, DISTINCT = 1000, 2000, 100
BATCHES = 2
DAYS = 60
A_SECOND = 6
"""Calendars that a shortened run takes for each of its seconds."""
BETWEEN_LOOKS_S = 900
"""Each calendar is fetched every quarter of an hour."""


class Batch(threading.Thread):
    """Reads some of the calendars, as one worker does."""

    def __init__(self, numbers: range, files: list[bytes]) -> None:
        super().__init__(daemon=True)
        self.numbers, self.files = numbers, files
        self.took: list[float] = []
        self.unread: list[str] = []
        self.busy = 0

    def run(self) -> None:
        began = time.monotonic()
        for read in expand(self._jobs()):
            self.took.append(time.monotonic() - began)
            began = time.monotonic()
            self._note(read)

    def _jobs(self) -> Iterator[Job]:
        window = Span(volunteers.NOW, volunteers.NOW + timedelta(days=DAYS))
        for number in self.numbers:
            file = number % DISTINCT
            owner = Owner.of("Europe/Berlin", [f"volunteer{file}@example.org"])
            yield Job(number, self.files[file], owner, window)

    def _note(self, read: Read) -> None:
        if read.busy is None or read.busy.warnings or not read.busy.spans:
            self.unread.append(f"calendar {read.key}: {read.refusal or 'not as it should be'}")
        else:
            self.busy += len(read.busy.spans)


class Watch(threading.Thread):
    """Looks four times a second at the processes that read."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        """Octets of the largest process."""
        self.cpu: dict[int, float] = {}
        """Seconds of each process that starts copies of itself, with those of its copies."""
        self.over = threading.Event()

    def run(self) -> None:
        ours = psutil.Process()
        while not self.over.wait(0.25):
            for process in ours.children(recursive=True):
                try:
                    self.peak = max(self.peak, process.memory_info().rss)
                    if process.ppid() == ours.pid:
                        times = process.cpu_times()
                        self.cpu[process.pid] = sum(times[:4])
                except psutil.NoSuchProcess:
                    continue


def run(options: Options) -> Outcome:
    short = options.seconds is not None
    count = min(VOLUNTEERS, round((options.seconds or VOLUNTEERS) * A_SECOND))
    files = [volunteers.volunteer(number, ENTRIES) for number in range(min(DISTINCT, count))]
    alone = _by_icalendar_alone(files[0])
    batches = [Batch(range(first, count, BATCHES), files) for first in range(BATCHES)]
    watch = Watch()
    watch.start()
    began = time.monotonic()
    for batch in batches:
        batch.start()
    for batch in batches:
        batch.join()
    wall = time.monotonic() - began
    watch.over.set()
    watch.join()
    took = sorted(each for batch in batches for each in batch.took)
    unread = [words for batch in batches for words in batch.unread]
    note = f"a run of {count} calendars" if short else ""
    figures = [
        Figure("not read", count - len(took) + len(unread), "", at_most(0)),
        Figure("all of them", wall, "s", at_most(BETWEEN_LOOKS_S), at_most(180), short=note),
        Figure("one, median", measure.percentile(took, 50), "s"),
        Figure("one, slowest", took[-1], "s", at_most(10), at_most(2)),
        Figure("one, CPU", sum(watch.cpu.values()) / count, "s"),
        Figure("one, CPU of icalendar alone to parse it", alone, "s"),
        Figure("largest process", watch.peak / 2**20, "MB", at_most(512), at_most(128)),
    ]
    sizes: dict[str, object] = {
        "calendars": count,
        "of them different": len(files),
        "entries": f"{ENTRIES:,} each",
        "MB": f"{len(files[0]) / 1e6:.1f} each",
        "batches at once": BATCHES,
        "window": f"{DAYS} days",
        "busy spans": sum(batch.busy for batch in batches),
    }
    bound = f"A file is given {READING_SECONDS} s of CPU, as much wall time and"
    return Outcome(figures, sizes, [f"{bound} {MOST_MEMORY >> 20} MB.", *unread[:3]])


def _by_icalendar_alone(file: bytes) -> float:
    """CPU seconds to parse a whole file, without repeating anything."""
    began = time.process_time()
    Calendar.from_ical(file)
    return time.process_time() - began
