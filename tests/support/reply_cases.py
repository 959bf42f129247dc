"""Messages from outside, and what each one may do.

A case gets a `Scene`, an interview both sides were invited to, and returns the messages to hand
over, one after the other; what counts is what became of the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mockint.db import db, transaction
from mockint.models import Booking, Invitation
from mockint.services import booking as booking_service
from mockint.services import invitation
from tests import people
from tests.support import replies
from tests.support.letters import NOW
from tests.support.replies import FAILS, Said, apple, exchange, fastmail, gmail, passes

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MAIL_OF_ROBIN = people.ROBIN.email


@dataclass
class Scene:
    """An interview ahead, as the candidate's calendar knows it."""

    booking: Booking
    now: datetime = NOW

    def told(self, side: str = "candidate") -> Invitation:
        found = invitation.find(self.booking, side)
        assert found is not None
        db.session.refresh(found)
        return found

    def said(self, side: str = "candidate") -> Said:
        """An honest answer of this side: yes, made a minute ago."""
        told = self.told(side)
        return Said(
            uid=self.booking.uid,
            organizer=told.organizer,
            attendee=told.attendee,
            start=self.booking.start_at,
            end=self.booking.end_at,
            stamp=self.now - MINUTE,
        )

    def moved(self) -> None:
        self._change(start_at=self.booking.start_at, sequence=self.booking.sequence + 1)

    def cancelled(self) -> None:
        booking_service.cancel(
            self.booking.id,
            by=self.booking.candidate_id,
            side="candidate",
            reason="ill",
            now=self.now,
        )

    def _change(self, **values: object) -> None:
        with transaction():
            for name, value in values.items():
                setattr(self.booking, name, value)


@dataclass(frozen=True)
class Case:
    """What is handed over, and what must have become of it."""

    make: Callable[[Scene], list[bytes]]
    outcome: str
    partstat: str = "NEEDS-ACTION"
    """What is known of the candidate afterwards."""
    known: bool = True
    """Whether the result may name the interview."""


def one(make: Callable[[Scene], bytes], outcome: str, partstat: str = "NEEDS-ACTION") -> Case:
    return Case(lambda scene: [make(scene)], outcome, partstat)


def strange(make: Callable[[Scene], bytes]) -> Case:
    """A message that concerns no interview of ours, as far as we may say."""
    return Case(lambda scene: [make(scene)], "refused", known=False)


def _forwarded(scene: Scene) -> bytes:
    """Robin got the invitation from Sanjana and answers it under his own address."""
    return gmail(scene.said().but(attendee=MAIL_OF_ROBIN))


def _other_side(scene: Scene) -> bytes:
    """Jonas declines for Sanjana, by the address that her invitation had."""
    return fastmail(scene.said().but(sender=people.JONAS.email, partstat="DECLINED"))


def _wrong_token(scene: Scene) -> bytes:
    """Jonas answers as himself, to the address of her invitation."""
    said = scene.said("interviewer")
    return fastmail(said.but(organizer=scene.told("candidate").organizer, partstat="DECLINED"))


def _method(declared: str, method: str) -> Callable[[Scene], bytes]:
    def make(scene: Scene) -> bytes:
        text = fastmail(scene.said().but(method=method)).decode()
        kind = f"method={method.lower()}"
        return text.replace(kind, f"method={declared}", 1).encode()

    return make


def _without(line: str) -> Callable[[Scene], bytes]:
    """The answer without the property of this name."""

    def make(scene: Scene) -> bytes:
        lines = fastmail(scene.said()).split(b"\r\n")
        kept = [text for text in lines if not text.startswith(line.encode())]
        assert len(kept) < len(lines)
        return b"\r\n".join(kept)

    return make


def _nested(scene: Scene) -> bytes:
    """A person forwards the answer of somebody as a message inside a message."""
    inside = gmail(scene.said()).decode()
    enclosed = replies.part(["Content-Type: message/rfc822"], inside)
    top = replies.head(scene.said(), words="Fwd: Accepted")
    return (top + replies.multipart("mixed", "fw1", replies.PLAIN, enclosed)).encode()


def _cut_short(scene: Scene) -> bytes:
    raw = fastmail(scene.said())
    return raw[: raw.index(b"END:VEVENT")]


def _twice_inside(scene: Scene) -> bytes:
    """A second VEVENT that says something else."""
    said = scene.said()
    other = replies.ics(said.but(partstat="DECLINED"))
    event = other[other.index("BEGIN:VEVENT") : other.index("END:VCALENDAR")]
    return fastmail(said).replace(b"END:VCALENDAR", event.encode() + b"END:VCALENDAR")


