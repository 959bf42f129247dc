"""Looks into the mailbox that answers come to, and hands what arrived to `replies`.

A look claims the mailbox for a while, so that two workers never read it at once. How far it was
read is stored after each message; a worker that dies between the two leaves one message to be
handed over again, which changes nothing. Nothing is answered, marked or deleted.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import case, delete, or_, update
from sqlalchemy.exc import SQLAlchemyError

from mockint.adapters.imap import Folder, Mailbox, Unreadable
from mockint.adapters.inbound import MOST_OCTETS
from mockint.db import db, insert, is_away, is_collision, transaction
from mockint.models import Inbox
from mockint.services import relay, replies
from mockint.settings import active

log = structlog.get_logger()

DUTY = "answers"
"""The name of its heartbeat."""
LEASE = timedelta(minutes=3)
"""How long the mailbox belongs to one worker; longer than a look may take."""
LOOK_SECONDS = 60.0
"""A look takes no further message after this long."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=40), timedelta(minutes=30)
"""Between two looks; it doubles while the mailbox cannot be read."""
JITTER = 1.25
LOOK_BACK = timedelta(days=60)
"""What came earlier is not read when a mailbox is new to us: no interview lies that far ahead."""
MOST_TRIES = 5
"""A message that was begun so often and never ended is set aside unread."""


@dataclass
class Looked:
    """What one look found."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """How often `replies.ingest` came to each outcome."""
    too_large: int = 0
    """Left where they are, unread."""
    aside: int = 0
    """Put into the quarantine folder."""
    trouble: str = ""
    """Why the mailbox cannot be read, if so."""
    claimed: bool = True
    """False: another worker is looking, or it is not time yet."""
    more: bool = False
    """Whether messages were left for the next look, for want of time."""

    @property
    def total(self) -> int:
        return self.outcomes.total() + self.too_large + self.aside


@dataclass(frozen=True, slots=True)
class _Claim:
    """The mailbox is ours until then, unless somebody has it who found our claim run out."""

    name: str
    until: datetime
    validity: int
    read_to: int
    failures: int

    def change(self, **values: object) -> bool:
        """Write to the row while it is ours; False when it is not any more."""
        mine = (Inbox.name == self.name, Inbox.claimed_until == self.until)
        with transaction():
            changed = db.session.execute(update(Inbox).where(*mine).values(**values))
        return bool(changed.rowcount)  # type: ignore[attr-defined]  # a cursor result

    def begin(self, uid: int) -> int | None:
        """Note that a message is tried; returns how often so far, None when it is not ours."""
        again = case((Inbox.trying == uid, Inbox.tries + 1), else_=1)
        mine = (Inbox.name == self.name, Inbox.claimed_until == self.until)
        with transaction():
            return db.session.scalar(
                update(Inbox).where(*mine).values(trying=uid, tries=again).returning(Inbox.tries)
            )


def look(
    *, now: datetime, at_once: bool = False, ending: Callable[[], bool] = lambda: False
) -> Looked:
    """Read what is new in the mailbox of the settings; `at_once`: also in a pause.

    Harmless when several do it at once. Once `ending` says so, no further message is taken.
    """
    done, began = Looked(), time.monotonic()

    def over() -> bool:
        return time.monotonic() - began > LOOK_SECONDS or ending()

    def at() -> datetime:  # with fractions, so that no two messages come at the same time
        return now + timedelta(seconds=time.monotonic() - began)

    box = Mailbox.of(active().imap_url)
    claim = _claim(box.name, now=now, at_once=at_once)
    if claim is None:
        done.claimed = False
        return done
    try:
        with Folder(box) as folder:
            _read(folder, claim, over, at, done)
    except Unreadable as trouble:
        done.trouble = str(trouble)
    _let_go(claim, done, now=at())
    if not done.trouble:
        failures = done.aside + done.too_large
        relay.beat(DUTY, now=at(), seconds=time.monotonic() - began, failures=failures)
    return done


def _claim(name: str, *, now: datetime, at_once: bool) -> _Claim | None:
    """Make the mailbox ours for a while, if it is nobody's and due."""
    free = [or_(Inbox.claimed_until.is_(None), Inbox.claimed_until <= now)]
    if not at_once:
        free.append(Inbox.next_look_at <= now)
    new = insert(Inbox.__table__).values(
        name=name, validity=0, read_to=0, trying=0, tries=0, next_look_at=now, failures=0,
        trouble="",
    )  # fmt: skip
    with transaction():
        db.session.execute(new.on_conflict_do_nothing(index_elements=["name"]))
        row = db.session.execute(
            update(Inbox)
            .where(Inbox.name == name, *free)
            .values(claimed_until=now + LEASE)
            .returning(Inbox.validity, Inbox.read_to, Inbox.failures)
        ).one_or_none()
    return _Claim(name, now + LEASE, *row) if row else None


def _read(
    folder: Folder,
    claim: _Claim,
    over: Callable[[], bool],
    now: Callable[[], datetime],
    done: Looked,
) -> None:
    """Hand over one message after the other."""
    read_to = claim.read_to if folder.validity == claim.validity else 0
    for uid in folder.after(read_to, since=(now() - LOOK_BACK).date()):
        if over():
            done.more = True
            return
        tries = claim.begin(uid)
        if tries is None:
            done.more = True
            return
        _hand_over(folder, uid, tries, now=now(), done=done)
        if not claim.change(validity=folder.validity, read_to=uid, tries=0):
            return


def _hand_over(folder: Folder, uid: int, tries: int, *, now: datetime, done: Looked) -> None:
    """One message; whatever is wrong with it keeps no other from its turn."""
    if tries > MOST_TRIES:
        _set_aside(folder, uid, "no worker came to its end with it", done)
        return
    size = folder.size(uid)
    if size is None:
        return
    if size > MOST_OCTETS:
        log.warning("answer_too_large", uid=uid, octets=size)
        done.too_large += 1
        return
    raw = folder.read(uid)
    if raw is None:
        return
    try:
        found = replies.ingest(raw, now=now)
    except Exception as error:
        db.session.rollback()
        if isinstance(error, SQLAlchemyError) and (is_away(error) or is_collision(error)):
            raise
        _set_aside(folder, uid, relay.where(error), done)
    else:
        done.outcomes[found.outcome] += 1


def _set_aside(folder: Folder, uid: int, fault: str, done: Looked) -> None:
    """Into the quarantine folder; where that fails it stays, and is not read again."""
    done.aside += 1
    try:
        log.error("answer_set_aside", uid=uid, fault=fault, folder=folder.set_aside(uid))
    except Unreadable as trouble:
        log.error("answer_left", uid=uid, fault=fault, trouble=str(trouble))


def _let_go(claim: _Claim, done: Looked, *, now: datetime) -> None:
    """End the claim and say when the next look is due; a mailbox read before is forgotten."""
    failures = claim.failures + 1 if done.trouble else 0
    pause = min(FIRST_PAUSE * 2 ** min(failures, 10), LONGEST_PAUSE / JITTER)
    if failures:
        pause *= random.uniform(1, JITTER)
    claim.change(
        claimed_until=None,
        next_look_at=now if done.more else now + pause,
        failures=failures,
        trouble=done.trouble,
    )
    if not done.trouble:
        with transaction():
            db.session.execute(delete(Inbox).where(Inbox.name != claim.name))
