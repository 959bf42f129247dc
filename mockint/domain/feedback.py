"""Feedback on one interview: its parts, what is still missing, and when it is released."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mockint.domain.errors import N_, Conflict, Invalid, TooEarly
from mockint.domain.rubric import BAR, POINTS, Dimension, Rules, Track

EVIDENCE_MAX = 4000
SUMMARY_MAX = 4000
STRENGTH_MAX = 300
LINE_MAX = 200
TEXT_MAX = 1000
RESOURCE_MAX = 500
NOTE_MAX = 4000

STEPS = ("overall", "summary", "practice", "review")
"""The steps of the form that follow the dimensions."""

MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"submitted", "withdrawn"}),
    "submitted": frozenset({"draft", "sealed"}),
    "sealed": frozenset({"released", "withdrawn"}),
    "released": frozenset({"acknowledged", "withdrawn"}),
    "acknowledged": frozenset({"withdrawn"}),
    "withdrawn": frozenset({"draft"}),
}
"""From a state to the states it may become; back to draft within the hold, or when an organiser
opens again what was given up unwritten."""
WRITTEN = frozenset({"submitted", "sealed", "released", "acknowledged"})
VISIBLE = frozenset({"released", "acknowledged"})
"""States in which the candidate reads it."""
SEALED = frozenset({"sealed", "released", "acknowledged"})
"""States in which words can only be added, or the whole be withdrawn."""
ADDENDUM = (20, 2000)
"""Fewest and most characters of an addendum."""
MOST_ADDENDA = 5

RATING_KEYS = ("clarity", "realism", "help", "respect")
RATINGS_NEEDED = 5
"""Interviewers see what candidates say only in batches of this size."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One dimension: what was seen or heard, and the point it supports."""

    evidence: str = ""
    score: int | None = None
    not_observed: bool = False


@dataclass(frozen=True, slots=True)
class Practice:
    """Something to practise next."""

    focus: str = ""
    gap: str = ""
    aim: str = ""
    exercise: str = ""
    amount: str = ""
    check: str = ""
    resource: str = ""

    @property
    def blank(self) -> bool:
        """True while only the form's own suggestions stand in it."""
        return not any((self.gap, self.exercise, self.amount, self.check, self.resource))


@dataclass(frozen=True, slots=True)
class Content:
    """All that an interviewer writes."""

    scores: Mapping[str, Seen] = field(default_factory=dict)
    recommendation: int | None = None
    reason_for_difference: str = ""
    summary: str = ""
    strengths: tuple[str, ...] = ()
    practice: tuple[Practice, ...] = ()
    organiser_note: str = ""

    def points(self) -> list[int]:
        """The scores given."""
        return [seen.score for seen in self.scores.values() if seen.score is not None]


# What one step of the form saves


@dataclass(frozen=True, slots=True)
class SeenPart:
    """One dimension."""

    dimension: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class NotesPart:
    """The notes taken during the interview, by dimension."""

    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OverallPart:
    """The judgement over all."""

    recommendation: int | None
    reason_for_difference: str


@dataclass(frozen=True, slots=True)
class SummaryPart:
    """The words over all."""

    summary: str
    strengths: tuple[str, ...]
    organiser_note: str


@dataclass(frozen=True, slots=True)
class PracticePart:
    """What to practise next."""

    items: tuple[Practice, ...]


Part = SeenPart | NotesPart | OverallPart | SummaryPart | PracticePart


# Completeness


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing before the feedback can be submitted."""

    step: str
    field: str
    refusal: Invalid


def length(text: str) -> int:
    """Characters that count: after trimming and collapsing blanks."""
    return len(" ".join(text.split()))


def needed(rules: Rules, score: int | None) -> int:
    """Characters of evidence that a score needs."""
    return rules.evidence_min_extreme if score in (POINTS[0], POINTS[-1]) else rules.evidence_min


def rotated(keys: Sequence[str], booking_id: int) -> tuple[str, ...]:
    """The order in which this interview's dimensions are asked: another first one each time."""
    turn = booking_id % len(keys)
    return (*keys[turn:], *keys[:turn])


