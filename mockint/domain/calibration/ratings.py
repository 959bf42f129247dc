"""Scores as columns of numbers: who rated whom, when, on what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.floating[Any]]

CATEGORIES = 4
UNSEEN = -1
"""The code of a score that is empty: the dimension was not observed."""


class Rating(NamedTuple):
    """One dimension of one feedback."""

    feedback: str
    interview: str
    candidate: str
    rater: str
    day: int
    """When the interview took place, in days since any one date."""
    shadow: bool
    """Given by a second rater who sat in silently."""
    dimension: str
    score: int | None
    """1 to 4; None when it was not observed."""


class BadRatings(ValueError):
    """Scores that contradict each other; `row` counts the rows given, from 0."""

    def __init__(self, row: int, sentence: str) -> None:
        super().__init__(sentence)
        self.row, self.sentence = row, sentence


@dataclass(frozen=True)
class Ratings:
    """All scores of one track, each column as codes into sorted names.

    Interviews and feedbacks keep to one candidate each; both are numbered so that a candidate's
    interviews follow each other in time.
    """

    candidates: tuple[str, ...]
    interviews: tuple[str, ...]
    feedbacks: tuple[str, ...]
    raters: tuple[str, ...]
    dimensions: tuple[str, ...]
    candidate: Ints
    interview: Ints
    feedback: Ints
    rater: Ints
    dimension: Ints
    category: Ints
    """0 to 3, or UNSEEN."""
    candidate_of: Ints
    """Of each interview."""
    day_of: Ints
    """Of each interview."""
    shadow_of: NDArray[np.bool_]
    """Of each feedback."""
    rater_of: Ints
    """Of each feedback."""
    interview_of: Ints
    """Of each feedback."""

    @classmethod
    def of(cls, rows: Iterable[Rating]) -> Ratings:
        """From rows in any order; raises BadRatings."""
        columns = list(zip(*rows, strict=True)) or [()] * len(Rating._fields)
        return cls.of_columns(*columns)

    @classmethod
    def of_columns(
        cls,
        feedback: Sequence[str],
        interview: Sequence[str],
        candidate: Sequence[str],
        rater: Sequence[str],
        day: Sequence[int],
        shadow: Sequence[bool],
        dimension: Sequence[str],
        score: Sequence[int | None],
    ) -> Ratings:
        """The same from columns of equal length; raises BadRatings."""
        feedbacks, feedback_code = _coded(feedback)
        interviews, interview_code = _coded(interview)
        candidates, candidate_code = _coded(candidate)
        raters, rater_code = _coded(rater)
        dimensions, dimension_code = _coded(dimension)
        days = np.asarray(day, dtype=np.int64)
        shadows = np.asarray(shadow, dtype=np.bool_)
        known = {None: UNSEEN} | {one + 1: one for one in range(CATEGORIES)}
        wrong = next((row for row, one in enumerate(score) if one not in known), None)
        if wrong is not None:
            raise BadRatings(wrong, "A score is 1, 2, 3 or 4, or empty.")
        category = np.fromiter(map(known.__getitem__, score), np.int64, len(score))
        _twice(feedback_code * max(1, len(dimensions)) + dimension_code)
        _one("An interview has one candidate.", interview_code, candidate_code)
        _one("An interview is on one day.", interview_code, days)
        _one("A feedback is about one interview.", feedback_code, interview_code)
        _one("A feedback is by one rater.", feedback_code, rater_code)
        _one("A feedback is a second rater's or it is not.", feedback_code, shadows)
        first_of_interview = _first(interview_code, len(interviews))
        first_of_feedback = _first(feedback_code, len(feedbacks))
        order = _visits(
            candidate_code[first_of_interview],
            days[first_of_interview],
            _said(interview_code, rater_code, category, len(interviews)),
        )
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        first_of_interview = first_of_interview[order]
        return cls(
            candidates,
            tuple(interviews[one] for one in order),
            feedbacks,
            raters,
            dimensions,
            candidate_code,
            place[interview_code],
            feedback_code,
            rater_code,
            dimension_code,
            category,
            candidate_code[first_of_interview],
            days[first_of_interview],
            shadows[first_of_feedback],
            rater_code[first_of_feedback],
            place[interview_code[first_of_feedback]],
        )

    def __len__(self) -> int:
        return len(self.category)

    @cached_property
    def seen(self) -> NDArray[np.bool_]:
        """Which rows have a score."""
        return np.asarray(self.category != UNSEEN)

    @cached_property
    def visit_of(self) -> Ints:
        """Of each interview: which one of its candidate it is, from 0."""
        starts = np.searchsorted(self.candidate_of, np.arange(len(self.candidates)))
        return np.asarray(np.arange(len(self.interviews)) - starts[self.candidate_of], np.int64)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that is said, whatever the order of the rows."""
        feedbacks = self.feedbacks
        lines = sorted(
            f"{feedbacks[f]}\t{self.interviews[i]}\t{self.candidates[c]}\t{self.raters[r]}"
            f"\t{self.day_of[i]}\t{int(self.shadow_of[f])}\t{self.dimensions[d]}\t{k + 1}\n"
            for f, i, c, r, d, k in zip(
                self.feedback.tolist(),
                self.interview.tolist(),
                self.candidate.tolist(),
                self.rater.tolist(),
                self.dimension.tolist(),
                self.category.tolist(),
                strict=True,
            )
        )
        found = hashlib.sha256()
        for line in lines:
            found.update(line.encode())
        return found.hexdigest()


def _coded(names: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    known = sorted(set(names))
    code = {name: number for number, name in enumerate(known)}
    return tuple(known), np.fromiter(map(code.__getitem__, names), np.int64, len(names))


def _first(codes: Ints, count: int) -> Ints:
    """Where each code stands first."""
    found = np.zeros(count, np.int64)
    found[codes[::-1]] = np.arange(len(codes))[::-1]
    return found


def _twice(keys: Ints) -> None:
    """Refuse a second score of one feedback on one dimension."""
    order = np.argsort(keys, kind="stable")
    again = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    if len(again):
        row = int(order[again + 1].min())
        raise BadRatings(row, "This feedback already has a score on this dimension.")


def _one(sentence: str, of: Ints, value: Ints | NDArray[np.bool_]) -> None:
    """Refuse two values of what can have only one."""
    if not len(of):
        return
    first = _first(of, int(of.max()) + 1)
    other = np.flatnonzero(value != value[first[of]])
    if len(other):
        raise BadRatings(int(other[0]), sentence)


def _said(interview: Ints, rater: Ints, category: Ints, count: int) -> Ints:
    """What tells two interviews of one day apart without their names: the scores, and by whom."""
    weight = (category + 2) ** 3
    strictness = np.bincount(rater, weights=weight)[rater] if len(rater) else weight
    return np.bincount(interview, weights=weight * strictness, minlength=count).astype(np.int64)


def _visits(candidate: Ints, day: Ints, said: Ints) -> Ints:
    """The order of interviews: by candidate, then by day."""
    return np.lexsort((said, day, candidate))