def _overtaken(scene: Scene) -> list[bytes]:
    """Yes at nine, no at ten; no comes in first."""
    said = scene.said()
    early, late = said.but(stamp=said.stamp - HOUR), said.but(partstat="DECLINED")
    return [gmail(late), gmail(early)]


def _changed_mind(scene: Scene) -> list[bytes]:
    said = scene.said()
    return [gmail(said.but(stamp=said.stamp - HOUR, partstat="DECLINED")), gmail(said)]


def _twice(scene: Scene) -> list[bytes]:
    raw = gmail(scene.said())
    return [raw, raw]


def _twice_by_other_ways(scene: Scene) -> list[bytes]:
    """A list or a second server handed it on again: other lines on top, the same message."""
    raw = gmail(scene.said())
    return [raw, b"Received: from elsewhere.example; Mon, 23 Nov 2026 09:36:00 +0000\r\n" + raw]


def _stale(scene: Scene) -> list[bytes]:
    said = scene.said()
    scene.moved()
    return [gmail(said)]


def _after_cancelling(scene: Scene) -> list[bytes]:
    said = scene.said().but(sequence=1)
    scene.cancelled()
    return [gmail(said)]


def _afterwards(scene: Scene) -> list[bytes]:
    raw = gmail(scene.said())
    scene.now = scene.booking.end_at
    return [raw]


def _clock_ahead(scene: Scene) -> list[bytes]:
    """A computer that lives in 2030 said yes; its owner says no a minute later."""
    said = scene.said()
    return [
        fastmail(said.but(stamp=said.stamp.replace(year=2030))),
        fastmail(said.but(stamp=said.stamp.replace(year=2030) + MINUTE, partstat="DECLINED")),
    ]


def _other_date(scene: Scene) -> bytes:
    other = replies.utc(scene.booking.start_at + 7 * 24 * HOUR)
    return exchange(scene.said().but(more=(f"RECURRENCE-ID:{other}",)))


def _counter(scene: Scene) -> bytes:
    said = scene.said()
    proposed = said.but(method="COUNTER", partstat="TENTATIVE", start=said.start + HOUR)
    return exchange(proposed.but(end=said.end + HOUR))


SPOOFED: dict[str, Case] = {
    "disowned by its domain": one(lambda s: gmail(s.said().but(trace=FAILS)), "refused"),
    "a verdict of another server": one(
        lambda s: gmail(s.said().but(trace=passes(by="mx.evil.example"))), "held"
    ),
    "our verdict under a forged one of another": one(
        lambda s: gmail(s.said().but(trace=f"{passes(by='mx.evil.example')}\r\n{FAILS}")), "refused"
    ),
    "a forged verdict of ours below the real one": one(
        lambda s: gmail(s.said().but(trace=f"{FAILS}\r\n{passes()}")), "refused"
    ),
    "no verdict": one(lambda s: gmail(s.said().but(trace="")), "held"),
    "a verdict of the wrong domain": one(
        lambda s: gmail(s.said().but(trace=passes("evil.example"))), "held"
    ),
    "dmarc=none": one(
        lambda s: gmail(s.said().but(trace=passes().replace("dmarc=pass", "dmarc=none"))), "held"
    ),
    "from an alias": one(
        lambda s: gmail(s.said().but(sender="sanju@alias.example", trace=passes("alias.example"))),
        "held",
    ),
    "from the other side": one(_other_side, "held"),
    "two senders": one(
        lambda s: gmail(s.said().but(sender=f"{people.SANJANA.email}, {MAIL_OF_ROBIN}")), "refused"
    ),
    "two From headers": one(
        lambda s: gmail(s.said()).replace(b"\r\nTo:", b"\r\nFrom: x@evil.example\r\nTo:", 1),
        "refused",
    ),
    "no From": one(lambda s: gmail(s.said()).replace(b"\r\nFrom:", b"\r\nX-From:", 1), "refused"),
    "a line break hidden in From": one(
        lambda s: gmail(
            s.said().but(sender="=?utf-8?q?S=0D=0ABcc=3A_x=40y.example?= <sanjana@people.example>")
        ),
        "refused",
    ),
    "a name that looks like an address": one(
        lambda s: gmail(s.said().but(sender="sanjana@people.example <x@people.example>")), "held"
    ),
}

