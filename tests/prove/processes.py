"""Real commands as processes that can be stopped, killed and started again.

Each leads a process group of its own, so that what it starts ends with it. The group is ended
when its block ends, when this process ends in any orderly way, and by the kernel when this process
is killed (Linux).
"""

from __future__ import annotations

import atexit
import os
import random
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil

from tests.prove import measure
from tests.support.servers import end_with_parent

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 45
_running: set[Service] = set()


class Service:
    """One command; its words are in `log`, over all its starts."""

    def __init__(
        self, name: str, command: list[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name, self.command, self.environment, self.log = name, command, environment, log
        self.process: subprocess.Popen[bytes] | None = None
        self.descriptors: tuple[int, ...] = ()
        """Open files of ours that it shares, such as a listening socket."""
        self._spent_s = 0.0

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was never started"
        return self.process.pid

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, **pipes: int) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=pipes.get("stdin", subprocess.DEVNULL),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.descriptors,
                preexec_fn=partial(end_with_parent, signal.SIGTERM),
            )
        _running.add(self)

    def stop(self, patience_s: float = STOP_SECONDS) -> int:
        """SIGTERM, and wait until it ended by itself; returns its exit code."""
        if self.runs:
            self._count_cpu()
            self.process.terminate()  # type: ignore[union-attr]  # it runs
        return self.wait(patience_s)

    def wait(self, patience_s: float = STOP_SECONDS) -> int:
        """Until it ended by itself; what takes longer is killed and fails."""
        assert self.process is not None
        try:
            return self.process.wait(patience_s)
        finally:
            self._end_group()

    def kill(self) -> None:
        """`kill -9` of it and of all it started, as a crash of its machine would."""
        self._count_cpu()
        self._end_group()

    def kill_one(self, chance: random.Random) -> int | None:
        """`kill -9` of one process it started, chosen by chance; returns its id."""
        children = self.children()
        if not children:
            return None
        chosen = chance.choice(children)
        with suppress(ProcessLookupError):
            os.kill(chosen, signal.SIGKILL)
        return chosen

    def children(self) -> list[int]:
        with suppress(psutil.NoSuchProcess):
            return sorted(child.pid for child in psutil.Process(self.pid).children())
        return []

    def cpu_s(self) -> float:
        """CPU seconds over all its starts, with those of what it started."""
        return self._spent_s + (measure.cpu_s(self.pid) if self.runs else 0.0)

    def words(self, most: int = 2000) -> str:
        """The end of what it said."""
        return self.log.read_text(errors="replace")[-most:]

    def faults(self) -> list[str]:
        """The last traceback it wrote down, if any, as one note."""
        words = self.log.read_text(errors="replace")
        place = words.rfind("Traceback (most recent call last)")
        return [f"{self.name} said: {words[place:][-1500:].strip()}"] if place >= 0 else []

    def _count_cpu(self) -> None:
        if self.runs:
            self._spent_s += measure.cpu_s(self.pid)

    def _end_group(self) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        _running.discard(self)


@atexit.register
def _end_all() -> None:
    for service in list(_running):
        service.kill()
