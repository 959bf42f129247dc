"""How the pages of rounds name states, deadlines and reasons."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import gettext as _

from mockint.domain import zones
from mockint.domain.errors import N_
from mockint.domain.matching import Words
from mockint.domain.round.states import STATE_WORDS, MatchState, State
from mockint.domain.rubric import LEVELS, TRACKS
from mockint.domain.timespan import Span
from mockint.queries.round import Card
from mockint.web import presenters
from mockint.web.desk.words import of_candidate
from mockint.web.rounds import painting

Shown = tuple[str | None, str, str | None]
"""Shape (None: no shape), words and tone, as `ui.state` takes them."""

SHAPES: dict[State, tuple[str, str | None]] = {
    State.DRAFT: ("held", "quiet"),
    State.OPEN: ("running", None),
    State.CLOSED: ("confirmed", None),
    State.SOLVED: ("confirmed", None),
    State.REVIEWED: ("confirmed", None),
    State.PUBLISHED: ("done", None),
    State.ARCHIVED: ("cancelled", "quiet"),
}
MATCH_STATES: dict[MatchState, Shown] = {
    MatchState.PROPOSED: ("held", N_("Proposed"), "quiet"),
    MatchState.BOOKED: ("confirmed", N_("Booked"), None),
    MatchState.FAILED: ("alert", N_("Not booked"), "bad"),
}
NAMES = frozenset({*TRACKS.values(), *LEVELS.values(), *(name.lower() for name in LEVELS.values())})
"""Values of params that are words of ours."""


def said(words: Words | None) -> str:
    """A sentence of the rules in the reader's language."""
    if words is None:
        return ""
    text = _(words.sentence)
    if not words.params:
        return text
    return text % {
        name: _(value) if isinstance(value, str) and value in NAMES else value
        for name, value in words.params.items()
    }


def failure(words: Words | None) -> Words | None:
    """Why a match was not booked, which was said to its candidate, as an organiser reads it."""
    return None if words is None else Words(of_candidate(words.sentence), words.params)


def round_state(card: Card) -> Shown:
    """How far a round is."""
    if card.job is not None:
        return "running", {"solving": _("Solving"), "publishing": _("Publishing")}[card.job], None
    shape, tone = SHAPES[card.state]
    return shape, _(STATE_WORDS[card.state]), tone


def match_state(state: MatchState) -> Shown:
    """What became of a match."""
    shape, word, tone = MATCH_STATES[state]
    return shape, _(word), tone


def ends(card: Card, zone: str) -> tuple[date, date]:
    """The first and the last day, as a zone dates them."""
    if zone == card.zone:
        return card.first_on, card.last_on
    shown = painting.dates(zone, card.span)
    return shown[0], shown[-1]


def days(card: Card, zone: str | None = None) -> str:
    """Mon 7 Dec to Sun 20 Dec, as the round's own zone dates it, or as another does."""
    first, last = ends(card, zone or card.zone)
    if first == last:
        return presenters.day(first)
    return _("%(first)s to %(last)s", first=presenters.day(first), last=presenters.day(last))


def asks(card: Card, now: datetime) -> bool:
    """Whether it can still be answered."""
    return card.state == State.OPEN and now < card.closes_at


def when(at: datetime) -> str:
    """Fri 4 Dec, 18:00, Kathmandu, UTC+05:45."""
    zone = presenters.reader_zone()
    return f"{presenters.moment(at)}, {zones.label(zone, at)}"


def window(span: Span) -> str:
    """Mon 7 Dec, 18:00 to 20:00."""
    return f"{presenters.day(span.start)}, {presenters.span(span.start, span.end)}"


def track(key: str) -> str:
    """A track's name."""
    return _(TRACKS[key])


def level(key: str) -> str:
    """mid level"""
    return _("%(level)s level", level=_(LEVELS[key]).lower())
