"""Hands files to the expanding process, one after the other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from mockint.adapters.expansion.jobs import Job, Outcome, outcome, send_job

CHILD = "mockint.adapters.expansion.child"
TRIES = 2
ROOT = Path(__file__).resolve().parents[3]


def expand(jobs: Iterable[Job]) -> Iterator[Outcome]:
    """The outcome of each job, in order; one bad file never stops the next.

    The process is started for the batch and ends with it. Jobs are taken one at a time, so a long
    batch needs no more memory than its largest file. ChildProcessError or OSError when this machine
    cannot run the process: no file is to blame for that.
    """
    with _Child() as child:
        for job in jobs:
            yield child.run(job)


class _Child:
    """The expanding process; a new one takes the place of one that died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def run(self, job: Job) -> Outcome:
        """The outcome; a file can only bring down the copy that reads it, so it is asked again."""
        for _ in range(TRIES):
            stdin, stdout = self._pipes()
            try:
                send_job(stdin, job)
                line = stdout.readline()
            except BrokenPipeError:
                line = b""
            if line.endswith(b"\n"):
                return outcome(job.key, line)
            self._end()
        raise ChildProcessError("the process that reads calendars cannot be kept alive")

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        """Its ends of the pipes. It gets no variable of ours: they hold secrets."""
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-W", "ignore", "-m", CHILD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd="/",
                env={"PYTHONPATH": str(ROOT), "PYTHONTZPATH": ""},
            )
        return cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:
                        continue
            process.wait()
