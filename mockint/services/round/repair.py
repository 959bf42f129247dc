"""A published round in which places were lost: who could step in, and who would have to move.

It proposes. Somebody without an interview gets a free place by an organiser's click, booked like
any other; nobody's interview is moved here, since that takes their own click.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mockint.db import db, transaction
from mockint.domain import matching
from mockint.domain.errors import N_, Conflict, NotYours, SlotTaken
from mockint.domain.matching import Suggestion
from mockint.domain.round.plan import spans_of
from mockint.domain.round.states import MatchState, State
from mockint.models import RoundMatch, RoundRequest
from mockint.queries import round as round_query
from mockint.services import behalf
from mockint.services import matching as finding
from mockint.services.matching import Wanted
from mockint.services.round import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockint.domain.round.repair import Move
    from mockint.domain.round.solution import Match
    from mockint.services.round.agreed import Agreed

HAS_ONE = N_("They have an interview in these days. Only they and their interviewer can move it.")
NOT_ASKED = N_("They did not mark this time.")


@dataclass(frozen=True, slots=True)
class Place:
    interviewer_id: int
    start: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody gets another place; `old` is None for one who has none."""

    candidate_id: int
    old: Place | None
    new: Place


@dataclass(frozen=True, slots=True)
class Lost:
    """A place of the round that was lost. Its booking stands while the candidate may still act."""

    candidate_id: int
    booking_id: int | None
    place: Place
    stand_ins: tuple[Place, ...]
    """Who of the round is free at that very time, best first."""
    steps: tuple[Step, ...]
    """Their own first, then whom they wait for; () when nothing in the round helps."""


@dataclass(frozen=True, slots=True)
class Proposals:
    lost: tuple[Lost, ...]
    gained: tuple[tuple[Step, ...], ...]
    """Places given back, and who could have them: highest priority first."""


def propose(round_id: int, *, now: datetime) -> Proposals:
    """What would mend a published round as things stand; nothing is held by looking.

    Nobody who accepted, or whose interviewer did, is asked to move, nor anybody after the cut-off.
    """
    from mockint.domain.round.repair import repair  # numpy, only where a round is mended
    from mockint.services.round import agreed  # same

    found = agreed.read(round_id, now=now)
    made = repair(
        found.instance,
        found.matching,
        withdrawn=found.withdrawn,
        declined=found.lost,
        confirmed=found.confirmed,
        barred=found.barred,
    )
    people = _People(found)
    return Proposals(
        lost=tuple(
            Lost(
                people.candidate(one.lost),
                found.lost[one.lost],
                people.place(one.lost),
                tuple(people.place(other) for other in one.stand_ins),
                people.steps(one.moves),
            )
            for one in made.losses
        ),
        gained=tuple(people.steps(one) for one in made.gained),
    )


def resettle(round_id: int, *, now: datetime) -> tuple[Step, ...]:
    """After many withdrew: what solving again would change when most of the round is kept."""
    from mockint.adapters import solver  # numpy and OR-tools, only where a round is solved
    from mockint.domain.round.repair import remaining  # same
    from mockint.domain.round.solution import Objective  # same
    from mockint.services.round import agreed  # same

    found = agreed.read(round_id, now=now)
    kept = {one.candidate: one for one in found.matching if one not in found.lost}
    left = remaining(
        found.instance,
        kept.values(),
        gone=found.withdrawn,
        confirmed=found.confirmed,
        barred=found.closed(),
    )
    after = solver.solve(left, Objective.C).matching
    here = {one: match for one, match in kept.items() if one not in found.withdrawn}
    return _People(found).steps(_moves(here, after))


def _moves(kept: dict[int, Match], after: Iterable[Match]) -> list[Move]:
    """How the one becomes the other, but for moves that need a place somebody would lose."""
    from mockint.domain.round.repair import Move  # numpy, only where a round is mended

    stay = set(kept.values())
    moves = [Move(kept.get(one.candidate), one) for one in after if one not in stay]
    while True:
        left = {(one.old.interviewer, one.old.start) for one in moves if one.old is not None}
        keeps = {(one.interviewer, one.start) for one in stay} - left
        possible = [one for one in moves if (one.new.interviewer, one.new.start) not in keeps]
        if len(possible) == len(moves):
            return moves
        moves = possible


class _People:
    """Positions of an instance as the people they stand for."""

    def __init__(self, found: Agreed) -> None:
        self._begin = found.card.span.start
        self._candidates, self._interviewers = list(found.candidates), list(found.interviewers)

    def candidate(self, one: Match) -> int:
        return self._candidates[one.candidate]

    def place(self, one: Match) -> Place:
        start = self._begin + timedelta(minutes=one.start)
        return Place(self._interviewers[one.interviewer], start)

    def steps(self, moves: Iterable[Move]) -> tuple[Step, ...]:
        return tuple(
            Step(
                self.candidate(one.new),
                None if one.old is None else self.place(one.old),
                self.place(one.new),
            )
            for one in moves
        )


def give(
    round_id: int,
    candidate_id: int,
    interviewer_id: int,
    start: datetime,
    *,
    by: int,
    now: datetime,
) -> int:
    """Book a free place for somebody who asked in the round and has none; returns the booking.

    Given twice it is one booking.
    """
    with transaction():
        found = rows.locked(round_id)
        asked = db.session.get(RoundRequest, (round_id, candidate_id))
        if asked is None or asked.withdrawn_at is not None or found.state != State.PUBLISHED:
            raise NotYours()
        from mockint.services.round.agreed import live  # numpy, only where a round is mended

        card = round_query.find(round_id)
        assert card is not None
        wanted = Wanted(asked.track, asked.level, found.duration_min, start)
        if not any(
            one.start <= wanted.span.start and wanted.span.end <= one.end
            for one in spans_of(asked.windows)
        ):
            raise Conflict(NOT_ASKED)
        same = [one for one in live(card) if one.candidate_id == candidate_id]
        for one in same:
            if (one.interviewer_id, one.start_at) == (interviewer_id, start):
                return int(one.id)
        if same:
            raise Conflict(HAS_ONE)
        chosen = _chosen(candidate_id, wanted, interviewer_id, now=now)
        why = matching.sentence(chosen)
        made = behalf.book_with(
            candidate_id,
            wanted,
            interviewer_id,
            reason=why.text(),
            request_key=f"round:{round_id}",
            by=by,
            now=now,
        )
        kept = db.session.get(RoundMatch, (round_id, candidate_id))
        if kept is None:
            kept = RoundMatch(round_id=round_id, candidate_id=candidate_id)
            db.session.add(kept)
        kept.interviewer_id, kept.start_at, kept.quality = interviewer_id, start, chosen.quality
        kept.why = {"sentence": why.sentence, "params": dict(why.params)}
        kept.state, kept.booking_id, kept.failure = MatchState.BOOKED.value, made.id, None
        db.session.flush()
        rows.noted(found, "give", by=by, now=now)
    return made.id


def _chosen(candidate_id: int, wanted: Wanted, interviewer_id: int, *, now: datetime) -> Suggestion:
    """The place as the ordinary search offers it; refused in words when it does not."""
    for one in finding.ranked(candidate_id, wanted, now=now):
        if one.interviewer.person_id == interviewer_id:
            return one
    raise SlotTaken(N_("This time was just taken."))
