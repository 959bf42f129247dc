"""What is asked of the expanding process, what it answers, and how both travel through a pipe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from mockint.domain.busytime import Busy, CalendarRefused, Caveat, Owner
from mockint.domain.timespan import Span, at_second, seconds_of

READING_SECONDS = 7
"""Of processor and of wall time, for each file; with starting a process it stays below ten."""
MOST_MEMORY = 512 * 2**20
"""Octets of a process that reads one file, the interpreter included."""


@dataclass(frozen=True, slots=True)
class Job:
    """A calendar file to be read."""

    key: int
    """The caller's own number for it, for instance a row id."""
    data: bytes
    owner: Owner
    window: Span
    """Only what lies in it is answered; whole seconds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: exactly one of `busy` and `refusal` is given."""

    key: int
    busy: Busy | None = None
    refusal: CalendarRefused | None = None


def send_job(pipe: BinaryIO, job: Job) -> None:
    """One line of JSON, and the file."""
    head = {
        "key": job.key,
        "size": len(job.data),
        "zone": job.owner.zone,
        "addresses": sorted(job.owner.addresses),
        "host": job.owner.host,
        "window": _seconds(job.window),
    }
    pipe.write(json.dumps(head).encode() + b"\n" + job.data)
    pipe.flush()


def next_job(pipe: BinaryIO) -> Job | None:
    """The next job; None when the other side has no more."""
    line = pipe.readline()
    if not line:
        return None
    head = json.loads(line)
    owner = Owner(head["zone"], frozenset(head["addresses"]), head["host"])
    return Job(head["key"], pipe.read(head["size"]), owner, _span(head["window"]))


def as_line(found: Busy | CalendarRefused) -> bytes:
    """An answer as one line of JSON."""
    answer: Mapping[str, Any]
    if isinstance(found, Busy):
        answer = {
            "busy": [_seconds(span) for span in found.spans],
            "warnings": [[caveat.sentence, caveat.about] for caveat in found.warnings],
        }
    else:
        answer = {"refused": found.sentence}
    return json.dumps(answer).encode() + b"\n"


def outcome(key: int, line: bytes) -> Outcome:
    """What a line of `as_line` says about the job `key`."""
    answer = json.loads(line)
    if "refused" in answer:
        return Outcome(key, refusal=CalendarRefused(answer["refused"]))
    spans = tuple(_span(pair) for pair in answer["busy"])
    return Outcome(key, Busy(spans, tuple(Caveat(*pair) for pair in answer["warnings"])))


def _seconds(span: Span) -> tuple[int, int]:
    return seconds_of(span.start), seconds_of(span.end)


def _span(seconds: tuple[int, int]) -> Span:
    return Span(at_second(seconds[0]), at_second(seconds[1]))
