"""Numbered hooks at every step of this process, and the one at which it is killed.

A hook stands before and after each statement, commit, publish of a task, and command and reply of
a mail server; a mark is a statement and a commit. They hang on events of SQLAlchemy and Celery
and on smtplib, so the product knows nothing of them.
"""

from __future__ import annotations

import os
import re
import signal
import smtplib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from celery.signals import after_task_publish, before_task_publish
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from mockint.db import db

VERB = re.compile(
    r"\s*(UPDATE|\w+(?: IMMEDIATE| SAVEPOINT)?)(?:.*?(?:INTO|FROM|(?<=UPDATE))\s+(\w+))?",
    re.IGNORECASE | re.DOTALL,
)


@dataclass
class Hooks:
    """Counts what it passes; at number `kill_at` the process ends as by `kill -9`. 0: never."""

    kill_at: int = 0
    passed: list[str] = field(default_factory=list)
    """The name of each hook, in order; its number is its place, from 1 on."""

    def reach(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def hang(self) -> None:
        """From now on every step of this process is a hook; there is no way back."""
        self._on_statements()
        self._on_tasks()
        self._on_mail()

    def _on_statements(self) -> None:
        def before(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
            self.reach(f"before {_named(statement)}")

        def after(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
            self.reach(f"after {_named(statement)}")

        def committing(connection: Connection) -> None:
            self.reach("before COMMIT")

        def committed(session: Session) -> None:
            if not session.in_nested_transaction():
                self.reach("after COMMIT")

        event.listen(Engine, "before_cursor_execute", before)
        event.listen(Engine, "after_cursor_execute", after)
        event.listen(Engine, "commit", committing)
        event.listen(db.session, "after_commit", committed, insert=True)

    def _on_tasks(self) -> None:
        def publishing(sender: object = None, **rest: object) -> None:
            self.reach(f"before publish of {sender}")

        def published(sender: object = None, **rest: object) -> None:
            self.reach(f"after publish of {sender}")

        before_task_publish.connect(publishing, weak=False)
        after_task_publish.connect(published, weak=False)

    def _on_mail(self) -> None:
        said = "connect"

        def speak(name: str, arguments: tuple[Any, ...]) -> str:
            nonlocal said
            if name == "putcmd":
                said = str(arguments[0]).upper()
            words = f"{'reply to' if name == 'getreply' else 'SMTP'} {said}"
            if words == "reply to DATA":
                said = "the message"  # which follows that reply
            return words

        for name in ("connect", "putcmd", "getreply"):
            self._wrap(name, speak)

    def _wrap(self, name: str, speak: Callable[[str, tuple[Any, ...]], str]) -> None:
        step = getattr(smtplib.SMTP, name)

        def wrapped(link: smtplib.SMTP, *arguments: Any, **options: Any) -> Any:
            words = speak(name, arguments)
            self.reach(f"before {words}")
            answer = step(link, *arguments, **options)
            self.reach(f"after {words}")
            return answer

        setattr(smtplib.SMTP, name, wrapped)


def _named(statement: str) -> str:
    """`INSERT booking`: the verb and the first table."""
    found = VERB.match(statement)
    return " ".join(part for part in found.groups() if part) if found else statement[:20]
