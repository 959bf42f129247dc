"""What solving a round gave: its figures, its matches, and who got none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from mockint.db import db
from mockint.domain.round.states import MatchState, PairKind
from mockint.models import (
    MatchingRound,
    Person,
    RoundMatch,
    RoundPair,
    RoundRequest,
    RoundResult,
)
from mockint.queries.round.cards import Card, find

_CANDIDATE = Person.__table__.alias("candidate")
_INTERVIEWER = Person.__table__.alias("interviewer")
_REQUEST = RoundRequest.__table__.c
_MATCH = RoundMatch.__table__.c
_PAIR = RoundPair.__table__.c
_RESULT = RoundResult.__table__.c
_ROUND = MatchingRound.__table__.c


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One priority: how many asked and how many were matched."""

    priority: int
    asked: int
    served: int


@dataclass(frozen=True, slots=True)
class PriceOfPriority:
    """What serving by priority costs: quality without it (A) and with it (B)."""

    quality_a: int
    quality_b: int

    @property
    def share(self) -> float:
        """Of the quality without it, what is lost."""
        return (self.quality_a - self.quality_b) / self.quality_a if self.quality_a else 0.0


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What one price of load leads to."""

    price: int
    matched: int
    idle: int
    """Interviewers without an interview."""
    interviewers: int
    quality: int
    gini: float
    """Of interviews over interviewers: 0 is even."""

    @property
    def mean_quality(self) -> float:
        return self.quality / self.matched if self.matched else 0.0


@dataclass(frozen=True, slots=True)
class ParityLine:
    """One group of candidates: how many were matched, and how many could be if it were alone."""

    by: str
    """track, level, zone or language."""
    value: str
    asked: int
    matched: int
    best: int


@dataclass(frozen=True, slots=True)
class HourLine:
    """How many more candidates one more hour of an interviewer would serve."""

    interviewer_id: int
    name: str
    served: int


@dataclass(frozen=True, slots=True)
class PairLine:
    """What an organiser decided about two people."""

    candidate_id: int
    candidate: str
    interviewer_id: int
    interviewer: str
    kind: PairKind
    kept: bool
    """Whether the result does as decided."""


@dataclass(frozen=True, slots=True)
class Review:
    """All that an organiser looks at before a result is published."""

    card: Card
    status: str
    asked: int
    matched: int
    quality: int
    value: int
    """In the weights of the proof."""
    bound: int
    gap: float
    digest: str
    solved_at: datetime
    seconds: float
    stale: bool
    load_price: int
    classes: list[ClassLine]
    price: PriceOfPriority | None
    """None until it is compared; then `curve` and `parity` are empty too."""
    curve: list[CurvePoint]
    parity: list[ParityLine]
    hours: list[HourLine]
    pairs: list[PairLine]
    unmatched: int
    failures: int

    @property
    def mean_quality(self) -> float:
        return self.quality / self.matched if self.matched else 0.0


_NAMES = ("input_no", "load_price", "solved_at", "seconds", "digest", "figures")
_SOLVED = (
    select(*(_RESULT[name] for name in _NAMES), _ROUND.input_no.label("present"))
    .join(MatchingRound.__table__, _ROUND.id == _RESULT.round_id)
    .where(_RESULT.round_id == bindparam("round_id"))
)
_FAILED = (
    select(func.count())
    .select_from(RoundMatch)
    .where(_MATCH.round_id == bindparam("round_id"), _MATCH.state == MatchState.FAILED.value)
)
_PAIRS = (
    select(
        _PAIR.candidate_id,
        _CANDIDATE.c.name,
        _PAIR.interviewer_id,
        _INTERVIEWER.c.name,
        _PAIR.kind,
        _MATCH.interviewer_id,
    )
    .join(_CANDIDATE, _CANDIDATE.c.id == _PAIR.candidate_id)
    .join(_INTERVIEWER, _INTERVIEWER.c.id == _PAIR.interviewer_id)
    .outerjoin(
        RoundMatch.__table__,
        and_(_MATCH.round_id == _PAIR.round_id, _MATCH.candidate_id == _PAIR.candidate_id),
    )
    .where(_PAIR.round_id == bindparam("round_id"))
    .order_by(_CANDIDATE.c.name, _INTERVIEWER.c.name, _PAIR.candidate_id, _PAIR.interviewer_id)
)
_NAMED = select(Person.id, Person.name).where(Person.id.in_(bindparam("ids", expanding=True)))


def review(round_id: int) -> Review | None:
    """None before the first result."""
    card = find(round_id)
    row = db.session.execute(_SOLVED, {"round_id": round_id}).one_or_none()
    if card is None or row is None:
        return None
    said: dict[str, Any] = row.figures
    hours = said["hours"]
    ids = {"ids": [person_id for person_id, _ in hours]}
    names = {one.id: one.name for one in db.session.execute(_NAMED, ids)} if hours else {}
    return Review(
        card=card,
        status=said["status"],
        asked=said["asked"],
        matched=said["matched"],
        quality=said["quality"],
        value=said["value"],
        bound=said["bound"],
        gap=said["gap"],
        digest=row.digest,
        solved_at=row.solved_at,
        seconds=row.seconds,
        stale=row.input_no != row.present,
        load_price=row.load_price,
        classes=[ClassLine(*one) for one in said["classes"]],
        price=PriceOfPriority(*said["price"]) if "price" in said else None,
        curve=[CurvePoint(*one) for one in said.get("curve", ())],
        parity=[ParityLine(*one) for one in said.get("parity", ())],
        hours=[HourLine(one, names[one], served) for one, served in hours if one in names],
        pairs=_pair_lines(round_id),
        unmatched=said["asked"] - said["matched"],
        failures=db.session.scalar(_FAILED, {"round_id": round_id}) or 0,
    )


def _pair_lines(round_id: int) -> list[PairLine]:
    return [
        PairLine(
            one,
            candidate,
            other,
            interviewer,
            PairKind(kind),
            (given == other) == (kind == PairKind.PIN),
        )
        for one, candidate, other, interviewer, kind, given in db.session.execute(
            _PAIRS, {"round_id": round_id}
        )
    ]


def _kept(round_id: int, column: ColumnElement[bytes]) -> bytes | None:
    return db.session.scalar(select(column).where(_RESULT.round_id == round_id))


def instance_file(round_id: int) -> bytes | None:
    """What was solved, as a gzipped neutral file."""
    return _kept(round_id, _RESULT.instance)


def result_file(round_id: int) -> bytes | None:
    """What came out, gzipped, as `mockint rounds solve --json` writes it."""
    return _kept(round_id, _RESULT.result)
