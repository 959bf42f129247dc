"""A round as it stands in the database, as an instance to be solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from mockint.domain import matching
from mockint.domain.community import Community
from mockint.domain.matching import Suggestion, Words
from mockint.domain.round import instance as instances
from mockint.domain.round import supply
from mockint.domain.round.grid import grid
from mockint.domain.round.instance import Instance, Request
from mockint.domain.round.pairs import pairs
from mockint.domain.round.solution import Match
from mockint.domain.round.worth import pair_quality
from mockint.domain.timespan import Span
from mockint.queries import offers
from mockint.queries.round.cards import Card
from mockint.queries.round.ground import Asker, Giver, Ground, ground

PINNED = 10
"""Above every priority: the highest class is served first, so a pin that can be kept is kept."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Both sides of a round, and the instance they make; places in it are places in `ground`."""

    card: Card
    ground: Ground
    instance: Instance
    weights: Mapping[str, int]

    def at(self, minute: int) -> datetime:
        """A minute of the instance as an instant."""
        return self.card.span.start + timedelta(minutes=minute)

    def span(self, first: int, end: int) -> Span:
        """The same of two."""
        return Span(self.at(first), self.at(end))

    def qualities(self, matches: Sequence[Match]) -> list[int]:
        """How well each of these suits."""
        candidate, interviewer = (
            np.array([getattr(one, side) for one in matches], np.int64)
            for side in ("candidate", "interviewer")
        )
        found: list[int] = pair_quality(self.instance, candidate, interviewer).tolist()
        return found

    def why(self, match: Match) -> Words:
        """Why these two, in a sentence for the candidate."""
        wish = self.ground.askers[match.candidate].wish
        who = self.ground.givers[match.interviewer].volunteer.interviewer
        start = self.at(match.start)
        parts = matching.parts(wish.candidate, who, start, wish.request)
        return matching.sentence(
            Suggestion(who, start, wish.request.track, wish.request.level, parts, self.weights)
        )


def stand(card: Card, *, now: datetime, community: Community) -> Stand:
    """Read the round anew: what was booked meanwhile is no longer on offer."""
    found = ground(card, now=now, community=community)
    terms = offers.terms(community)
    starts = [
        grid(one.offer, window=card.span, duration_min=card.duration_min, now=now, terms=terms)
        for one in found.givers
    ]
    capacities = [
        supply.capacity(one.offer, mine, window=card.span, max_total=one.max_total)
        for one, mine in zip(found.givers, starts, strict=True)
    ]
    comfort = [
        supply.comfort(one.offer.hours.zone, mine)
        for one, mine in zip(found.givers, starts, strict=True)
    ]
    weights = community.weights
    interviewers = [one.volunteer.interviewer for one in found.givers]
    suited = pairs([one.wish for one in found.askers], interviewers, comfort, weights)
    made = instances.build(
        duration=card.duration_min,
        days=-(-card.span.duration // timedelta(days=1)),
        capacities=capacities,
        requests=[_request(one, card.span) for one in found.askers],
        pair_ptr=suited.ptr,
        pair_interviewer=suited.interviewer,
        pair_quality=suited.quality,
        candidate_ids=[str(one.person_id) for one in found.askers],
        interviewer_ids=[str(_id_of(one)) for one in found.givers],
    )
    return Stand(card, found, made, weights)


def _id_of(giver: Giver) -> int:
    return giver.volunteer.interviewer.person_id


def _request(asker: Asker, window: Span) -> Request:
    """Who can have no more interviews has no time for one."""
    busy = () if not asker.full else asker.windows
    return Request(
        windows=supply.windows(asker.windows, (*asker.busy, *busy), window=window),
        priority=PINNED if asker.wish.pin is not None else asker.priority,
    )
