"""Calendar feeds as programs poll them: mostly unchanged, and then answered by one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mockint.adapters import ical, mailer
from mockint.domain import feed as rules
from mockint.domain.errors import NotYours
from mockint.models import Booking
from mockint.queries import community
from mockint.queries import feed as query
from mockint.queries.feed import Feed, Line
from mockint.services import invitation
from mockint.services.links import token_hash
from mockint.services.recent import Recent

MOST_ENTRIES, MOST_VERSIONS = 4096, 4096
"""What a process keeps: entries of a kilobyte each, and what it needs to say "unchanged"."""


@dataclass(frozen=True, slots=True)
class Version:
    """How a reader's copy is told from the present one."""

    etag: str
    modified: datetime
    until: datetime | None
    """When something vanishes by itself; None: nothing does."""


@dataclass(frozen=True, slots=True)
class Written:
    """A feed as it is sent."""

    octets: bytes
    version: Version


_entries: Recent[tuple[str, ...], bytes] = Recent(MOST_ENTRIES)
_versions: Recent[tuple[str, int], Version] = Recent(MOST_VERSIONS)


def find(token: str) -> Feed:
    """The feed with this token; NotYours for one that never was or was taken back."""
    found = query.find(token_hash(token))
    if found is None:
        raise NotYours()
    return found


def kept(feed: Feed, *, now: datetime) -> Version | None:
    """The version of this feed, if this process wrote it and nothing changed since."""
    found = _versions.get((feed.token_hash, feed.changed))
    if found is not None and found.until is not None and found.until <= now:
        return None
    return found


def write(feed: Feed, *, now: datetime) -> Written:
    """All its interviews, and by what to know this version again."""
    since = rules.cancelled_since(now)
    lines = query.lines(feed.person_id, since=since)
    name = mailer.render_text(
        "calendar/name.txt", {"community": community.current().name}, feed.locale
    )
    octets = ical.feed(name, _texts(lines, feed.locale), every=rules.ASK_AGAIN)
    version = Version(
        rules.etag(octets),
        rules.last_modified(feed.changed, query.last_left(feed.person_id, since=since)),
        rules.next_leaving(line.cancelled_at for line in lines),
    )
    _versions.put((feed.token_hash, feed.changed), version)
    return Written(octets, version)


def _texts(lines: list[Line], locale: str) -> list[bytes]:
    """The entry of each line, in order; written only if this process has not kept it."""
    keys = [_key(one.uid, one.revision, one.side, one.other, locale) for one in lines]
    found = _entries.get_all(keys)
    missing = [one for one, text in zip(lines, found, strict=True) if text is None]
    fresh = {}
    if missing:
        sides = {one.booking_id: one.side for one in missing}
        fresh = {one.id: _text(one, sides[one.id]) for one in query.bookings(sides)}
    both = zip(lines, found, strict=True)
    return [
        text or fresh[line.booking_id] for line, text in both if text or line.booking_id in fresh
    ]


def _text(booking: Booking, side: str) -> bytes:
    person, other = invitation.recipient_of(booking, side), invitation.other_of(booking, side)
    text = ical.entry(invitation.for_keeping(booking, side))
    key = _key(booking.uid, booking.revision, side, other.name, person.locale)
    _entries.put(key, text)
    return text


def _key(uid: str, revision: int, side: str, other: str, locale: str) -> tuple[str, ...]:
    """All that an entry is written from, but for what no process outlives."""
    return uid, str(revision), side, other, locale
