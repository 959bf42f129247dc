"""Own calendars: when one is read again, what is asked of it, and what follows when it fails."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlsplit

from mockint.domain.busytime import Owner
from mockint.domain.errors import N_, Invalid
from mockint.domain.timespan import Span, cells_around, join

MOST = 5
"""Calendars of one interviewer."""
MOST_OCTETS = 10 * 2**20
"""Of an uploaded file, as of one that is fetched."""
NAME_MAX, URL_MAX = 60, 2000
EVERY = timedelta(minutes=15)
JITTER = 0.2
"""A look comes up to a tenth earlier or later, so that those added together come apart."""
TELL_OWNER_AFTER = timedelta(hours=1)
"""A server that hiccups once is no news; the mail is dropped if it is read again by then."""
TELL_ORGANISER_AFTER = timedelta(hours=48)
CLOSE_AFTER = timedelta(hours=72)
"""What nobody could read for so long says nothing about today: no new bookings."""
FILE_REACH = timedelta(days=366)
"""A file is not kept, so it is read once for all that may ever be asked."""
BEYOND = timedelta(days=2)
"""The window reaches so far beyond the horizon that it need move only once a day."""
SCHEMES = frozenset({"http", "https", "webcal", "webcals"})


class Health(StrEnum):
    """How an own calendar does."""

    WAITING = "waiting"
    READ = "read"
    FAILING = "failing"
    CLOSED = "closed"


def health(*, read: bool, failing: bool, closed: bool) -> Health:
    """`closed` keeps new bookings out; a calendar that was not tried yet waits."""
    if closed:
        return Health.CLOSED
    if failing:
        return Health.FAILING
    return Health.READ if read else Health.WAITING


def next_look(now: datetime, share: float) -> datetime:
    """When it is read again; `share` is random, from 0 to 1."""
    return now + EVERY * (1 + JITTER * (share - 0.5))


def must_close(failing_since: datetime, now: datetime) -> bool:
    """Whether it has failed for so long that it counts as busy throughout."""
    return now - failing_since >= CLOSE_AFTER


def window(now: datetime, horizon_days: int) -> Span:
    """All that can be booked today, in whole days of UTC, so that it is the same all day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(today, today + timedelta(days=horizon_days) + BEYOND)


def read_as(owner: Owner, asked: Span) -> str:
    """By what to know that equal octets would be read as before: whose, where, for when."""
    words = (
        owner.zone,
        owner.host,
        *sorted(owner.addresses),
        asked.start.isoformat(),
        asked.end.isoformat(),
    )
    return sha256("\n".join(words).encode()).hexdigest()


def digest(body: bytes) -> str:
    """By what to know the same octets again."""
    return sha256(body).hexdigest()


def blocked(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """The cells that busy time uses any part of, as (first, end) in order, merged."""
    cells = (cells_around(span) for span in spans)
    return join((each.start, each.stop) for each in cells)


def host_of(url: str) -> str:
    """The part of a secret address that may be shown."""
    return urlsplit(url).hostname or ""


def clean_url(field: str, text: str, *, ours: str) -> str:
    """The address of a calendar, with webcal: read as https:; refused when it cannot be one.

    `ours` is this installation's own address.
    """
    text = text.strip()
    sentence = N_("Write the whole address of your calendar, starting with https:// or webcal://.")
    if not text or len(text) > URL_MAX or not text.isprintable() or " " in text:
        raise Invalid(field, sentence)
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise Invalid(field, sentence) from None
    if parts.scheme not in SCHEMES or not host:
        raise Invalid(field, sentence)
    if parts.scheme.startswith("webcal"):
        text = "https" + text[len(parts.scheme) :]
    if text.partition("://")[2].startswith(f"{ours.partition('://')[2]}/feeds/"):
        raise Invalid(
            field,
            N_("This is the feed of your interviews here, which block their time anyway."),
        )
    return text
