"""Sends what the outbox owes: claim, read the truth again, render, send, mark.

A few rows are claimed and prepared in one transaction, each is sent by itself, and what left is
marked together (`hand`). A worker that dies leaves leases, and when those end the same rows go out
with the same Message-ID, UID and SEQUENCE: at least once on the wire, once in effect.
"""

from __future__ import annotations

import random
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from mockint.adapters.smtp import Permanent, SmtpTransport, Temporary, Transport, Unreachable
from mockint.db import db, insert, transaction
from mockint.domain.reminder import newest_only
from mockint.models import Heartbeat, OutboxMessage
from mockint.services import letters, mail, outbox
from mockint.services.hand import Hand
from mockint.services.kept import KeepTransport
from mockint.settings import Settings, SettingsError, active

__all__ = ["Swept", "Transport", "local_transport", "sweep", "transport_of"]

log = structlog.get_logger()

MOST = 500
"""Rows looked up at once."""
BATCH = 20
"""So many are claimed at once; but alone what a worker had that died, as it may be at fault."""
FRESH = timedelta(seconds=5)
"""What was claimed longer ago is let go and claimed anew, as the truth may have changed."""
SWEEP_SECONDS = 60.0
"""A sweep takes no new row after this long, so that its idea of now stays fresh."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=60)
JITTER = 1.25
"""A pause is up to so many times its length, so that what failed together comes back spread."""
POISON_TRIES = 8
"""A row that breaks our own code this often is given up."""
GIVE_UP_AFTER = timedelta(hours=72)
"""A mail whose time never runs out is given up all the same."""
ONE_OF = {"reminder": ("booking_id", "side"), "feedback-nudge": ("person_id",)}
"""Kinds of which a person gets one at a time, and what makes two the same."""


@dataclass
class Swept:
    """What one sweep did."""

    sent: int = 0
    suppressed: int = 0
    failed: int = 0
    """To be tried again."""
    dead: int = 0
    trouble: str = field(default="")
    """Why the mail server takes nothing at the moment, if so."""
    more: bool = False
    """Whether something due was left for the next sweep, for want of time."""
    seconds: float = 0.0


class _Watch:
    """The time as a sweep goes on, and whether it should end."""

    def __init__(self, now: datetime, ending: Callable[[], bool]) -> None:
        self._began, self._start, self._ending = now, time.monotonic(), ending

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    @property
    def now(self) -> datetime:
        """To the second, since calendars know no fractions."""
        return self._began + timedelta(seconds=int(self.seconds))

    @property
    def is_over(self) -> bool:
        return self.seconds > SWEEP_SECONDS or self._ending()


def transport_of(settings: Settings) -> Transport:
    """The mail server, or the local mailbox where the mode has one; else a refusal to start."""
    if settings.smtp_url:
        return SmtpTransport(settings.smtp_url)
    if settings.shows_mailbox:
        return KeepTransport()
    raise SettingsError("MOCKINT_SMTP_URL is not set, so no mail could be sent.")


def local_transport() -> Transport:
    """The local mailbox, whatever the settings say (the demo's history)."""
    return KeepTransport()


def sweep(
    *, now: datetime, transport: Transport, ending: Callable[[], bool] = lambda: False
) -> Swept:
    """Send everything due; harmless when several do it at once.

    Once `ending` says so, no further mail is taken.
    """
    done, watch, seen = Swept(), _Watch(now, ending), set[int]()
    _thin_out(now=now, done=done)
    with transport, Hand(lambda: watch.now) as hand:
        try:
            while rows := [
                one for one in outbox.due(now=watch.now, most=MOST) if one.id not in seen
            ]:
                if watch.is_over:
                    done.more = True
                    break
                seen.update(one.id for one in rows)
                _relay(rows, watch, hand, post=transport, done=done)
        except Unreachable as trouble:
            done.trouble = str(trouble)
    done.seconds = watch.seconds
    _note(done, now=now)
    return done


def _note(done: Swept, *, now: datetime) -> None:
    """The heartbeat; whether mail flows is known only when some was tried."""
    tried = done.sent or done.failed or done.dead
    beat(
        "sweep",
        now=now,
        seconds=done.seconds,
        failures=done.failed + done.dead,
        trouble=done.trouble if tried else None,
    )


def beat(
    name: str,
    *,
    now: datetime,
    seconds: float = 0.0,
    failures: int = 0,
    trouble: str | None = None,
) -> None:
    """Note that a background duty ran to its end; without `trouble` the last one still stands."""
    new = insert(Heartbeat).values(
        name=name, at=now, runs=1, seconds=seconds, failures=failures, trouble=trouble or ""
    )
    changes = {
        "at": now,
        "runs": Heartbeat.runs + 1,
        "seconds": Heartbeat.seconds + seconds,
        "failures": Heartbeat.failures + failures,
    }
    if trouble is not None:
        changes["trouble"] = trouble
    with transaction():
        db.session.execute(new.on_conflict_do_update(index_elements=["name"], set_=changes))


def _thin_out(*, now: datetime, done: Swept) -> None:
    """Of several reminders or nudges due at once, as after an outage, keep the newest."""
    rows = db.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.state == "pending",
            OutboxMessage.next_try_at <= now,
            OutboxMessage.kind.in_(tuple(ONE_OF)),
        )
    ).all()
    _, drop = newest_only(
        rows,
        group=lambda row: (row.kind, *(getattr(row, name) for name in ONE_OF[row.kind])),
        due=lambda row: row.due_at,
    )
    if drop:
        done.suppressed += outbox.give_up(
            [row.id for row in drop], reason="a newer one says the same"
        )


