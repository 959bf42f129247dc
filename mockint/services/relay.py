"""Sends what the outbox owes: claim, read the truth again, render, send, mark.

Each step commits on its own. A worker that dies leaves a lease, and when that ends the same row
goes out with the same Message-ID, UID and SEQUENCE: at least once on the wire, once in effect.
"""

from __future__ import annotations

import hashlib
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

import structlog
from sqlalchemy import select

from mockint.adapters import ical, mailer, mime
from mockint.adapters.smtp import Permanent, SmtpTransport, Temporary, Transport, Unreachable
from mockint.db import db, insert, transaction
from mockint.domain.reminder import newest_only
from mockint.models import Booking, Heartbeat, OutboxMessage
from mockint.queries import community
from mockint.services import invitation, mail, outbox
from mockint.services.kept import KeepTransport
from mockint.settings import Settings, SettingsError, active

__all__ = ["Swept", "Transport", "local_transport", "sweep", "transport_of"]

log = structlog.get_logger()

MOST = 500
"""Rows one sweep looks at; the next one takes the rest."""
SWEEP_SECONDS = 60.0
"""A sweep takes no new row after this long, so that its idea of now stays fresh."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=60)
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


@dataclass(frozen=True, slots=True)
class _Letter:
    """A row with everything needed to send it, free of the database."""

    row_id: int
    attempt: int
    message: EmailMessage
    sender: str
    recipient: str


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
    done, started = Swept(), time.monotonic()
    _thin_out(now=now, done=done)
    with transport:
        for row_id in outbox.due(now=now, most=MOST):
            elapsed = time.monotonic() - started
            if elapsed > SWEEP_SECONDS or ending():
                break
            try:
                _relay(row_id, now=now + timedelta(seconds=int(elapsed)), post=transport, done=done)
            except Unreachable as trouble:
                done.trouble = str(trouble)
                break
    beat("sweep", now=now)
    return done


def beat(name: str, *, now: datetime) -> None:
    """Note that a background duty ran to its end."""
    with transaction():
        db.session.execute(
            insert(Heartbeat)
            .values(name=name, at=now)
            .on_conflict_do_update(index_elements=["name"], set_={"at": now})
        )


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


def _relay(row_id: int, *, now: datetime, post: Transport, done: Swept) -> None:
    row = outbox.claim(row_id, now=now)
    if row is None:
        return
    attempt = row.attempts
    try:
        letter = _prepare(row, now=now)
        if isinstance(letter, mail.Suppress):
            _drop(row, letter, done)
            return
        post.send(letter.message, sender=letter.sender, recipient=letter.recipient, row_id=row_id)
    except Permanent as refused:
        outbox.mark(row_id, attempt=attempt, state="dead", reason=str(refused))
        done.dead += 1
    except Temporary as trouble:
        _retry(row, str(trouble), now=now, done=done)
        if isinstance(trouble, Unreachable):
            raise
    except Exception as error:
        log.exception("mail_broken", outbox_id=row_id, kind=row.kind)
        _retry(row, f"it cannot be made: {type(error).__name__}", now=now, done=done, poison=True)
    else:
        _sent(row, letter, now=now)
        done.sent += 1


def _prepare(row: OutboxMessage, *, now: datetime) -> _Letter | mail.Suppress:
    """Read the truth and fix the Message-ID in one transaction, then make the message."""
    with transaction():
        row = db.session.get_one(OutboxMessage, row.id, populate_existing=True)
        if row.booking_id is not None:
            db.session.get(Booking, row.booking_id, populate_existing=True)
        found = mail.of(row, now=now)
        if isinstance(found, mail.Suppress):
            return found
        message_id = row.message_id = row.message_id or _message_id(row)
        references = _thread(row, found, message_id)
        name = community.current().name
    rendered = mailer.render(found.template, found.context, found.locale)
    sender = active().sender
    envelope = mime.Envelope(
        message_id=message_id,
        sender=sender,
        sender_name=name,
        recipient=found.address,
        recipient_name=found.name,
        date=now,
        references=references,
        unsubscribe_url=found.unsubscribe_url,
    )
    entry = found.calendar
    message = mime.build(
        rendered,
        envelope,
        calendar=ical.write(entry) if entry else b"",
        method=entry.method.value if entry else "",
    )
    return _Letter(row.id, row.attempts, message, _bounces_to(row.id, message_id), found.address)


def _thread(row: OutboxMessage, found: mail.Mail, message_id: str) -> tuple[str, ...]:
    """The first invitation's Message-ID, to which every other mail of the booking answers."""
    booking = db.session.get(Booking, row.booking_id) if row.booking_id else None
    told = invitation.find(booking, row.side) if booking and row.side else None
    if told is None:
        return ()
    if found.calendar is not None and not told.first_message_id:
        told.first_message_id = message_id
    first = told.first_message_id
    return (first,) if first and first != message_id else ()