def evidence_lack(
    dimension: Dimension, content: Content, track: Track, rules: Rules
) -> Invalid | None:
    """Why the evidence does not carry the score that was chosen."""
    seen = content.scores.get(dimension.key, Seen())
    if seen.not_observed or seen.score is None:
        return None
    least, count = needed(rules, seen.score), length(seen.evidence)
    if count < rules.evidence_min:
        return Invalid(
            "evidence",
            N_("Write %(needed)s characters first, you have %(n)s."),
            needed=rules.evidence_min,
            n=count,
        )
    if count < least:
        return Invalid(
            "evidence",
            N_("Write at least %(needed)s characters for a %(score)s. You have %(n)s."),
            needed=least,
            score=seen.score,
            n=count,
        )
    said = _folded(seen.evidence)
    if said in {_folded(anchor) for anchor in dimension.anchors}:
        return Invalid("evidence", N_("This is the rubric's text. Say what you saw or heard."))
    for other in track.dimensions:
        twin = content.scores.get(other.key)
        if other.key != dimension.key and twin and _folded(twin.evidence) == said:
            return Invalid(
                "evidence",
                N_("You wrote the same under %(other)s. Say what you saw for this one."),
                other=other.name,
            )
    return None


def _folded(text: str) -> str:
    return " ".join(text.lower().split())


def settled(dimension: Dimension, content: Content, track: Track, rules: Rules) -> bool:
    """Whether a dimension is scored on evidence, or was not observed."""
    seen = content.scores.get(dimension.key, Seen())
    if seen.not_observed:
        return True
    return seen.score is not None and evidence_lack(dimension, content, track, rules) is None


def unsettled(content: Content, track: Track, rules: Rules) -> list[Dimension]:
    """The dimensions that keep the overall recommendation locked."""
    return [d for d in track.dimensions if not settled(d, content, track, rules)]


def needs_reason(recommendation: int | None, scores: Sequence[int]) -> bool:
    """Whether recommendation and scores seem to differ, so that one sentence is asked for."""
    if recommendation is None or not scores:
        return False
    if recommendation >= BAR:
        return scores.count(1) >= 2
    return min(scores) >= BAR


def missing(content: Content, track: Track, rules: Rules) -> list[Lack]:
    """All that is missing, in the order of the form; nothing means it can be submitted."""
    return [
        *_missing_scores(content, track, rules),
        *_missing_words(content, rules),
        *_missing_practice(content, track, rules),
    ]


def _missing_scores(content: Content, track: Track, rules: Rules) -> Iterator[Lack]:
    for dimension in track.dimensions:
        seen = content.scores.get(dimension.key, Seen())
        if seen.score is None and not seen.not_observed:
            sentence = N_("Score %(name)s, or choose “Not observed”.")
            yield Lack(dimension.key, "score", Invalid("score", sentence, name=dimension.name))
        elif lack := evidence_lack(dimension, content, track, rules):
            yield Lack(dimension.key, "evidence", lack)
    unseen = [key for key in track.keys if content.scores.get(key, Seen()).not_observed]
    if unseen and len(track.keys) - len(unseen) < rules.min_scored:
        sentence = N_("Score at least %(least)s dimensions.")
        yield Lack(unseen[0], "score", Invalid("score", sentence, least=rules.min_scored))
    if content.recommendation is None:
        sentence = N_("Choose the overall recommendation.")
        yield Lack("overall", "recommendation", Invalid("recommendation", sentence))
    elif reason := reason_lack(content):
        yield Lack("overall", "reason", reason)


def reason_lack(content: Content) -> Invalid | None:
    """The sentence that is asked for when recommendation and scores differ."""
    if content.reason_for_difference.strip():
        return None
    if not needs_reason(content.recommendation, content.points()):
        return None
    return Invalid(
        "reason",
        N_("Recommendation and scores seem to differ. Say in one sentence why."),
    )