def _relay(
    rows: Sequence[outbox.Due], watch: _Watch, hand: Hand, *, post: Transport, done: Swept
) -> None:
    """Claim, prepare and send these rows, in turns short enough that what is read stays true."""
    tried = {one.line for one in rows if one.tried and one.line}
    left = deque(sorted(rows, key=lambda one: one.tried + one.orphaned or 3 * (one.line in tried)))
    while left and not watch.is_over:
        now, turn = watch.now, _turn(left)
        plans = deque(letters.prepare([one.id for one in turn], now=now))
        hand.hold(plans)
        try:
            while plans:
                _settle(plans.popleft(), hand, now=watch.now, post=post, done=done)
                if watch.now - now >= FRESH or watch.is_over:
                    break
        finally:
            hand.settle()
            outbox.give_back({plan.row.id: plan.attempt for plan in plans})
        untried = {plan.row.id for plan in plans}
        left.extendleft(one for one in reversed(turn) if one.id in untried)
    done.more = done.more or bool(left)


def _turn(left: deque[outbox.Due]) -> list[outbox.Due]:
    """Take the next rows to be claimed together, of each line the first one only."""
    turn = [left.popleft()]
    if turn[0].orphaned:
        return turn
    lines = {turn[0].line}
    while left and len(turn) < BATCH and not left[0].orphaned:
        line = left[0].line
        if line is not None and line in lines:
            break
        lines.add(line)
        turn.append(left.popleft())
    return turn


def _settle(plan: letters.Plan, hand: Hand, *, now: datetime, post: Transport, done: Swept) -> None:
    """Send one claimed row, or write down why not."""
    row, found = plan.row, plan.found
    try:
        if isinstance(found, Exception):
            raise found
        if isinstance(found, mail.Suppress):
            _drop(plan, found, now=now, done=done)
            return
        message = letters.message(plan, found, now=now)
        sender = letters.bounces_to(row.id, row.message_id)
        post.send(message, sender=sender, recipient=found.address, row_id=row.id)
    except Permanent as refused:
        _bury(plan, str(refused), now=now, done=done)
    except Temporary as trouble:
        _retry(plan, str(trouble), now=now, done=done)
        if isinstance(trouble, Unreachable):
            raise
    except OperationalError:
        raise
    except Exception as error:
        log.error("mail_broken", outbox_id=row.id, kind=row.kind, fault=where(error))
        words = f"it cannot be made: {type(error).__name__}"
        _retry(plan, words, now=now, done=done, poison=True)
    else:
        hand.sent(_left(plan, message, now=now))
        done.sent += 1


def where(error: Exception) -> str:
    """The kind of error and the line that raised it; its words may hold what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    last = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + last


def _drop(plan: letters.Plan, why: mail.Suppress, *, now: datetime, done: Swept) -> None:
    """Obsolete; but what was tried in vain until its time ran out stays in the organiser's view."""
    if why.late and plan.attempt > 1:
        before = f"; before that: {plan.row.reason}" if plan.row.reason else ""
        _bury(plan, why.reason + before, now=now, done=done)
        return
    outbox.mark(plan.row.id, attempt=plan.attempt, state="suppressed", reason=why.reason)
    done.suppressed += 1


def _bury(plan: letters.Plan, reason: str, *, now: datetime, done: Swept) -> None:
    """Given up; `next_try_at` keeps the moment, and organisers are told on every page."""
    outbox.mark(plan.row.id, attempt=plan.attempt, state="dead", next_try_at=now, reason=reason)
    done.dead += 1


def _retry(
    plan: letters.Plan, reason: str, *, now: datetime, done: Swept, poison: bool = False
) -> None:
    """Put the row back for later, twice as long each time with jitter, until that is no use."""
    if now - plan.row.due_at > GIVE_UP_AFTER or (poison and plan.attempt >= POISON_TRIES):
        _bury(plan, reason, now=now, done=done)
        return
    pause = min(FIRST_PAUSE * 2 ** min(plan.attempt - 1, 10), LONGEST_PAUSE / JITTER)
    pause *= random.uniform(1, JITTER) * active().retry_scale
    outbox.mark(
        plan.row.id, attempt=plan.attempt, state="pending", next_try_at=now + pause, reason=reason
    )
    done.failed += 1


def _left(plan: letters.Plan, message: EmailMessage, *, now: datetime) -> outbox.Left:
    """What to write down; a one-time link does not stay behind."""
    row = plan.row
    keeps = row.booking_id is not None or "link" not in row.payload
    told = None
    if message.get_content_type() == "multipart/mixed" and row.booking_id and row.side:
        told = (row.booking_id, row.side, row.person_id or 0, row.sequence or 0)
    return outbox.Left(
        row.id,
        plan.attempt,
        at=now,
        subject=str(message["Subject"]),
        payload=row.payload if keeps else {"link_removed": True},
        told=told,
    )
