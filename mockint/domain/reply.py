"""Answers to invitations: what a message says, judged against what is known (RFC 5546 3.2.3).

A participant answers only for themselves, an answer to an old time says nothing about the new
one, and whoever cannot be told from a stranger is asked to confirm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mockint.domain.booking import State
from mockint.domain.errors import N_, Conflict, Invalid, TooLate

LONGEST_COMMENT = 500


class Partstat(StrEnum):
    """What a participant said (RFC 5545 3.2.12); DELEGATED is noted, nobody is added."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    TENTATIVE = "TENTATIVE"
    DECLINED = "DECLINED"
    DELEGATED = "DELEGATED"


ANSWERS = (Partstat.ACCEPTED, Partstat.TENTATIVE, Partstat.DECLINED)
"""What a person can say on a page, and what an update of the same time repeats to them."""


class Outcome(StrEnum):
    """What became of a message."""

    APPLIED = "applied"
    IGNORED = "ignored"
    """Harmless and without effect."""
    HELD = "held"
    """It waits for a click by the address we know."""
    BOUNCE = "bounce"
    REFUSED = "refused"
    """It breaks a rule that an honest answer keeps."""


class Verdict(StrEnum):
    """What our own mail server says of the sender's domain (DMARC)."""

    PASS = "pass"
    FAIL = "fail"
    NONE = "none"
    """Nothing that we trust."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The calendar part of a message."""

    method: str
    declared: str
    """METHOD in the header of the part; empty when it names none."""
    uid: str
    sequence: int
    stamp: datetime | None
    """DTSTAMP: when the answer was made."""
    organizer: str
    """An address; empty when missing, as outlook.com and Exchange leave it out."""
    attendees: tuple[str, ...]
    partstat: str
    comment: str = ""
    start: datetime | None = None
    end: datetime | None = None
    one_of_many: bool = False
    """RECURRENCE-ID names another time than DTSTART, so it is about a series."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server reports about a mail that was sent."""

    failed: bool
    words: str
    """The other server's own, as far as it gave any."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message, as far as it matters."""

    key: str
    """The same for the same message: a hash of its Message-ID and its calendar part."""
    recipients: tuple[str, ...] = ()
    """Addresses it went to, the delivering server's word first."""
    senders: tuple[str, ...] = ()
    """Addresses in From, of which there should be one."""
    verdict: Verdict = Verdict.NONE
    automatic: bool = False
    report: Report | None = None
    answer: Answer | None = None
    fault: str = ""
    """Why it cannot be read, as a sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of the booking and the one attendee whom the answer's address belongs to."""

    uid: str
    sequence: int
    state: str
    end: datetime
    on_side: bool
    """False: somebody else has taken this attendee's place."""
    attendee: str
    organizer: str
    partstat: str
    stamp: datetime | None
    """DTSTAMP of the last answer that counted."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done, and why in one sentence."""

    outcome: Outcome
    reason: str


def _refused(reason: str) -> Decision:
    return Decision(Outcome.REFUSED, reason)


def _ignored(reason: str) -> Decision:
    return Decision(Outcome.IGNORED, reason)


UNKNOWN = _refused(N_("It names no interview of ours."))
SEEN = _ignored(N_("This message was seen before."))


def without_answer(message: Inbound) -> Decision | None:
    """What is decided about a message that has no readable calendar part; reports come before."""
    if message.fault:
        return _refused(message.fault)
    if message.answer is not None:
        return None
    if message.automatic:
        return _ignored(N_("It was written by a machine and holds no answer."))
    return _ignored(N_("It holds no calendar answer; words are not read."))


Rule = Callable[[Inbound, Answer, Known, datetime], Decision | None]


def decide(message: Inbound, answer: Answer, known: Known, *, now: datetime) -> Decision:
    """Steps four to eleven: the first rule that the answer does not keep decides."""
    rules: tuple[Rule, ...] = (_method, _about, _attendee, _sender, _fresh, _of_use)
    for rule in rules:
        decision = rule(message, answer, known, now)
        if decision is not None:
            return decision
    if _is_proven(message, known):
        return Decision(Outcome.APPLIED, _applied(answer))
    if not _is_news(answer, known):
        return _ignored(N_("It says what is known already."))
    return Decision(Outcome.HELD, N_("The sender is not proven, so the address on file is asked."))


def _applied(answer: Answer) -> str:
    if answer.method == "COUNTER":
        return N_("The proposal is noted; the interview keeps its time.")
    if answer.partstat == Partstat.DELEGATED:
        return N_("Nobody can be sent in one's place; the organisers see it.")
    return N_("The answer is noted.")