def _message_id(row: OutboxMessage) -> str:
    """Stable for a booking's row, random for others; stored before anything is sent."""
    host = active().sender.rpartition("@")[2]
    booking = db.session.get(Booking, row.booking_id) if row.booking_id else None
    if booking is None:
        return f"<ac-{random.SystemRandom().getrandbits(128):032x}@{host}>"
    uid = booking.uid.partition("@")[0]
    what = row.key.removeprefix(f"booking:{booking.id}:{row.side}:")
    what = re.sub(r"[^a-z0-9-]+", ".", what.lower())
    return f"<bk-{uid}.{str(row.side)[:1]}.{what}@{host}>"


def _bounces_to(row_id: int, message_id: str) -> str:
    """Envelope sender: our mailbox with the row behind a plus, proven by a piece of a hash."""
    local, _, host = active().sender.rpartition("@")
    proof = hashlib.sha256(message_id.encode()).hexdigest()[:12]
    return f"{local}+bounce-{row_id}-{proof}@{host}"


def _drop(row: OutboxMessage, why: mail.Suppress, done: Swept) -> None:
    """Obsolete; but what was tried in vain until its time ran out stays in the organiser's view."""
    failed = why.late and row.attempts > 1
    reason = f"{why.reason}; before that: {row.reason}" if failed and row.reason else why.reason
    state = "dead" if failed else "suppressed"
    outbox.mark(row.id, attempt=row.attempts, state=state, reason=reason)
    if failed:
        done.dead += 1
    else:
        done.suppressed += 1


def _retry(
    row: OutboxMessage, reason: str, *, now: datetime, done: Swept, poison: bool = False
) -> None:
    """Put the row back for later, twice as long each time with jitter, until that is no use."""
    over = now - row.due_at > GIVE_UP_AFTER or (poison and row.attempts >= POISON_TRIES)
    pause = min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), LONGEST_PAUSE)
    pause *= random.uniform(0.8, 1.2)
    outbox.mark(
        row.id,
        attempt=row.attempts,
        state="dead" if over else "pending",
        next_try_at=now + min(pause, LONGEST_PAUSE),
        reason=reason,
    )
    if over:
        done.dead += 1
    else:
        done.failed += 1


def _sent(row: OutboxMessage, letter: _Letter, *, now: datetime) -> None:
    """Settle the row; a one-time link does not stay behind."""
    with transaction():
        keeps = row.booking_id is not None or "link" not in row.payload
        outbox.mark(
            row.id,
            attempt=letter.attempt,
            state="sent",
            sent_at=now,
            reason="",
            subject=str(letter.message["Subject"])[:300],
            payload=row.payload if keeps else {"link_removed": True},
        )
        if letter.message.get_content_type() == "multipart/mixed" and row.booking_id and row.side:
            invitation.note_sent(row.booking_id, row.side, row.person_id or 0, row.sequence or 0)
