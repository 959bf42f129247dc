"""Who looks for a time: what matching asks of them, and all that they have already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mockint.domain.availability import horizon_window
from mockint.domain.booking import State
from mockint.domain.matching import Candidate
from mockint.domain.timespan import Span
from mockint.queries import community as community_query
from mockint.queries import offers, parties, people
from mockint.queries.parties import Meeting
from mockint.queries.people import Wishes


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who looks for a time, and all that they hold and have booked."""

    candidate: Candidate
    meetings: Sequence[Meeting]
    """As candidate, and around the days that can be booked also as interviewer."""

    @property
    def own(self) -> list[Meeting]:
        """As candidate."""
        return [one for one in self.meetings if one.candidate_id == self.candidate.person_id]

    def hold(self, now: datetime) -> Meeting | None:
        """The time they hold, until it runs out."""
        held = (one for one in self.own if one.held_until is not None and one.held_until > now)
        return next((one for one in held if one.state == State.HELD), None)

    def busy(self, now: datetime, *, without: int | None = None) -> tuple[Span, ...]:
        """What is taken of their time, on whichever side."""
        return busy(self.candidate.person_id, self.meetings, now, without)


def busy(
    person_id: int, meetings: Iterable[Meeting], now: datetime, without: int | None
) -> tuple[Span, ...]:
    """What of these takes time of a person; `without` leaves one out."""
    taken = parties.taken_by(person_id, meetings, without=without)
    return tuple(one.span for one in taken if one.live(now))


def find(person_id: int, *, now: datetime, wishes: Wishes | None = None) -> Seeker | None:
    """None while there is no profile, or one without a language; `wishes` saves reading it.

    What `standing.Market.knowing` adds is left empty.
    """
    profile = wishes or people.wishes(person_id)
    if profile is None or not profile.languages:
        return None
    community = community_query.current()
    window = horizon_window(now, offers.terms(community), max(community.lengths_min))
    meetings = parties.around(person_id, person_id, window)
    candidate = Candidate(
        person_id=person_id,
        languages=profile.languages,
        zone=profile.zone,
        employer=profile.current_employer,
        target_companies=profile.target_companies,
        met=parties.met(one for one in meetings if one.candidate_id == person_id),
    )
    return Seeker(candidate, meetings)
