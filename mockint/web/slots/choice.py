"""What a candidate looks for, as the address of the picker says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_login import current_user

from mockint.domain.account import NAME_MAX
from mockint.domain.community import Community
from mockint.domain.matching import Request
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.models import CandidateProfile
from mockint.queries import people
from mockint.queries.people import Wishes
from mockint.web.typed import whole


@dataclass(frozen=True, slots=True)
class Choice:
    """The picker's whole state; everything not said in the address has a default."""

    track: str
    level: str
    length: int
    who: int | None = None
    """One interviewer's id; None: anyone."""
    again: bool = False
    day: date | None = None
    week: date | None = None
    """A day of the first week shown."""
    name: str = ""
    """A part of the name of an interviewer looked for; forgotten once one is chosen."""

    @property
    def track_name(self) -> str:
        return str(_(TRACKS[self.track]))

    @property
    def level_words(self) -> str:
        """mid level"""
        return str(_("%(level)s level", level=_(LEVELS[self.level]).lower()))

    @property
    def request(self) -> Request:
        again = self.again or self.who is not None
        return Request(self.track, self.level, self.length, again)

    def url(self, **changes: Any) -> str:
        """The picker with these changes; another wish forgets the day."""
        if changes.keys() - {"day", "week"}:
            changes = {"day": None, "week": None} | changes
        return url_for("slots.picker", **replace(self, **changes).fields())

    def day_urls(self) -> Callable[..., str]:
        """`url` for days and weeks only: a page has many of them, so the rest is written once."""
        address = self.url(day=None, week=None)

        def url(*, day: date | None, week: date | None) -> str:
            other = {"day": day, "week": week}
            return address + "".join(f"&{name}={one}" for name, one in other.items() if one)

        return url

    def fields(self) -> dict[str, Any]:
        """What goes into an address."""
        return self.hidden() | {
            name: value.isoformat()
            for name, value in (("day", self.day), ("week", self.week))
            if value is not None
        }

    def hidden(self) -> dict[str, Any]:
        """What a form carries along with the time."""
        fields: dict[str, Any] = {"track": self.track, "level": self.level, "length": self.length}
        if self.who is not None:
            fields["who"] = self.who
        if self.again:
            fields["again"] = "y"
        return fields


def wishes() -> Wishes | None:
    """What the reader prepares for; read once a request."""
    if "wishes" not in g:
        g.wishes = people.wishes(current_user.id)
    found: Wishes | None = g.wishes
    return found


def from_address(
    args: Mapping[str, str], profile: CandidateProfile | Wishes | None, community: Community
) -> Choice:
    """Read an address; a word it cannot use counts as not said, since nothing is changed by it."""
    own_track = next((one for one in profile.tracks if one in TRACKS), None) if profile else None
    own_level = profile.target_level if profile else None
    length, who = whole(args.get("length")), whole(args.get("who"))
    return Choice(
        track=_one_of(TRACKS, args.get("track"), own_track),
        level=_one_of(LEVELS, args.get("level"), own_level),
        length=length
        if length is not None and length in community.lengths_min
        else community.default_length_min,
        who=who,
        again=bool(args.get("again")),
        day=date_from(args.get("day")),
        week=date_from(args.get("week")),
        name="" if who is not None else args.get("name", "")[:NAME_MAX],
    )


def _one_of(words: Mapping[str, str], *wishes: str | None) -> str:
    return next((wish for wish in wishes if wish in words), None) or next(iter(words))


def date_from(text: str | None) -> date | None:
    """YYYY-MM-DD, or None."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
