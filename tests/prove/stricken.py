"""Processes that are killed at a numbered hook, and what the next ones make of it.

`python -m tests.prove.stricken TOLD`: TOLD is a JSON file with `stories`, `flaw` (if any: until it
is found), `seconds`, `mail` (the mail server's record) and `results`, to which one JSON line a try
is written. Every try is made by forked children of this process, which keeps no connection and
starts no thread.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import kombu.transport.redis  # noqa: F401 - so that no child has to
from flask import Flask
from sqlalchemy import text

from mockint import clock
from mockint.app import create_app
from mockint.cli import let_go, settings_or_exit
from mockint.db import db
from mockint.queries import verify
from mockint.services.outbox import LEASE
from mockint.settings import Settings
from mockint.tasks import queue
from tests.prove import snapshots
from tests.prove.client import COOKIE
from tests.prove.facts import Letter, facts, letters, under_other_names, unlike
from tests.prove.flaws import FLAWS
from tests.prove.hooks import Hooks
from tests.prove.stories import STORIES, Act, Scene, Story
from tests.support.web import Client

DONE = 303
Say = Callable[[dict[str, Any]], None]
AFTER_LEASE = LEASE + timedelta(seconds=10)


@dataclass
class Stage:
    """One story on a database that is brought back to its beginning for every try."""

    app: Flask
    mail: Path
    story: Story
    scene: Scene
    begins: datetime

    def play(self, tell: Callable[[str], None], answered: int = 0, at: str = "") -> None:
        """What the story's person and worker do; `tell` hears where each answer led."""
        client = Client(self.app, self.app.response_class)
        settings: Settings = self.app.extensions["mockint"]
        client.set_cookie(COOKIE, self.scene.candidate.cookie, domain=settings.host)
        for act in self.story.acts(self.scene)[answered:]:
            form = {"csrf_token": self.scene.candidate.token, **act.form}
            path = act.path.format(booking=at)
            got = client.post(path, data=form, base_url=settings.base_url)
            if got.status_code != DONE:
                raise AssertionError(f"{path} was answered {got.status_code}: {got.text}")
            at = got.location
            tell(at)

    def work(self) -> None:
        for duty in self.story.duties:
            duty(self.app)

    def recover(self, number: int, told: list[str], since: int) -> dict[str, Any]:
        """What happens after the process was killed at hook `number`: a worker is started, the
        person sends again what got no answer, and later the dead worker's lease ends. Every
        second time the person is first. Returns what is true then.
        """
        lost, at = self._lost(told), told[-1] if told else ""
        steps = [self.work, lambda: self.play(lambda words: None, len(told), at)]
        for step in steps if number % 2 else reversed(steps):
            step()
        self._later(AFTER_LEASE)
        self.work()
        came = letters(self.mail, since)
        with self.app.app_context():
            return {
                "lost": lost,
                "facts": facts(came),
                "wrong": [*verify.violations(now=clock.now()), *unlike(came),
                          *under_other_names(came)],
                "letters": Counter(one.method for one in _distinct(came)),
                "copies": len(came) - len(_distinct(came)),
            }  # fmt: skip

    def _lost(self, told: list[str]) -> list[str]:
        """What a person was told is done and is not there after the kill."""
        done: list[tuple[Act, str]] = list(zip(self.story.acts(self.scene), told, strict=False))
        with self.app.app_context():
            return [
                f"{act.path} was answered {at} and is gone"
                for act, at in done
                if db.session.scalar(text(act.shows), {"booking": int(at.rpartition("/")[2])}) != 1
            ]

    def _later(self, by: timedelta) -> None:
        ahead = clock.offset() + by
        clock.move_by(lambda: ahead)


def _distinct(came: list[Letter]) -> list[Letter]:
    return list({one.message_id: one for one in came}.values())


