"""Takes in one message from outside: an answer to an invitation, a bounce, or neither.

Everything a message changes is one write unit. Whoever sent it gets no answer from here; an
address on file may be asked to confirm. Nothing personal is logged.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, select

from mockint.adapters import inbound
from mockint.db import db, insert, transaction
from mockint.domain import reply as rules
from mockint.domain.account import LinkUseless
from mockint.domain.errors import N_, Conflict
from mockint.domain.reply import Answer, Decision, Inbound, Known, Outcome
from mockint.models import Booking, Invitation, OutboxMessage, Person, Reply
from mockint.services import answer, holds, letters, links, outbox
from mockint.settings import active

log = structlog.get_logger()

KEPT_FOR = timedelta(days=90)
"""How long a message is known again; no booking lies that far ahead."""
MOST_HELD, HELD_WITHIN = 3, timedelta(days=1)
"""So many confirmations are asked for by mail, so that a leaked token floods nobody."""
TOKEN = re.compile(r"\+([a-z2-7]{16,40})@")
BOUNCE = re.compile(r"\+bounce-([0-9]{1,9})-[0-9a-f]{12}@")
TOO_MANY = Decision(Outcome.REFUSED, N_("Too many unproven answers came today."))
NO_MAIL = Decision(Outcome.IGNORED, N_("It reports on no mail of ours."))
NO_FAILURE = Decision(Outcome.IGNORED, N_("It reports on a mail that is not lost."))
CAME_BACK = Decision(Outcome.BOUNCE, N_("A mail of ours could not be delivered."))
CLICKED = N_("Confirmed by a click from the address on file.")


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of a message."""

    outcome: str
    booking: str | None
    """UID of the interview it is about."""
    attendee: str | None
    """candidate or interviewer: whose answer it is, or whom the mail did not reach."""
    partstat: str | None
    """What the answer said; None for anything else."""
    reason: str


def ingest(raw: bytes, *, now: datetime, recipient: str = "") -> Ingested:
    """Take in one raw message (RFC 5322); the same one again changes nothing.

    `recipient` is the envelope's, where the mail server says it. Hostile octets raise nothing;
    a database that is away does, and then nothing has changed.
    """
    message = inbound.read(raw, authserv_id=active().authserv_id, recipient=recipient)
    try:
        done = _taken(message, now)
    except holds.Overtaken:
        done = _taken(message, now)
    facts = asdict(done) | {"booking": done.booking is not None}
    log.info("message_ingested", **facts)
    return done


def _taken(message: Inbound, now: datetime) -> Ingested:
    with transaction():
        return _report(message, now) if message.report else _answer(message, now)


# Reports


def _report(message: Inbound, now: datetime) -> Ingested:
    """A mail that came back is dead; its address is marked, and never counts as a decline."""
    row = _mail_of(message)
    if row is None or message.report is None:
        return _ended(NO_MAIL)
    booking = db.session.get(Booking, row.booking_id) if row.booking_id else None
    seen = _first(message, now, booking_id=row.booking_id, side=row.side, person_id=row.person_id)
    if seen is None:
        return _ended(rules.SEEN, booking, row.side)
    decision = NO_FAILURE
    if message.report.failed:
        decision = CAME_BACK
        outbox.came_back(row.id, message.report.words, now=now)
        person = db.session.get(Person, row.person_id) if row.person_id else None
        if person is not None and row.address in ("", person.email):
            person.undeliverable_at = now
    _settle(seen, decision)
    return _ended(decision, booking, row.side)


def _mail_of(message: Inbound) -> OutboxMessage | None:
    """The mail whose bounce address this went to, proven by the piece of a hash in it."""
    for address in message.recipients:
        found = BOUNCE.search(address.lower())
        row = db.session.get(OutboxMessage, int(found[1])) if found else None
        if row is None:
            continue
        ours = letters.bounces_to(row.id, row.message_id).partition("@")[0]
        if hmac.compare_digest(ours.lower().encode(), address.lower().partition("@")[0].encode()):
            return row
    return None


# Answers


def _answer(message: Inbound, now: datetime) -> Ingested:
    unread = rules.without_answer(message)
    told = _told(message)
    if told is None:
        return _ended(unread or rules.UNKNOWN, said=message.answer)
    booking = holds.locked(told.booking_id)
    if message.answer is not None and message.answer.uid != booking.uid:
        return _ended(rules.UNKNOWN, said=message.answer)
    seen = _first(message, now, booking_id=booking.id, side=told.side, person_id=told.person_id)
    if seen is None:
        return _ended(rules.SEEN, booking, told.side, message.answer)
    db.session.refresh(told)
    decision = unread or _decided(message, booking, told, seen, now)
    _settle(seen, decision)
    return _ended(decision, booking, told.side, message.answer)


