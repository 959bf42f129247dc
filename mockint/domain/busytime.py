"""A volunteer's own calendar as busy time: when, and nothing of what or with whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from mockint.domain.errors import Refusal
from mockint.domain.timespan import Span, merge


class CalendarRefused(Refusal):
    """A calendar file that cannot be used as a whole; the sentence is for its owner."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar it is."""

    zone: str
    """IANA name; all-day entries and times without a zone are read in it."""
    addresses: frozenset[str] = frozenset()
    """The owner's e-mail addresses in lower case: what they declined does not block."""
    host: str = ""
    """Who made an entry is what its UID says after the @ (RFC 5545, 3.8.4.7): those made here are
    invitations to interviews, which block by themselves, and only while they are booked."""

    @classmethod
    def of(cls, zone: str, addresses: Iterable[str], host: str = "") -> Self:
        return cls(zone, frozenset(address.strip().lower() for address in addresses), host)


@dataclass(frozen=True, slots=True, order=True)
class Caveat:
    """Something in a calendar that was read by a guess, or left out."""

    sentence: str
    """The untranslated text (marked with `N_`), with a %(about)s place if `about` is given."""
    about: str = ""
    """What in the file it is about, like the name of a zone; never a title."""

    def __str__(self) -> str:
        return self.sentence % {"about": self.about} if self.about else self.sentence


@dataclass(frozen=True, slots=True)
class Busy:
    """When the owner is busy within a window."""

    spans: tuple[Span, ...]
    """In order; they neither overlap nor touch."""
    warnings: tuple[Caveat, ...] = ()

    @classmethod
    def within(cls, window: Span, spans: Iterable[Span], warnings: Iterable[Caveat] = ()) -> Self:
        """What of `spans` lies in `window`, merged."""
        inside = merge(
            Span(max(span.start, window.start), min(span.end, window.end))
            for span in spans
            if span.overlaps(window)
        )
        return cls(tuple(inside), tuple(sorted(set(warnings))))
