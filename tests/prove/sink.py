"""A mail server in a process of its own, which writes down what it took and fails as told.

`python -m tests.prove.sink PORT FILE FAULTS`: one JSON line a message that came is added to FILE.
"""

from __future__ import annotations

import json
import random
import re
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.prove.processes import Service
from tests.support.servers import PATIENCE_SECONDS, Unavailable, free_port
from tests.support.smtp import DROP, DROP_AFTER_TAKING, TAKEN, MailServer, Post

BUSY = "451 Try again later"
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Faults:
    """How often a message meets which fault, in percent of the messages that come."""

    busy: float = 0
    """451: try again later."""
    drop: float = 0
    """The connection breaks before the message was taken."""
    reply_lost: float = 0
    """The connection breaks after it was taken, at most once for each Message-ID."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that came."""

    at: float
    """Unix time in seconds, when all of it was here."""
    to: list[str]
    message_id: str
    answer: str
    """TAKEN, BUSY, DROP or DROP_AFTER_TAKING, as in `tests.support.smtp`."""
    raw: str = ""
    """The whole message, if the sink was told to keep it."""

    @property
    def taken(self) -> bool:
        """Whether it reached the recipient, whatever the sender was told."""
        return self.answer in (TAKEN, DROP_AFTER_TAKING)


class _Recorder(MailServer):
    """Chooses the answer by chance and writes the message down before it is given."""

    def __init__(self, port: int, file: Path, faults: Faults, keep: bool) -> None:
        super().__init__(port=port)
        self.faults, self.keep = faults, keep
        self.chance = random.Random(faults.seed)
        self.lost: set[str] = set()
        self.file = file.open("a", encoding="utf-8", buffering=1)

    def answer(self, post: Post) -> str:
        found = MESSAGE_ID.search(post.raw)
        message_id = found[1].decode() if found else ""
        answer = self._chosen(message_id)
        kept = post.raw.decode("utf-8", "surrogateescape") if self.keep else ""
        delivery = Delivery(time.time(), post.recipients, message_id, answer, kept)
        print(json.dumps(asdict(delivery)), file=self.file)
        self.posts.clear()
        return answer

    def _chosen(self, message_id: str) -> str:
        drawn = self.chance.uniform(0, 100)
        for percent, answer in (
            (self.faults.busy, BUSY),
            (self.faults.drop, DROP),
            (self.faults.reply_lost, DROP_AFTER_TAKING),
        ):
            drawn -= percent
            if drawn < 0:
                if answer == DROP_AFTER_TAKING:
                    if message_id in self.lost:
                        return TAKEN
                    self.lost.add(message_id)
                return answer
        return TAKEN


class Sink(Service):
    """The mail server of an installation, seen from the prover."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.port = free_port()
        self.file = folder / "mail.jsonl"
        super().__init__("sink", [], environment, folder / "sink.log")

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def listen(self, faults: Faults | None = None, *, keep: bool = False) -> None:
        """Start, or start again at the same port with other faults; what came before stays."""
        self.kill()
        asked = json.dumps(asdict(faults or Faults()) | {"keep": keep})
        module = [sys.executable, "-m", "tests.prove.sink"]
        self.command = [*module, str(self.port), str(self.file), asked]
        self.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            if not self.runs or time.monotonic() > deadline:
                raise Unavailable(f"The mail server did not come up:\n{self.words()}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                return connection.recv(3) == b"220"
        except OSError:
            return False

    def deliveries(self) -> list[Delivery]:
        """Every message that came, oldest first."""
        if not self.file.exists():
            return []
        with self.file.open(encoding="utf-8") as lines:
            return [Delivery(**json.loads(line)) for line in lines if line.endswith("\n")]

    def copies(self) -> Counter[str]:
        """Message-ID to how often the recipient got it."""
        return Counter(one.message_id for one in self.deliveries() if one.taken)


def main(port: str, file: str, asked: str) -> None:
    told = json.loads(asked)
    keep = told.pop("keep")
    server = _Recorder(int(port), Path(file), Faults(**told), keep)
    server.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main(*sys.argv[1:])