def overtaken(answer: Answer, known: Known, *, now: datetime) -> Decision | None:
    """Why an answer that was held is of no use any more; None while it is."""
    unread = Inbound(key="")
    return _fresh(unread, answer, known, now) or _of_use(unread, answer, known, now)


def _method(message: Inbound, answer: Answer, known: Known, now: datetime) -> Decision | None:
    if answer.declared and answer.declared != answer.method:
        return _refused(N_("Its two methods differ."))
    if answer.method not in ("REPLY", "COUNTER"):
        return _refused(N_("Only an answer is taken from outside, no invitation or cancellation."))
    return None


def _about(message: Inbound, answer: Answer, known: Known, now: datetime) -> Decision | None:
    if answer.uid != known.uid:
        return UNKNOWN
    if answer.organizer and not _same(answer.organizer, known.organizer):
        return _refused(N_("It names another organizer."))
    if answer.one_of_many:
        return _refused(N_("It is about one of a series, and an interview is none."))
    return None


def _attendee(message: Inbound, answer: Answer, known: Known, now: datetime) -> Decision | None:
    """Also what keeps a forwarded invitation from adding anybody."""
    if len(answer.attendees) != 1:
        return _refused(N_("An answer names exactly one attendee."))
    if not _same(answer.attendees[0], known.attendee):
        return _refused(N_("Somebody answers who was not the one invited under this address."))
    if answer.method == "REPLY" and answer.partstat not in tuple(Partstat):
        return _refused(N_("It says nothing that can be noted."))
    return None


def _sender(message: Inbound, answer: Answer, known: Known, now: datetime) -> Decision | None:
    if len(message.senders) != 1:
        return _refused(N_("It does not come from exactly one sender."))
    if message.verdict is Verdict.FAIL:
        return _refused(N_("The sender's domain disowns it (DMARC)."))
    return None


def _is_proven(message: Inbound, known: Known) -> bool:
    return message.verdict is Verdict.PASS and _same(message.senders[0], known.attendee)


def _fresh(message: Inbound, answer: Answer, known: Known, now: datetime) -> Decision | None:
    """Against the last answer that counted, also when two overtake each other."""
    if answer.sequence > known.sequence:
        return _refused(N_("It answers a version that was never sent."))
    if answer.sequence < known.sequence:
        return _ignored(N_("It answers an earlier version of the interview."))
    if answer.stamp is None:
        return _refused(N_("It does not say when it was made."))
    if known.stamp is not None and made_at(answer.stamp, now) <= known.stamp:
        return _ignored(N_("A later answer is known already."))
    return None


def _of_use(message: Inbound, answer: Answer, known: Known, now: datetime) -> Decision | None:
    if not known.on_side:
        return _ignored(N_("Somebody else has taken this place."))
    if known.state != State.CONFIRMED:
        return _ignored(N_("The interview is cancelled."))
    if now >= known.end:
        return _ignored(N_("The interview is over."))
    if answer.method == "COUNTER" and not _proposes(answer):
        return _refused(N_("It proposes no time that can be read."))
    return None


def _proposes(answer: Answer) -> bool:
    return answer.start is not None and (answer.end is None or answer.start < answer.end)


def made_at(stamp: datetime, now: datetime) -> datetime:
    """When an answer was made; a clock that is ahead must not outlive every later answer."""
    return min(stamp, now)


def _is_news(answer: Answer, known: Known) -> bool:
    """Whether noting it would change what is shown; a proposal always may."""
    return answer.method == "COUNTER" or answer.partstat != known.partstat


def _same(address: str, other: str) -> bool:
    return address.casefold() == other.casefold()


def clean_comment(text: str) -> str:
    """Words from outside: what cannot be shown becomes a space, and they end at the limit."""
    shown = "".join(letter if letter == "\n" or letter.isprintable() else " " for letter in text)
    return shown.strip()[:LONGEST_COMMENT].rstrip()


def repeated(partstat: str) -> str:
    """The PARTSTAT that an update of the same time carries to its reader."""
    return partstat if partstat in ANSWERS else Partstat.NEEDS_ACTION


def require_answer(partstat: str, state: str, start: datetime, *, now: datetime) -> Partstat:
    """What somebody chose on a page, while it can still be of use."""
    if partstat not in ANSWERS:
        raise Invalid("answer", N_("Say that you will come, maybe, or that you cannot."))
    if state != State.CONFIRMED:
        raise Conflict(N_("This interview was cancelled, so there is nothing to answer."))
    if now >= start:
        raise TooLate(N_("This interview has started."))
    return Partstat(partstat)
