"""What feedback needs before it can be handed in, and when it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mockint.domain import feedback, rubric
from mockint.domain.errors import Conflict, TooEarly
from mockint.domain.feedback import Content, Practice, Rating, Seen
from tests.unit.test_rubric import CONTENT

SET = rubric.parse(CONTENT)
TRACK = SET.tracks["coding"]
RULES = SET.rules
FRAMING = TRACK.dimensions[0]
END = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)


def words(count: int, letter: str = "a") -> str:
    return letter * count


def complete() -> Content:
    return Content(
        scores={
            key: Seen(words(40, letter), 3) for key, letter in zip(TRACK.keys, "abcde", strict=True)
        },
        recommendation=3,
        summary=words(200),
        strengths=("Said the cost before coding.",),
        practice=(
            Practice(
                "framing", "Asked late.", FRAMING.anchor(4), "Ten prompts.", "Daily", "Less cues"
            ),
        ),
    )


def seen(content: Content, key: str, **changes: object) -> Content:
    changed = replace(content.scores[key], **changes)  # type: ignore[arg-type]  # passed through
    return replace(content, scores={**content.scores, key: changed})


def fields(content: Content) -> list[tuple[str, str]]:
    return [(lack.step, lack.field) for lack in feedback.missing(content, TRACK, RULES)]


def test_complete_feedback_lacks_nothing():
    assert fields(complete()) == []


def test_empty_feedback_lacks_everything_in_the_order_of_the_form():
    found = fields(Content())
    assert [step for step, _ in found[:5]] == list(TRACK.keys)
    assert [step for step, _ in found[5:]] == ["overall", "summary", "summary", "practice"]


@pytest.mark.parametrize(
    ("score", "count", "enough"),
    [(3, 39, False), (3, 40, True), (2, 40, True), (4, 79, False), (4, 80, True), (1, 79, False)],
)
def test_evidence_is_counted_by_score(score, count, enough):
    content = seen(complete(), "framing", score=score, evidence=words(count))
    assert (feedback.evidence_lack(FRAMING, content, TRACK, RULES) is None) == enough


def test_blanks_do_not_count():
    assert feedback.length("  a   b\n\n c ") == 5
    padded = seen(complete(), "framing", evidence=" ".join(["a"] + [""] * 60 + ["b"]))
    assert fields(padded) == [("framing", "evidence")]


def test_the_words_say_what_is_needed_and_what_is_there():
    lack = feedback.evidence_lack(
        FRAMING, seen(complete(), "framing", evidence=words(31), score=4), TRACK, RULES
    )
    assert str(lack) == "Write 40 characters first, you have 31."
    lack = feedback.evidence_lack(
        FRAMING, seen(complete(), "framing", evidence=words(50), score=4), TRACK, RULES
    )
    assert str(lack) == "Write at least 80 characters for a 4. You have 50."


def test_the_text_of_an_anchor_is_no_evidence():
    copied = seen(complete(), "framing", evidence=f"  {FRAMING.anchor(3).upper()} ")
    assert fields(copied) == [("framing", "evidence")]


def test_the_same_words_under_two_dimensions_count_for_neither():
    twice = seen(complete(), "approach", evidence=complete().scores["framing"].evidence)
    assert fields(twice) == [("framing", "evidence"), ("approach", "evidence")]


def test_what_was_not_observed_needs_no_evidence():
    content = seen(complete(), "framing", evidence="", score=None, not_observed=True)
    assert fields(content) == []


def test_three_dimensions_have_to_be_scored():
    content = complete()
    for key in ("framing", "approach", "implementation"):
        content = seen(content, key, score=None, not_observed=True)
    assert fields(content) == [("framing", "score")]


@pytest.mark.parametrize(
    ("recommendation", "scores", "asked"),
    [
        (3, (1, 1, 3, 3), True),
        (3, (1, 3, 3, 3), False),
        (4, (1, 1, 4, 4), True),
        (2, (3, 3, 4, 3), True),
        (1, (3, 3, 4, 2), False),
        (2, (2, 2, 2, 2), False),
        (None, (1, 1, 1, 1), False),
    ],
)
def test_a_difference_between_recommendation_and_scores_asks_for_a_reason(
    recommendation, scores, asked
):
    assert feedback.needs_reason(recommendation, scores) == asked


def test_the_reason_makes_it_complete():
    content = replace(complete(), recommendation=2)
    assert fields(content) == [("overall", "reason")]
    assert fields(replace(content, reason_for_difference="Every step needed a cue.")) == []


def test_a_practice_item_needs_all_but_the_resource():
    content = replace(complete(), practice=(Practice(focus="elsewhere", gap="Seen."),))
    assert [name for _, name in fields(content)] == [
        "items-0-focus", "items-0-aim", "items-0-exercise", "items-0-amount", "items-0-check",
    ]  # fmt: skip


def test_the_overall_recommendation_waits_for_every_dimension():
    assert feedback.unsettled(complete(), TRACK, RULES) == []
    content = seen(complete(), "framing", evidence=words(10))
    assert feedback.unsettled(content, TRACK, RULES) == [FRAMING]


def test_each_interview_starts_with_another_dimension_and_keeps_its_order():
    orders = {feedback.rotated(TRACK.keys, number) for number in range(10)}
    assert len(orders) == 5
    assert all(sorted(order) == sorted(TRACK.keys) for order in orders)
    assert feedback.rotated(TRACK.keys, 42) == feedback.rotated(TRACK.keys, 42)


def test_the_form_opens_with_the_interview():
    start = END - timedelta(hours=1)
    feedback.require_open(state="confirmed", start=start, owed=True, now=start)
    with pytest.raises(TooEarly):
        feedback.require_open(
            state="confirmed", start=start, owed=True, now=start - timedelta(seconds=1)
        )
    for state, owed in (("cancelled", True), ("confirmed", False)):
        with pytest.raises(Conflict):
            feedback.require_open(state=state, start=start, owed=owed, now=END)


def test_sealed_feedback_is_read_after_the_rating_or_the_window():
    def opens(rated: bool, hours: float) -> bool:
        now = END + timedelta(hours=hours)
        return feedback.releasable(rated=rated, end=END, window_hours=48, now=now)

    assert opens(True, 1)
    assert not opens(False, 47.9)
    assert opens(False, 48)


def test_no_state_is_reached_that_has_no_moves():
    reached = {to for moves in feedback.MOVES.values() for to in moves}
    assert reached | {"draft"} == set(feedback.MOVES)


def rating(points: int, comment: str = "") -> Rating:
    return Rating(dict.fromkeys(feedback.RATING_KEYS, points), comment)


def test_ratings_are_told_in_full_batches_only():
    assert feedback.echo([rating(4)] * 4) is None
    five = feedback.echo([rating(3, "z"), *[rating(4)] * 3, rating(4, "a")])
    assert five is not None
    assert (five.count, five.means["help"], five.comments) == (5, 3.8, ("a", "z"))
    nine = feedback.echo([*[rating(4)] * 5, *[rating(1, "mine")] * 4])
    assert nine is not None
    assert (nine.count, nine.means["respect"], nine.comments) == (5, 4.0, ())
