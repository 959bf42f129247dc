"""Sentences that must, and that must not, make the tone check speak."""

from __future__ import annotations

import pytest

from mockint.domain import tone
from mockint.domain.feedback import Content, Practice, Seen
from mockint.queries.tone import lists as delivered

LISTS = delivered()
ITEM = Practice(focus="framing", gap="Two minutes of silence.", exercise="Say the plan aloud.")


def kinds(text: str) -> set[str]:
    return set(tone.check(text, LISTS))


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("You were lazy about the edge cases in the second half.", "trait", "lazy"),
        ("This was a STUPID mistake to make after the hint I gave.", "trait", "STUPID"),
        ("You are a bit slow when the input gets larger than memory.", "trait", "slow"),
        ("You\u2019re too quiet while you look at the code on the screen.", "trait", "quiet"),
        ("The candidate was really nervous until minute ten or so.", "trait", "nervous"),
        ("A junior-like way to split the service into parts of it.", "trait", "junior-like"),
        ("You were not smart about the cache and its invalidation.", "trait", "not smart"),
        ("You always start with the code before you ask anything.", "absolute", "always"),
        ("You never named a limit before you wrote the first line.", "absolute", "never"),
        ("Obviously the array has to be sorted before the search.", "absolute", "Obviously"),
        ("Your accent made it hard to follow the plan for the cache.", "personal", "accent"),
        ("For your age this is a good grasp of distributed systems.", "personal", "For your age"),
        ("I liked how you, as a woman, spoke up about the limits.", "personal", "as a woman"),
        ("Think about whether your children leave you the time.", "personal", "your children"),
        ("People from your country are good at this kind of task.", "personal", "your country"),
        ("Great job!", "bare", "Great job"),
        ("Good with algorithms, really strong and very nice overall.", "bare", "Good"),
        ("Not great.", "bare", "Not great"),
        ("YOU DID NOT ASK FOR THE INPUT SIZE before coding.", "capitals", "YOU"),
        ("The estimate was unclear and the failure case was forgotten.", "no_step", "unclear"),
        ("Du warst ziemlich langsam bei der zweiten Aufgabe und im Plan.", "trait", "langsam"),
        ("Du hast nie nach der Größe der Eingabe gefragt.", "absolute", "nie"),
        ("Dein Akzent war für mich nicht leicht, und das in der Mitte.", "personal", "Akzent"),
        ("Gut gemacht!", "bare", "Gut gemacht"),
    ],
)
def test_these_deserve_a_second_look(text, kind, word):
    found = tone.check(text, LISTS)
    assert kind in found, found
    assert word in found[kind]


@pytest.mark.parametrize(
    "text",
    [
        "Minute 12: proposed a hash map after sorting, named O(n) time and memory unprompted.",
        "The query was slow, so you added an index on the two columns and measured it again.",
        "You used lazy loading for the images and said what it costs on the first paint.",
        "A clazy build and a nevermore table: words inside words are other words, nothing else.",
        "Explained why the loop never terminates on an empty list, then moved the check up.",
        "The flag `always` in the config was found in minute 14 and its meaning explained.",
        "Said “I always start with tests” and then wrote two of them before the first line.",
        "Wrote always_true as a name for the predicate, and renamed it when asked about it.",
        "Great job on the sizes: 2 million rows, 40 bytes each, and the memory that needs.",
        "The font family and the accent colour come from one table of tokens, as you said.",
        "When the test failed, you read the message aloud; try to write the input down first.",
        "Used SQL, HTTP and TCP correctly, and drew where TLS ends in front of the service.",
        "The estimate was unclear; next time write the number of users down before the size.",
        "Hast zuerst nach der Größe gefragt und dann zwei Beispiele von Hand gerechnet.",
        "Die Schleife terminiert nie bei leerer Liste; das hast du in Minute 20 gesehen.",
        "",
        "   ",
        "SQL and TLS",
        "解いた後で計算量を説明した。",
        "Ты спросила о размере входных данных до первой строки кода.",
    ],
)
def test_these_are_left_alone(text):
    assert tone.check(text, LISTS) == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("You are a retard, and that is all I have to say about it.", "slur"),
        ("Do that again and I will find you after the interview.", "threat"),
        ("I\u2019ll ruin you in this town, believe me.", "threat"),
        ("The plan was fine, du Hurensohn, and the code as well.", "slur"),
        ("Ｒｅｔａｒｄ written in wide letters is the same word.", "slur"),
        ("A re\u00adtard with a soft hyphen in it, and a zero\u200bwidth one.", "slur"),
        ("He said “you cunt” to nobody in the room at all.", "slur"),
    ],
)
def test_slurs_and_threats_are_refused_in_every_language(text, kind):
    found = tone.check(text, LISTS)
    assert kind in found
    assert kind in tone.REFUSED


