"""One interview lived through by the product: its services, its outbox and its relay."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mockint import clock
from mockint.adapters.smtp import SmtpTransport
from mockint.app import create_app
from mockint.cli import let_go
from mockint.db import db
from mockint.domain.account import Application
from mockint.models import Booking, Invitation, Person
from mockint.services import booking, feed, holds, invitation, polls, relay, volunteer
from mockint.services.matching import Wanted
from mockint.settings import Settings
from tests import factories
from tests.support import databases
from tests.support.commands import COMMAND
from tests.support.smtp import MailServer
from tests.support.web import ROOT, environment

HOST = "mock.harbour.example"
TRACK, LEVEL, MINUTES = "coding", "mid", 60
SIDES = ("candidate", "interviewer")


@dataclass(frozen=True)
class Letter:
    """One mail with a calendar object, as it left."""

    step: str
    side: str
    message: EmailMessage

    @property
    def _part(self) -> EmailMessage:
        parts = (p for p in self.message.walk() if p.get_content_type() == "text/calendar")
        return next(parts)  # type: ignore[return-value]  # a message's parts are of its kind

    @property
    def calendar(self) -> str:
        """The object a calendar gets."""
        return str(self._part.get_content())

    @property
    def method(self) -> str:
        """What the header says it is."""
        return str(self._part.get_param("method"))


@dataclass
class Story:
    """An installation with one candidate and one interviewer; each step sends what it owes."""

    settings: Settings
    candidate: Person
    interviewer: Person
    begins: datetime
    smtp: MailServer | None = None
    letters: list[Letter] = field(default_factory=list)
    now: datetime = field(default_factory=clock.now)
    booking_id: int = 0

    @property
    def booking(self) -> Booking:
        db.session.rollback()
        return db.session.get_one(Booking, self.booking_id, populate_existing=True)

    def told(self, side: str = "candidate") -> Invitation:
        found = invitation.find(self.booking, side)
        assert found is not None
        db.session.refresh(found)
        return found

    def book(self) -> None:
        wanted = Wanted(TRACK, LEVEL, MINUTES, self.begins, self.interviewer.id)
        held = holds.hold(self.candidate.id, wanted, now=self.now)
        booking.confirm(held.id, candidate_id=self.candidate.id, now=self.now)
        self.booking_id = held.id
        self.send("new")

    def move(self, by: timedelta, *, side: str = "candidate") -> None:
        person = getattr(self, side)
        start = self.booking.start_at + by
        booking.reschedule(self.booking_id, by=person.id, side=side, new_start=start, now=self.now)
        self.send("rescheduled")

    def change_place(self, link: str) -> None:
        profile = db.session.get_one(Person, self.interviewer.id).interviewer
        assert profile is not None
        said = {one.name: getattr(profile, one.name) for one in fields(Application)}
        changed = Application(**{**said, "meeting_link": link})
        volunteer.apply(self.interviewer.id, changed, now=self.now)
        self.send("another place")

    def cancel(self) -> None:
        booking.cancel(
            self.booking_id, by=self.candidate.id, side="candidate", reason="ill", now=self.now
        )
        self.send("cancelled")

    def whole(self) -> None:
        """New, rescheduled twice, another place, cancelled."""
        self.book()
        self.move(timedelta(hours=1))
        self.move(timedelta(days=1, minutes=-30), side="interviewer")
        self.change_place("https://meet.example/another")
        self.cancel()

    def send(self, step: str = "") -> None:
        """One sweep of the relay, a second after the last: DTSTAMP knows no fractions."""
        before = len(self.smtp.posts) if self.smtp else 0
        with SmtpTransport(self.settings.smtp_url) as transport:
            done = relay.sweep(now=self.now, transport=transport)
        assert done.trouble == "", done
        assert done.failed == done.dead == 0, done
        self.now += timedelta(seconds=1)
        for post in self.smtp.posts[before:] if self.smtp else ():
            kinds = {part.get_content_type() for part in post.message.walk()}
            if "text/calendar" in kinds:
                side = "candidate" if self.candidate.email in post.recipients else "interviewer"
                self.letters.append(Letter(step, side, post.message))

    def of(self, side: str) -> list[Letter]:
        return [one for one in self.letters if one.side == side]

    def ingest(self, raw: bytes) -> dict[str, Any]:
        """What `mockint mail ingest -` says to a message; a process of its own, as for a pipe."""
        done = subprocess.run(
            [*COMMAND, "mail", "ingest", "-"],
            cwd=ROOT, env=environment(self.settings), input=raw, capture_output=True, timeout=60,
            check=True,
        )  # fmt: skip
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    def download(self, side: str) -> bytes:
        """The file behind "add to calendar"."""
        return invitation.download(self.booking_id, person_id=getattr(self, side).id)

    def feed(self, side: str) -> bytes:
        """What a calendar that subscribed gets."""
        row = feed.make(getattr(self, side).id, now=self.now)
        address = feed.address(row)
        assert address is not None
        token = address.rpartition("/")[2].partition(".")[0]
        return polls.write(polls.find(token), now=self.now).octets


@contextmanager
def told(
    folder: Path,
    *,
    candidate: str = "sanjana@people.example",
    interviewer: str = "jonas@people.example",
    **settings: str,
) -> Iterator[Story]:
    """The story on a fresh database; without `smtp_url` it brings a mail server."""
    folder.mkdir(parents=True, exist_ok=True)
    smtp = None if "smtp_url" in settings else MailServer()
    if smtp:
        smtp.start()
    url = f"sqlite:///{folder / 'mockint.db'}"
    databases.migrate(url, folder)
    about = {"base_url": f"https://{HOST}", "database_url": url, "data_dir": str(folder)}
    about |= {"smtp_url": smtp.url} if smtp else {}
    made = Settings(mode="test", pipes_replies=True, **(about | settings))  # type: ignore[arg-type]
    app = create_app(made)
    begins = (clock.now() + timedelta(days=3)).replace(hour=10, minute=0, second=0, microsecond=0)
    try:
        with app.app_context():
            pair = factories.candidate(email=candidate), factories.interviewer(email=interviewer)
            yield Story(made, *pair, begins, smtp)
            db.session.rollback()
    finally:
        let_go(app)
        if smtp:
            smtp.stop()
