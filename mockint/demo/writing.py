"""Feedback and ratings of the demo community: hidden ability in, believable hours out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from mockint.demo import content
from mockint.demo.members import Member
from mockint.domain.feedback import Practice, Seen
from mockint.models import Booking
from mockint.queries import rubric as rubric_query
from mockint.services import feedback as feedback_service

RECOMMENDATIONS = {1: "strong_no", 2: "no", 3: "yes", 4: "strong_yes"}
TILT = 0.55
"""How far a strong or weak dimension lies from the person's ability."""
NOISE = 0.35


@dataclass
class Told:
    """What a candidate has read already, so that nothing is said twice."""

    problems: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)


def recommend(scores: Sequence[int]) -> int:
    """A judgement that fits the scores, so that no reason for a difference is asked."""
    mean = sum(scores) / len(scores)
    found = 1 + sum(mean >= edge for edge in (1.6, 2.5, 3.4))
    if found >= 3 and scores.count(1) >= 2:
        return 2
    if found <= 2 and min(scores) >= 3:
        return 3
    return found


class Writer:
    """Writes what an interviewer would write after an hour with this candidate."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.told: dict[int, Told] = defaultdict(Told)
        self.hours: dict[int, int] = defaultdict(int)

    def write(
        self, booking: Booking, *, candidate: Member, interviewer: Member, now: datetime
    ) -> None:
        """Submit feedback on this interview as its interviewer."""
        told, notes = self.told[booking.candidate_id], content.notes(booking.track)
        scores = self._scores(booking, candidate, interviewer)
        self.hours[booking.candidate_id] += 1
        problem = self._unsaid(notes["problems"], told.problems)
        evidence = {
            dimension: notes["notes"][dimension][str(score)][problem]
            for dimension, score in scores.items()
            if score is not None
        }
        given = {dimension: score for dimension, score in scores.items() if score is not None}
        ranking = sorted(given, key=lambda dimension: (given[dimension], dimension))
        weak = self._to_practise(notes["practice"], ranking, told)
        strong = ranking[::-1][:2]
        recommendation = recommend(list(given.values()))
        feedback_service.write(
            booking.id,
            author_id=booking.interviewer_id,
            scores={
                dimension: Seen(
                    evidence=evidence.get(dimension, ""), score=score, not_observed=score is None
                )
                for dimension, score in scores.items()
            },
            recommendation=recommendation,
            summary=self._summary(notes, recommendation, strong, weak, told),
            strengths=[self._pick(notes["strengths"][dimension], told) for dimension in strong],
            practice=[self._practice(booking, notes, d, given[d], told) for d in weak],
            organiser_note=self.rng.choice(content.words()["organiser_notes"])
            if self.rng.random() < 0.12
            else "",
            now=now,
        )

    def _scores(
        self, booking: Booking, candidate: Member, interviewer: Member
    ) -> dict[str, int | None]:
        """One score a dimension from ability, its trend, tilt, the rater's leniency and luck."""
        person, track = candidate.data, rubric_query.current().tracks[booking.track]
        base = person["ability"] + person["trend_per_interview"] * self.hours[booking.candidate_id]
        base += interviewer.data["leniency"]
        found: dict[str, int | None] = {}
        for dimension in track.dimensions:
            key = f"{booking.track}.{dimension.key}"
            tilt = TILT * ((person["strong"] == key) - (person["weak"] == key))
            value = self.rng.gauss(base + tilt, NOISE)
            found[dimension.key] = min(4, max(1, round(value)))
        if self.rng.random() < 0.15:
            found[self.rng.choice(list(found))] = None
        return found

    def _unsaid(self, problems: Mapping[str, str], said: set[str]) -> str:
        """A problem this candidate has not met, chosen at random."""
        fresh = sorted(set(problems) - said)
        problem = self.rng.choice(fresh)
        said.add(problem)
        return problem

    def _pick(self, texts: Sequence[str], told: Told) -> str:
        """One the candidate has not read; when all were read, any."""
        fresh = [text for text in texts if text not in told.texts] or list(texts)
        text = self.rng.choice(fresh)
        told.texts.add(text)
        return text

    def _summary(
        self,
        notes: Mapping[str, Any],
        recommendation: int,
        strong: Sequence[str],
        weak: Sequence[str],
        told: Told,
    ) -> str:
        """The summary that fits the scores best among those not yet read."""

        def fit(summary: Mapping[str, Any]) -> tuple[bool, int]:
            hits = len(set(summary["strong"]) & set(strong))
            hits += len(set(summary["weak"]) & set(weak))
            return summary["text"] not in told.texts, hits

        best = max(notes["summaries"][RECOMMENDATIONS[recommendation]], key=fit)
        told.texts.add(best["text"])
        return str(best["text"])

    def _to_practise(
        self, practice: Mapping[str, Any], ranking: Sequence[str], told: Told
    ) -> list[str]:
        """One or two dimensions, the weakest first, that have an exercise not yet given."""
        fresh = [
            dimension
            for dimension in ranking
            if any(item["exercise"] not in told.texts for item in practice[dimension])
        ]
        return (fresh or list(ranking))[: self.rng.choice((1, 2, 2))]

    def _practice(
        self, booking: Booking, notes: Mapping[str, Any], dimension: str, score: int, told: Told
    ) -> Practice:
        dimensions = rubric_query.current().tracks[booking.track].dimensions
        found = next(each for each in dimensions if each.key == dimension)
        items = notes["practice"][dimension]
        fresh = [item for item in items if item["exercise"] not in told.texts] or items
        item = self.rng.choice(fresh)
        told.texts.add(item["exercise"])
        return Practice(
            focus=dimension,
            gap=item["gap"],
            aim=found.aim(score),
            exercise=item["exercise"],
            amount=item["amount"],
            check=item["check"],
        )

    def rate(self, booking: Booking, *, now: datetime) -> None:
        """The candidate's rating of the interviewer; most are glad of the hour."""
        level = self.rng.choices((2, 3, 4), (1, 5, 6))[0]
        comments = [r["text"] for r in content.words()["ratings"] if r["level"] == level]
        keys = ("clarity", "realism", "help", "respect")
        ratings = {key: min(4, max(2, level + self.rng.choice((-1, 0, 0, 1)))) for key in keys}
        feedback_service.rate(
            booking.id,
            by=booking.candidate_id,
            ratings=ratings,
            comment=self.rng.choice(comments) if self.rng.random() < 0.5 else "",
            now=now,
        )
