"""A whole calendar file as busy time; the work that the killable process does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from mockint.adapters.expansion import events, reach, rules
from mockint.adapters.expansion.moments import UNKNOWN_ZONE, Zoning
from mockint.adapters.expansion.scan import Block, scan
from mockint.domain import zones
from mockint.domain.busytime import Busy, Caveat, Owner
from mockint.domain.timespan import Span


def read(data: bytes, owner: Owner, window: Span) -> Busy:
    """When `owner` is busy within `window`; CalendarRefused for a file that cannot be used."""
    calendars = scan(data)
    for calendar in calendars:
        rules.refuse_bombs(calendar, window.start)
    caveats: set[Caveat] = set()
    spans: list[Span] = []
    for calendar in calendars:
        spans += _read(calendar, owner, window, caveats)
    return Busy.within(window, spans, caveats)


def _read(calendar: Block, owner: Owner, window: Span, caveats: set[Caveat]) -> Iterator[Span]:
    _learn_zones(calendar)
    zoning = Zoning(owner.zone, _zone_of(calendar, caveats), window, caveats.add)
    for blocks in _by_uid(calendar):
        if reach.touching(blocks, window) and not _made_here(blocks[0], owner):
            yield from _kept(events.busy(blocks, zoning, owner.addresses), caveats)
    for block in calendar.walk("VFREEBUSY"):
        for line in block.lines.get("FREEBUSY", []):
            alone = Block("VFREEBUSY", {"FREEBUSY": [line]})
            yield from _kept(events.freebusy(alone, zoning), caveats)


def _kept(spans: Iterator[Span], caveats: set[Caveat]) -> list[Span]:
    """The spans of some entries, or a caveat in their place: nothing they hold stops the others."""
    try:
        return list(spans)
    except MemoryError:
        raise
    except Exception:
        caveats.add(Caveat(events.LEFT_OUT))
        return []


def _by_uid(calendar: Block) -> Iterator[list[Block]]:
    """Entries that belong together; one without a UID stands alone."""
    found: dict[str, list[Block]] = {}
    for number, block in enumerate(calendar.walk("VEVENT")):
        found.setdefault(block.first("UID") or f"\n{number}", []).append(block)
    yield from found.values()


def _made_here(block: Block, owner: Owner) -> bool:
    host = block.first("UID").rpartition("@")[2]
    return bool(owner.host) and host.casefold() == owner.host.casefold()


def _learn_zones(calendar: Block) -> None:
    """Let icalendar know the zones this calendar defines; the real ones it knows better.

    It keeps them for the life of the process, so those of another calendar are forgotten first.
    """
    tzp.use_default()
    for zone in calendar.walk("VTIMEZONE"):
        with suppress(ValueError, KeyError, TypeError, AttributeError):  # it stays unknown
            events.parsed([zone])


def _zone_of(calendar: Block, caveats: set[Caveat]) -> str:
    """X-WR-TIMEZONE as an IANA name, or "" without one that is known."""
    given = calendar.first("X-WR-TIMEZONE")
    name = WINDOWS_TO_OLSON.get(given, given)
    if not name:
        return ""
    known = name if name.startswith("Etc/") else zones.canonical(name)
    if known is None:
        caveats.add(Caveat(UNKNOWN_ZONE, given))
    return known or ""