PEOPLE: dict[str, Case] = {
    "a forwarded invitation": one(_forwarded, "refused"),
    "the other side by the wrong address": one(_wrong_token, "refused"),
    "two attendees": one(
        lambda s: gmail(
            s.said().but(more=(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{people.JONAS.email}",))
        ),
        "refused",
    ),
    "no attendee": one(_without("ATTENDEE"), "refused"),
    "urn:uuid with EMAIL": one(
        lambda s: apple(
            s.said(),
            attendee=f"ATTENDEE;CN=Sanjana;EMAIL={people.SANJANA.email};PARTSTAT=ACCEPTED"
            ":urn:uuid:9d2c6f0e-4a1f-4e47-8d3b-0f5a1b2c3d4e",
        ),
        "applied",
        "ACCEPTED",
    ),
    "urn:uuid without EMAIL": one(
        lambda s: apple(s.said(), attendee="ATTENDEE;PARTSTAT=ACCEPTED:urn:uuid:9d2c6f0e"),
        "refused",
    ),
    "the address in capitals": one(
        lambda s: exchange(s.said().but(attendee=people.SANJANA.email.upper())),
        "applied",
        "ACCEPTED",
    ),
    "no organizer": one(_without("ORGANIZER"), "applied", "ACCEPTED"),
    "another organizer": one(
        lambda s: exchange(s.said(), organizer="ORGANIZER:MAILTO:boss@evil.example"), "refused"
    ),
    "an unknown address of ours": strange(
        lambda s: gmail(s.said().but(to="mockint+aaaaaaaaaaaaaaaa@mock.harbour.example"))
    ),
    "no address of ours": strange(lambda s: gmail(s.said().but(to="mockint@mock.harbour.example"))),
    "another UID": strange(lambda s: gmail(s.said().but(uid="somebody-elses@mock.example"))),
}

TIME: dict[str, Case] = {
    "the same message twice": Case(_twice, "ignored", "ACCEPTED"),
    "the same message by two ways": Case(_twice_by_other_ways, "ignored", "ACCEPTED"),
    "an answer to an earlier version": Case(_stale, "ignored"),
    "an answer to a version never sent": one(lambda s: gmail(s.said().but(sequence=7)), "refused"),
    "an earlier answer that comes later": Case(_overtaken, "ignored", "DECLINED"),
    "a later answer": Case(_changed_mind, "applied", "ACCEPTED"),
    "a computer whose clock is ahead": Case(_clock_ahead, "applied", "DECLINED"),
    "after the cancellation": Case(_after_cancelling, "ignored"),
    "after the end": Case(_afterwards, "ignored"),
    "without DTSTAMP": one(_without("DTSTAMP"), "refused"),
    "RECURRENCE-ID of the one date": one(
        lambda s: exchange(
            s.said().but(more=(f"RECURRENCE-ID:{replies.utc(s.booking.start_at)}",))
        ),
        "applied",
        "ACCEPTED",
    ),
    "RECURRENCE-ID of another date": one(_other_date, "refused"),
}

SHAPE: dict[str, Case] = {
    **{
        f"{name} says {partstat}": one(
            lambda s, style=style, partstat=partstat: style(s.said().but(partstat=partstat)),  # type: ignore[misc]  # bound early
            "applied",
            partstat,
        )
        for name, style in replies.STYLES.items()
        for partstat in ("ACCEPTED", "TENTATIVE", "DECLINED")
    },
    "Nextcloud from its own address": one(lambda s: replies.nextcloud(s.said()), "held"),
    "taken back": one(lambda s: gmail(s.said().but(partstat="NEEDS-ACTION")), "applied"),
    "delegated": one(lambda s: gmail(s.said().but(partstat="DELEGATED")), "applied", "DELEGATED"),
    "an answer nobody knows": one(lambda s: gmail(s.said().but(partstat="X-PERHAPS")), "refused"),
    "another time proposed": one(_counter, "applied"),
    "a request from outside": one(_method("request", "REQUEST"), "refused"),
    "a cancellation from outside": one(_method("cancel", "CANCEL"), "refused"),
    "two methods": one(_method("request", "REPLY"), "refused"),
    "no method in the object": one(_without("METHOD"), "refused"),
    "two interviews in one object": one(_twice_inside, "refused"),
    "cut short": one(_cut_short, "refused"),
    "no calendar in the calendar part": one(
        lambda s: (
            replies.head(s.said(), "Content-Type: text/calendar") + "\r\nhello\r\n"
        ).encode(),
        "refused",
    ),
    "a message inside a message": one(_nested, "ignored"),
    "words": one(lambda s: replies.words_only(s.said()), "ignored"),
    "an automatic reply": one(lambda s: replies.vacation(s.said()), "ignored"),
}

CASES = {**SPOOFED, **PEOPLE, **TIME, **SHAPE}
