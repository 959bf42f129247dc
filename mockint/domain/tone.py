"""How written feedback sounds: words that are refused, and words that deserve a second look.

The rules are local word lists, one per language. A finding names the words it was made on; slurs
and threats are refused, everything else is a hint that its author may set aside. Scores are never
looked at for what they are, and never changed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from mockint.domain.errors import N_, Invalid
from mockint.domain.feedback import Content, Lack
from mockint.domain.rubric import BAR

REFUSED = frozenset({"slur", "threat"})
TALK = frozenset({"trait", "absolute", "personal", "bare", "capitals", "no_step"})
"""What free text about the interview is looked through for."""
SEEN = TALK - {"no_step"}
"""Evidence: its next step stands under what to practise."""
GAP = SEEN - {"bare"}
ADVICE = frozenset({"trait", "personal"})
"""Exercises tell what to do, so "always" has its place there."""
KINDS = (*sorted(REFUSED), "trait", "absolute", "personal", "bare", "capitals", "no_step")

CAPITALS_SHARE = 0.30
CAPITALS_FROM = 20
"""Letters; shorter texts are mostly names and abbreviations."""
BARE_REST = 3
"""So many other words beside praise or blame make it more than that."""
MOST_WORDS = 5
LONGEST_WORD = 40

_QUOTED = re.compile(
    r"“[^”\n]{1,300}”|„[^“\n]{1,300}“|«[^»\n]{1,300}»|\"[^\"\n]{1,300}\"|`[^`\n]+`"
)
_WORD = re.compile(r"\w+(?:['-]\w+)*")


@dataclass(frozen=True, slots=True)
class Lists:
    """The words of one language; an entry may be a phrase, and end in * for any ending."""

    language: str
    common: frozenset[str]
    """Little words by which the language of a text is told."""
    slurs: tuple[str, ...]
    threats: tuple[str, ...]
    traits: tuple[str, ...]
    """Words about a person wherever they stand."""
    framed: tuple[str, ...]
    """Words that are about a person only after one of `frames`: a query may be slow."""
    frames: tuple[str, ...]
    softeners: tuple[str, ...]
    """What may stand between the two: a bit, very."""
    absolutes: tuple[str, ...]
    personal: tuple[str, ...]
    """Looks, accent, voice, age, sex, origin, family."""
    fine: tuple[str, ...]
    """Terms of the trade that only look like one of the above."""
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    filler: frozenset[str]
    weakness: tuple[str, ...]
    step: tuple[str, ...]
    """What a next step begins with."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Words in one field of the form, and what is the matter with them."""

    step: str
    field: str
    kind: str
    words: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether it keeps the feedback from being submitted."""
        return self.kind in REFUSED

    @property
    def said(self) -> str:
        """The words in one line, by which the same finding is known again."""
        return ", ".join(self.words)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a dismissal is about; other words are another finding."""
        return self.step, self.field, self.kind, self.said.casefold()


def parse(raw: Mapping[str, object]) -> Lists:
    """One data file; ValueError naming the part that is missing or no list of words."""

    def words(name: str) -> tuple[str, ...]:
        found = raw.get(name)
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            raise ValueError(f"tone list {raw.get('language')}: {name} is no list of words")
        return tuple(_plain(one) for one in found)

    names = [name for name in Lists.__dataclass_fields__ if name not in _SETS]
    fields = {name: words(name) for name in names}
    sets = {name: frozenset(one.casefold() for one in words(name)) for name in _SETS[1:]}
    return Lists(language=str(raw["language"]), **fields, **sets)  # type: ignore[arg-type]


_SETS = ("language", "common", "filler")


# One text


def check(text: str, lists: Sequence[Lists], kinds: Iterable[str] = TALK) -> dict[str, list[str]]:
    """What is found in a text: kind to the words, as they were written, each once.

    Refused words are looked for in every language, all others in the one the text is written in;
    what somebody is quoted with, and code, is not the author's own voice.
    """
    plain = _plain(text)
    found = {
        "slur": _hits(plain, *(one.slurs for one in lists)),
        "threat": _hits(plain, *(one.threats for one in lists)),
    }
    own = language(plain, lists)
    voice = _blank(_QUOTED, plain)
    voice = _blank(_pattern(own.fine), voice)
    checks = {
        "trait": lambda: [*_hits(voice, own.traits), *_framed(voice, own)],
        "absolute": lambda: _hits(voice, own.absolutes),
        "personal": lambda: _hits(voice, own.personal),
        # Too short to tell the language by.
        "bare": lambda: [word for one in lists for word in _bare(voice, one)],
        "capitals": lambda: _capitals(voice),
        "no_step": lambda: without_step(voice, own),
    }
    found |= {kind: checks[kind]() for kind in checks if kind in kinds}
    return {kind: _few(words) for kind, words in found.items() if words}


def language(text: str, lists: Sequence[Lists]) -> Lists:
    """The lists whose little words the text has most of; the first where that is even."""
    words = Counter(word.casefold() for word in _WORD.findall(text))
    return max(lists, key=lambda one: sum(words[word] for word in one.common))


