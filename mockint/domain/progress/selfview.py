"""How candidates see their own interview, said before they read what the interviewer saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mockint.domain import interview
from mockint.domain.errors import N_, Conflict, Invalid, TooEarly, TooLate
from mockint.domain.feedback import VISIBLE
from mockint.domain.interview import Verdict
from mockint.domain.rubric import POINTS


def require_open(
    *, state: str, end: datetime, verdict: Verdict, feedback: str, now: datetime
) -> None:
    """Refuse it before the end, where nothing took place, and from the release on.

    `feedback` is its state, empty while nothing is written.
    """
    if state != "confirmed" or verdict in interview.ABSENCES:
        raise Conflict(N_("This interview did not take place, so there is nothing to score."))
    if now < end:
        raise TooEarly(N_("You can score yourself when the interview is over."))
    if feedback in VISIBLE or feedback == "withdrawn":
        raise TooLate(N_("Your feedback is released, so what you said of yourself stays as it is."))


def require_scores(scores: Mapping[str, int], known: Sequence[str]) -> None:
    """At least one dimension of the rubric, each on one of the four points."""
    if not scores:
        raise Invalid("scores", N_("Score at least one dimension, or leave this page."))
    if set(scores) - set(known) or set(scores.values()) - set(POINTS):
        raise Invalid("scores", N_("Choose one of the answers."))


@dataclass(frozen=True, slots=True)
class Pair:
    """One dimension as the candidate and as the interviewer scored it; None: neither said."""

    dimension: str
    own: int | None
    given: int | None

    @property
    def gap(self) -> int | None:
        """Above zero: the candidate was more generous. None where one of the two is missing."""
        return None if self.own is None or self.given is None else self.own - self.given


def pairs(
    own: Mapping[str, int], given: Mapping[str, int | None], dimensions: Sequence[str]
) -> tuple[Pair, ...]:
    """Both views of one interview, in the rubric's order."""
    return tuple(Pair(key, own.get(key), given.get(key)) for key in dimensions)


@dataclass(frozen=True, slots=True)
class Lean:
    """How one's own scores lie to those given, counted over dimensions."""

    above: int
    same: int
    below: int

    @property
    def count(self) -> int:
        """How many were scored by both."""
        return self.above + self.same + self.below


def lean(found: Iterable[Pair]) -> Lean:
    """Count the gaps by their sign."""
    gaps = [pair.gap for pair in found if pair.gap is not None]
    return Lean(
        above=sum(gap > 0 for gap in gaps),
        same=sum(gap == 0 for gap in gaps),
        below=sum(gap < 0 for gap in gaps),
    )


def mean_gap(found: Iterable[Pair]) -> float | None:
    """The mean gap of one interview; it is drawn over time and judges nobody."""
    gaps = [pair.gap for pair in found if pair.gap is not None]
    return sum(gaps) / len(gaps) if gaps else None