@dataclass
class Lab:
    """Prepares stages and makes the tries on them."""

    app: Flask
    mail: Path
    results: Path

    def __post_init__(self) -> None:
        settings: Settings = self.app.extensions["mockint"]
        self.states = snapshots.of(settings.database)
        self.scene = Scene.set(self.app, clock.now())
        self._keep("beginning")

    def _keep(self, name: str) -> None:
        let_go(self.app)
        self.states.keep(name)

    def prepare(self, story: Story) -> Stage:
        self.states.restore("beginning")
        with self.app.app_context():
            begins = story.prepare(self.scene)
            db.session.remove()
        self._keep(story.name)
        stage = Stage(self.app, self.mail, story, self.scene, begins)
        self._warm(stage)
        return stage

    def _warm(self, stage: Stage) -> None:
        """Once through here, so that no child compiles templates and statements anew. Nobody is
        woken: a connection to Redis must not be shared."""
        bound, since = self.app.extensions.pop(queue.BOUND), self.mail.stat().st_size
        ahead = stage.begins - clock.now()
        clock.move_by(lambda: ahead)
        stage.play(lambda at: None)
        stage.work()
        stage.recover(0, [], since)
        clock.move_by(timedelta)
        self.app.extensions[queue.BOUND] = bound
        let_go(self.app)

    def attempt(self, stage: Stage, number: int) -> dict[str, Any]:
        """Kill a process at hook `number` and see what its successors make of it; 0: at none."""
        self.states.restore(stage.story.name)
        since = self.mail.stat().st_size
        ahead = stage.begins - clock.now()
        clock.move_by(lambda: ahead)
        first, killed = _forked(lambda say: self._first(stage, number, say))
        hooks = next((line["hooks"] for line in first if "hooks" in line), None)
        told = [line["at"] for line in first if "at" in line]
        after, _ = _forked(lambda say: say(stage.recover(number, told, since)))
        clock.move_by(timedelta)
        fault = next((line["fault"] for line in first + after if "fault" in line), None)
        found = next(iter(after), {})
        return {**found, "hooks": hooks, "fault": fault, "killed": killed}

    @staticmethod
    def _first(stage: Stage, number: int, say: Say) -> None:
        hooks = Hooks(number)
        hooks.hang()
        stage.play(lambda at: say({"at": at}))
        stage.work()
        say({"hooks": hooks.passed})

    def judge(self, stage: Stage, until: float, *, first: bool) -> None:
        """Count the hooks, then kill at each of them, or at as many, evenly, as time allows;
        `first`: only until something is found."""
        told = {"story": stage.story.name}
        whole = self.attempt(stage, 0)
        names = whole["hooks"]
        self._write({**told, "hooks": len(names or ()), **_judged(whole, whole)})
        if names is None or whole["fault"]:
            return
        if whole["letters"] != stage.story.letters:
            self._write({**told, "hook": 0, "lost": [f"letters: {whole['letters']}"]})
        for number in _evenly(len(names)):
            if time.monotonic() > until:
                return
            found = self.attempt(stage, number)
            judged = _judged(found, whole)
            place = {"hook": number, "name": names[number - 1], "killed": found["killed"]}
            self._write({**told, **place, **judged})
            if first and (judged["lost"] or judged["doubled"] or judged["wrong"]):
                return

    def _write(self, line: dict[str, Any]) -> None:
        with self.results.open("a", encoding="utf-8") as file:
            print(json.dumps(line), file=file)


def _judged(found: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """What is missing or there twice beside a story that nobody interrupted."""
    expected, true = Counter(whole.get("facts", {})), Counter(found.get("facts", {}))
    wrong = found.get("wrong", [])
    return {
        "lost": [*found.get("lost", []), *(expected - true)],
        "doubled": [*(true - expected)],
        "wrong": [*wrong, *([found["fault"]] if found["fault"] else [])],
        "copies": found.get("copies", 0),
    }


def _evenly(count: int) -> list[int]:
    """1 to `count`, so that any beginning of it is spread over all (bits of the place reversed)."""
    bits = max(1, (count - 1).bit_length())
    places = (int(f"{n:0{bits}b}"[::-1], 2) for n in range(2**bits))
    return [place + 1 for place in places if place < count]


def _forked(work: Callable[[Say], None]) -> tuple[list[dict[str, Any]], bool]:
    """Let a child work: the lines it said, and whether it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)

        def say(line: dict[str, Any]) -> None:
            os.write(writer, json.dumps(line).encode() + b"\n")

        try:
            work(say)
        except BaseException:
            say({"fault": traceback.format_exc()})
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        lines = [json.loads(line) for line in pipe]
    _, status = os.waitpid(child, 0)
    return lines, os.WIFSIGNALED(status)


def main(file: str) -> None:
    told = json.loads(Path(file).read_text(encoding="utf-8"))
    os.environ["SSL_CERT_FILE"] = os.devnull  # every child would read the machine's certificates
    if told["flaw"]:
        FLAWS[told["flaw"]]()
    lab = Lab(create_app(settings_or_exit()), Path(told["mail"]), Path(told["results"]))
    chosen = [story for story in STORIES if story.name in told["stories"]]
    ends = time.monotonic() + told["seconds"] if told["seconds"] else float("inf")
    for place, story in enumerate(chosen):
        stage = lab.prepare(story)
        left = ends - time.monotonic()
        until = time.monotonic() + left / (len(chosen) - place)
        lab.judge(stage, until, first=bool(told["flaw"]))


if __name__ == "__main__":
    main(sys.argv[1])