def _framed(text: str, lists: Lists) -> list[str]:
    """Words that follow "you are" and its kin, softened or not."""
    between = rf"(?:\s+(?:{_alternatives(lists.softeners)}))*"
    frame = rf"(?<![\w-])(?:{_alternatives(lists.frames)}){between}\s+"
    pattern = _compiled(rf"{frame}((?:{_alternatives(lists.framed)}))(?![\w-])")
    return [match.group(1) for match in pattern.finditer(text)]


def _bare(text: str, lists: Lists) -> list[str]:
    """Praise or blame with next to nothing beside it."""
    judged = _pattern((*lists.praise, *lists.blame))
    found = judged.findall(text)
    rest = [
        word
        for word in _WORD.findall(judged.sub(" ", text))
        if word.casefold() not in lists.filler and not word.isdigit()
    ]
    return found if found and len(rest) < BARE_REST else []


def _capitals(text: str) -> list[str]:
    """The words in capitals, where they are too many."""
    letters = [one for one in text if one.isalpha() and one.lower() != one.upper()]
    if len(letters) < CAPITALS_FROM:
        return []
    if sum(one.isupper() for one in letters) <= CAPITALS_SHARE * len(letters):
        return []
    return [word for word in _WORD.findall(text) if word.isupper() and len(word) > 1]


def without_step(text: str, lists: Lists) -> list[str]:
    """The words that name a weakness, where nothing says what to try."""
    if _hits(text, lists.step):
        return []
    return _hits(text, lists.weakness)


# All that was written


def findings(content: Content, lists: Sequence[Lists]) -> list[Finding]:
    """What is found in every text of a feedback, in the order of the form."""
    practised = {item.focus for item in content.practice}
    found: list[Finding] = []
    for key, seen in content.scores.items():
        found += _findings(key, "evidence", seen.evidence, lists, SEEN)
        if seen.score is not None and seen.score < BAR and key not in practised:
            plain = _plain(seen.evidence)
            words = _few(without_step(_blank(_QUOTED, plain), language(plain, lists)))
            if words:
                found.append(Finding(key, "evidence", "no_step", tuple(words)))
    for step, field, text, kinds in _texts(content):
        found += _findings(step, field, text, lists, kinds)
    return found


def _texts(content: Content) -> Iterator[tuple[str, str, str, frozenset[str]]]:
    """(step, field, text, kinds) of all but the evidence."""
    yield "overall", "reason", content.reason_for_difference, GAP
    yield "summary", "summary", content.summary, TALK
    for place, text in enumerate(content.strengths):
        yield "summary", f"strengths-{place}", text, SEEN
    yield "summary", "organiser_note", content.organiser_note, ADVICE
    for place, item in enumerate(content.practice):
        yield "practice", f"items-{place}-gap", item.gap, GAP
        for name in ("aim", "exercise", "amount", "check", "resource"):
            yield "practice", f"items-{place}-{name}", getattr(item, name), ADVICE


def _findings(
    step: str, field: str, text: str, lists: Sequence[Lists], kinds: frozenset[str]
) -> list[Finding]:
    if not text.strip():
        return []
    found = check(text, lists, kinds)
    return [Finding(step, field, kind, tuple(found[kind])) for kind in KINDS if kind in found]


def of_text(step: str, text: str, lists: Sequence[Lists]) -> list[Finding]:
    """What is found in a text that stands alone, such as an addendum."""
    return _findings(step, "text", text, lists, TALK)


def refusal(finding: Finding) -> Invalid:
    """Why these words are not sent."""
    return Invalid(
        finding.field,
        N_("Take out “%(words)s”: slurs and threats are never sent."),
        words=finding.said,
    )


def lacks(found: Iterable[Finding]) -> list[Lack]:
    """What has to go before the feedback can be submitted."""
    return [Lack(one.step, one.field, refusal(one)) for one in found if one.refused]


# Words and patterns


def _plain(text: str) -> str:
    """One form for each letter, straight apostrophes, nothing that cannot be seen."""
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'")
    return "".join(one for one in text if unicodedata.category(one) != "Cf")


def _hits(text: str, *groups: tuple[str, ...]) -> list[str]:
    return [hit for group in groups if group for hit in _pattern(group).findall(text)]


def _few(words: Iterable[str]) -> list[str]:
    """Each once whatever its capitals, short enough to be shown."""
    once = {" ".join(word.split()).casefold(): " ".join(word.split()) for word in words}
    return [word[:LONGEST_WORD] for word in list(once.values())[:MOST_WORDS]]


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: " " * len(match.group()), text)


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words only: a hyphen or an underscore makes another word of it."""
    return _compiled(rf"(?<![\w-])(?:{_alternatives(phrases)})(?![\w-])")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@cache
def _alternatives(phrases: tuple[str, ...]) -> str:
    if not phrases:
        return r"(?!)"
    parts = []
    for phrase in sorted(phrases, key=len, reverse=True):
        stem, star = (phrase[:-1], r"\w*") if phrase.endswith("*") else (phrase, "")
        parts.append(r"\s+".join(re.escape(word) for word in stem.split()) + star)
    return "|".join(parts)