@pytest.mark.parametrize(
    "text",
    [
        "You will kill the process with this signal and lose the file that it has open.",
        "The retarded potential is a term of physics and was named by the candidate.",
        "Scunthorpe was the sample input, and the filter let it through as it should.",
        "The dykstra spelling was corrected to Dijkstra in minute five, without a hint.",
        "Spice levels and chinked armour were the names of the sample products here.",
    ],
)
def test_words_that_only_look_like_it_are_not_refused(text):
    assert not kinds(text) & tone.REFUSED


def test_the_language_is_told_by_its_little_words():
    assert tone.language("Du hast die Größe nicht genannt", LISTS).language == "de"
    assert tone.language("You did not name the size", LISTS).language == "en"
    assert tone.language("O(n log n)", LISTS).language == "en"


def test_the_words_are_named_once_and_not_without_end():
    found = tone.check("Always, always, ALWAYS. " + "never " * 9, LISTS)
    assert [word.casefold() for word in found["absolute"]] == ["always", "never"]


def test_findings_name_their_field_in_the_order_of_the_form():
    content = Content(
        scores={"framing": Seen("You were lazy about the questions before the code.", 3)},
        reason_for_difference="Obviously ready.",
        summary="Great job",
        strengths=("Asked first.", "Nice!"),
        organiser_note="Her accent, for what it is worth.",
        practice=(ITEM, Practice(focus="framing", gap="You never asked.", exercise="Always ask.")),
    )
    found = [(one.step, one.field, one.kind) for one in tone.findings(content, LISTS)]
    assert found == [
        ("framing", "evidence", "trait"),
        ("overall", "reason", "absolute"),
        ("summary", "summary", "bare"),
        ("summary", "strengths-1", "bare"),
        ("summary", "organiser_note", "personal"),
        ("practice", "items-1-gap", "absolute"),
    ]


def test_a_weak_dimension_wants_a_next_step_unless_one_is_planned_for_it():
    weak = Seen("Minute 9: the empty list was missing from the examples that were tried.", 1)
    alone = Content(scores={"framing": weak})
    assert [one.kind for one in tone.findings(alone, LISTS)] == ["no_step"]
    planned = Content(scores={"framing": weak}, practice=(ITEM,))
    assert tone.findings(planned, LISTS) == []
    meets = Content(scores={"framing": Seen(weak.evidence, 3)})
    assert tone.findings(meets, LISTS) == [], "a 3 is at the bar"


def test_what_is_refused_is_a_lack_of_its_field():
    content = Content(summary="I will find you, and the estimate, next time.")
    found = tone.findings(content, LISTS)
    (lack,) = tone.lacks(found)
    assert (lack.step, lack.field) == ("summary", "summary")
    assert "I will find you" in str(lack.refusal.params.values())
    assert not tone.lacks([one for one in found if not one.refused])


def test_the_same_finding_is_known_by_its_words():
    (one,) = tone.of_text("addendum", "You never asked about the limits of it.", LISTS)
    (again,) = tone.of_text("addendum", "NEVER before have you asked about limits.", LISTS)
    (other,) = tone.of_text("addendum", "You always asked about the limits of it.", LISTS)
    assert one.key == again.key != other.key


def test_a_data_file_that_lacks_a_part_is_named():
    with pytest.raises(ValueError, match="tone list fr: slurs"):
        tone.parse({"language": "fr", "common": ["le"]})


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.language)
def test_no_list_refuses_or_doubts_what_it_calls_fine(one):
    for phrase in one.fine:
        for frame in ("The {} was named by you in minute 12 of the talk.",):
            found = tone.check(frame.format(phrase), (one,), {"trait", "absolute", "personal"})
            assert found == {}, phrase
