"""Fills an empty database with the demo community; the same for the same day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from random import Random

from flask_security import hash_password
from sqlalchemy import select

from mockint.db import db, transaction
from mockint.demo import calendar, content, rounds
from mockint.demo.history import History
from mockint.demo.members import join
from mockint.models import Person
from mockint.services import community, relay
from mockint.settings import Settings

# Everybody may know it: the demo runs on loopback only.
PASSWORD = "harbour-demo"
GUIDES = {
    "candidate": ("Sanjana Thapa", "sanjana.thapa@harbour.example"),
    "interviewer": ("Jonas Meyer", "jonas.meyer@harbour.example"),
    "organiser": ("Amina Diallo", "amina.diallo@harbour.example"),
}
"""The person to look around as, by role: name and e-mail address."""


def is_seeded() -> bool:
    """Whether anybody is there already."""
    return db.session.scalar(select(Person.id).limit(1)) is not None


def run(
    *, now: datetime, settings: Settings, progress: Callable[[int, int], None] = lambda a, b: None
) -> None:
    """Write the people and play six weeks, in one transaction: all of it or nothing."""
    now = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    data = content.people()["community"]
    with transaction():
        cast = join(now, hash_password(PASSWORD))
        community.change(
            {"name": data["name"], "contact": data["contact"]},
            by=cast.organisers[0].person.id,
            now=now,
        )
        transport = relay.local_transport()
        History(cast, now, Random(now.date().isoformat()), transport).play(progress)
        rounds.play(cast, now, transport)
        guide = GUIDES["interviewer"][1]
        own = next(one.person for one in cast.interviewers if one.person.email == guide)
        calendar.upload(own, now=now)