def _missing_words(content: Content, rules: Rules) -> Iterator[Lack]:
    count = length(content.summary)
    if count < rules.summary_min:
        sentence = N_("Write at least %(needed)s characters of summary. You have %(n)s.")
        refusal = Invalid("summary", sentence, needed=rules.summary_min, n=count)
        yield Lack("summary", "summary", refusal)
    least, most = rules.strengths
    if not least <= len(content.strengths) <= most:
        sentence = N_("Name %(least)s to %(most)s strengths.")
        refusal = Invalid("strengths-0", sentence, least=least, most=most)
        yield Lack("summary", "strengths-0", refusal)


REQUIRED = {
    "gap": N_("Say what you saw."),
    "aim": N_("Say what to aim for."),
    "exercise": N_("Say what to do."),
    "amount": N_("Say how often or how long."),
    "check": N_("Say how the candidate will know that it worked."),
}


def _missing_practice(content: Content, track: Track, rules: Rules) -> Iterator[Lack]:
    least, most = rules.next_steps
    if not least <= len(content.practice) <= most:
        sentence = N_("Name %(least)s to %(most)s things to practise.")
        refusal = Invalid("items-0-gap", sentence, least=least, most=most)
        yield Lack("practice", "items-0-gap", refusal)
    for number, item in enumerate(content.practice):
        where = f"items-{number}"
        if item.focus not in track.keys:
            refusal = Invalid(f"{where}-focus", N_("Choose the dimension it is for."))
            yield Lack("practice", f"{where}-focus", refusal)
        for name, sentence in REQUIRED.items():
            if not getattr(item, name).strip():
                yield Lack("practice", f"{where}-{name}", Invalid(f"{where}-{name}", sentence))


# When


def due_at(end: datetime, deadline_hours: int) -> datetime:
    """By when the feedback is owed."""
    return end + timedelta(hours=deadline_hours)


def sealed_from(submitted_at: datetime, hold_min: int) -> datetime:
    """From when on the author can no longer reopen it."""
    return submitted_at + timedelta(minutes=hold_min)


def opens_without_rating(end: datetime, window_hours: int) -> datetime:
    """From when on the candidate reads sealed feedback without having rated the interviewer."""
    return end + timedelta(hours=window_hours)


def releasable(*, rated: bool, end: datetime, window_hours: int, now: datetime) -> bool:
    """Whether sealed feedback is released: both have spoken, or the window is over."""
    return rated or now >= opens_without_rating(end, window_hours)


def require_open(*, state: str, start: datetime, owed: bool, now: datetime) -> None:
    """Refuse the form before the interview, after a cancellation and after an absence."""
    if state != "confirmed":
        raise Conflict(N_("This interview was cancelled, so no feedback is owed."))
    if now < start:
        raise TooEarly(N_("The form opens when the interview starts."))
    if not owed:
        raise Conflict(N_("An absence was reported for this interview, so no feedback is owed."))


def require_draft(state: str) -> None:
    """Refuse a change to what is no draft, saying what became of it."""
    if state == "withdrawn":
        raise Conflict(N_("The organisers closed this feedback, so the form is closed too."))
    if state != "draft":
        raise Conflict(N_("This feedback is submitted. Reopen it to change it."))


# What interviewers learn about themselves


@dataclass(frozen=True, slots=True)
class Rating:
    """A candidate's rating of an interviewer."""

    points: Mapping[str, int]
    comment: str


@dataclass(frozen=True, slots=True)
class Echo:
    """What candidates say about an interviewer, in full batches only and in no order of time."""

    count: int
    means: Mapping[str, float]
    comments: tuple[str, ...]


def echo(ratings: Sequence[Rating]) -> Echo | None:
    """From ratings in the order given; None while the first batch is not full.

    Only full batches are told, so that no single rating can be read out of a changed mean.
    """
    told = ratings[: len(ratings) - len(ratings) % RATINGS_NEEDED]
    if not told:
        return None
    return Echo(
        len(told),
        {key: sum(rating.points[key] for rating in told) / len(told) for key in RATING_KEYS},
        tuple(sorted(rating.comment for rating in told if rating.comment)),
    )
