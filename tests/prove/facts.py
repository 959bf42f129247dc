"""What is true after a story, in words that are the same whichever numbers rows were given."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from icalendar import Calendar
from sqlalchemy import text

from mockint.db import db
from tests.prove.sink import Delivery

NUMBER = re.compile(r"\bbooking:(\d+)")
ROWS = {
    "booking": "SELECT candidate_id, interviewer_id, start_at, end_at, state, sequence,"
    " cancelled_side FROM booking",
    "occupancy": "SELECT person_id, cell FROM occupancy",
    "owed": "SELECT key, kind, sequence, state FROM outbox_message",
    "told": "SELECT side, person_id, sent_sequence FROM invitation",
    "noted": "SELECT action, actor_id, subject FROM audit_entry",
    "feedback": "SELECT state FROM feedback",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One copy of a message, as the mail server took it."""

    message_id: str
    to: str
    subject: str
    method: str
    """Of its calendar object; empty without one."""
    uid: str = ""
    sequence: int | None = None

    @property
    def words(self) -> str:
        """The same for every copy and for no other message of a story."""
        return f"letter to {self.to}: {self.subject} [{self.method} {self.sequence}]"


def letters(file: Path, offset: int) -> list[Letter]:
    """What came to the mail server since its record was `offset` bytes long."""
    with file.open("rb") as lines:
        lines.seek(offset)
        came = [Delivery(**json.loads(line)) for line in lines]
    return [_letter(one) for one in came if one.taken]


def _letter(came: Delivery) -> Letter:
    message = message_from_bytes(came.raw.encode("utf-8", "surrogateescape"), policy=policy.default)
    assert isinstance(message, EmailMessage)
    plain = Letter(str(message["Message-ID"]), ", ".join(came.to), str(message["Subject"]), "")
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            calendar = Calendar.from_ical(part.get_content())
            (event,) = calendar.walk("VEVENT")
            uid, sequence = str(event["UID"]), int(str(event["SEQUENCE"]))
            return Letter(plain.message_id, plain.to, plain.subject, str(calendar["METHOD"]),
                          uid, sequence)  # fmt: skip
    return plain


def facts(came: Iterable[Letter]) -> Counter[str]:
    """Every row that matters, and every message that reached somebody, once for its Message-ID."""
    known = Counter(one.words for one in {one.message_id: one for one in came}.values())
    numbers = dict(_numbers())
    for name, query in ROWS.items():
        for row in db.session.execute(text(query)):
            words = NUMBER.sub(lambda found: numbers.get(found[1], found[0]), repr(tuple(row)))
            known[f"{name} {words}"] += 1
    return known


def _numbers() -> Iterator[tuple[str, str]]:
    """Row number to place: an attempt undone may have used up a number."""
    for place, number in enumerate(db.session.scalars(text("SELECT id FROM booking ORDER BY id"))):
        yield str(number), f"booking:#{place + 1}"


def unlike(came: Iterable[Letter]) -> list[str]:
    """Copies of one message that do not say the same to a mail program or a calendar."""
    by_id: dict[str, set[Letter]] = {}
    for one in came:
        by_id.setdefault(one.message_id, set()).add(one)
    return [f"copies differ: {sorted(map(repr, copies))}" for copies in by_id.values()
            if len(copies) > 1]  # fmt: skip


def under_other_names(came: Iterable[Letter]) -> list[str]:
    """Messages whose Message-ID is not the one that the outbox keeps."""
    query = "SELECT message_id FROM outbox_message WHERE message_id <> ''"
    kept: set[Any] = set(db.session.scalars(text(query)))
    return [f"{one.words} came as {one.message_id}" for one in came if one.message_id not in kept]