def _told(message: Inbound) -> Invitation | None:
    """The invitation whose organizer address this went to; more than one is none."""
    tokens = {token for address in message.recipients for token in TOKEN.findall(address.lower())}
    if not tokens:
        return None
    found = db.session.scalars(
        select(Invitation).where(Invitation.token.in_(sorted(tokens)[:20])).limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _decided(
    message: Inbound, booking: Booking, told: Invitation, seen: Reply, now: datetime
) -> Decision:
    """Judge the answer and do what follows."""
    assert message.answer is not None
    decision = rules.decide(message, message.answer, _known(booking, told), now=now)
    if decision.outcome is Outcome.APPLIED:
        answer.take(booking, told, message.answer, now=now)
    elif decision.outcome is Outcome.HELD:
        if _held_of_late(seen, now) >= MOST_HELD:
            return TOO_MANY
        _hold(seen, message.answer, now)
    return decision


def _known(booking: Booking, told: Invitation) -> Known:
    return Known(
        uid=booking.uid,
        sequence=booking.sequence,
        state=booking.state,
        end=booking.end_at,
        on_side=booking.side_of(told.person_id) == told.side,
        attendee=told.attendee,
        organizer=told.organizer,
        partstat=told.partstat,
        stamp=told.answered_stamp,
    )


def _held_of_late(seen: Reply, now: datetime) -> int:
    held = select(func.count()).where(
        Reply.booking_id == seen.booking_id,
        Reply.side == seen.side,
        Reply.link_id.is_not(None),
        Reply.received_at > now - HELD_WITHIN,
    )
    return db.session.scalar(held) or 0


def _hold(seen: Reply, said: Answer, now: datetime) -> None:
    """Keep the answer and ask the address on file whether it is theirs."""
    seen.method, seen.partstat = said.method, said.partstat
    seen.sequence, seen.stamp, seen.comment = said.sequence, said.stamp, said.comment
    seen.proposed_start, seen.proposed_end = said.start, said.end
    person = db.session.get_one(Person, seen.person_id)
    link = links.send("answer", email=person.email, person_id=person.id, now=now, reply_id=seen.id)
    seen.link_id = link.id


# Seen once


def _first(message: Inbound, now: datetime, **about: object) -> Reply | None:
    """A row for this message; None when it was seen before."""
    new = insert(Reply.__table__).values(
        key=message.key,
        received_at=now,
        outcome=Outcome.IGNORED,
        reason="",
        method="",
        partstat="",
        comment="",
        **about,
    )
    row_id = db.session.scalar(
        new.on_conflict_do_nothing(index_elements=["key"]).returning(Reply.__table__.c.id)
    )
    return None if row_id is None else db.session.get_one(Reply, row_id)


def _settle(seen: Reply, decision: Decision) -> None:
    seen.outcome, seen.reason = decision.outcome.value, decision.reason
    db.session.flush()


def _ended(
    decision: Decision,
    booking: Booking | None = None,
    side: str | None = None,
    said: Answer | None = None,
) -> Ingested:
    return Ingested(
        outcome=decision.outcome.value,
        booking=booking.uid if booking else None,
        attendee=side,
        partstat=said.partstat if said and said.partstat in tuple(rules.Partstat) else None,
        reason=decision.reason,
    )


# A held answer is confirmed


def held(token: str, *, now: datetime) -> tuple[Reply, Booking]:
    """The answer that waits behind this link, and what it is about; reading changes nothing."""
    link = links.read("answer", token, now=now)
    return _behind(link.id)


def _behind(link_id: int) -> tuple[Reply, Booking]:
    row = db.session.scalar(select(Reply).where(Reply.link_id == link_id))
    booking = db.session.get(Booking, row.booking_id) if row is not None else None
    if row is None or booking is None or row.outcome != Outcome.HELD:
        raise LinkUseless(N_("This link was used already, or it is too old."))
    return row, booking


def confirm(token: str, *, now: datetime) -> tuple[Reply, Booking]:
    """It was them: the answer counts, if nothing has overtaken it meanwhile."""
    with transaction():
        link = links.use("answer", token, now=now)
        row, _booking = _behind(link.id)
        booking = holds.locked(row.booking_id or 0)
        told = db.session.get_one(
            Invitation, (booking.id, row.side, row.person_id), populate_existing=True
        )
        said = _kept(row)
        late = rules.overtaken(said, _known(booking, told), now=now)
        if late is not None:
            raise Conflict(late.reason)
        answer.take(booking, told, said, now=now)
        _settle(row, Decision(Outcome.APPLIED, CLICKED))
    return row, booking


def _kept(row: Reply) -> Answer:
    """The answer as it was held."""
    return Answer(
        method=row.method,
        declared="",
        uid="",
        sequence=row.sequence or 0,
        stamp=row.stamp,
        organizer="",
        attendees=(),
        partstat=row.partstat,
        comment=row.comment,
        start=row.proposed_start,
        end=row.proposed_end,
    )


def drop_old(*, now: datetime) -> int:
    """Forget messages that came long ago; returns how many."""
    with transaction():
        gone = delete(Reply).where(Reply.received_at < now - KEPT_FOR)
        return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]  # a cursor result
