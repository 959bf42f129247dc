"""Client processes that begin at the same moment and write down what they did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.prove.client import READY
from tests.prove.processes import Service

START_SECONDS = 60


class Crowd:
    """`python -m MODULE` once for each of `told`, until the block ends.

    The program calls `client.join()`, gets what it was told, and writes JSON lines to its log.
    """

    def __init__(self, module: str, told: Iterable[Mapping[str, object]], folder: Path) -> None:
        self.folder = folder / module.rpartition(".")[2]
        self.folder.mkdir(exist_ok=True)
        self.clients: list[Service] = []
        self.logs: list[Path] = []
        self._offsets: dict[Path, int] = {}
        for number, each in enumerate(told):
            config, log = (self.folder / f"{number}.{end}" for end in ("json", "jsonl"))
            config.write_text(json.dumps(each), encoding="utf-8")
            command = [sys.executable, "-m", module, str(config), str(log)]
            words = self.folder / "words.log"
            self.logs.append(log)
            self.clients.append(Service(f"client{number}", command, os.environ, words))

    def __enter__(self) -> Self:
        """Start all, and let them begin once each is ready."""
        try:
            for client in self.clients:
                client.start(stdin=subprocess.PIPE)
            deadline = time.monotonic() + START_SECONDS
            while not all(log.exists() and log.stat().st_size for log in self.logs):
                if time.monotonic() > deadline or not all(one.runs for one in self.clients):
                    raise RuntimeError(f"The clients did not start:\n{self.words()}")
                time.sleep(0.02)
        except BaseException:
            self._kill()
            raise
        for client in self.clients:
            stdin = client.process.stdin if client.process else None
            assert stdin is not None
            stdin.write(b"go\n")
            stdin.flush()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let each finish what is under way."""
        if error is not None:
            self._kill()
            return
        for client in self.clients:
            if client.process is not None:
                client.process.terminate()
        for client in self.clients:
            client.wait(90)

    def news(self) -> list[dict[str, Any]]:
        """What was written down since the last call, by whichever client."""
        return [line for log in self.logs for line in self._lines(log)]

    def _lines(self, log: Path) -> Iterator[dict[str, Any]]:
        with log.open("rb") as file:
            file.seek(self._offsets.get(log, len(READY) + 1))
            while (line := file.readline()).endswith(b"\n"):
                self._offsets[log] = file.tell()
                yield json.loads(line)

    def cpu_s(self) -> float:
        """CPU seconds of all clients so far."""
        return sum(client.cpu_s() for client in self.clients)

    def words(self) -> str:
        """What the clients said besides; a traceback, if one failed."""
        return self.clients[0].words() if self.clients else ""

    def _kill(self) -> None:
        for client in self.clients:
            client.kill()
