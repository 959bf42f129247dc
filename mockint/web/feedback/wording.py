"""The hints of the tone check as the form shows them, and how their buttons name them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from mockint.domain.errors import NotYours
from mockint.domain.tone import Finding
from mockint.models import Feedback
from mockint.queries import tone as query
from mockint.services import tone as service
from mockint.web.feedback.steps import Steps

ASIDE = "aside|"
"""How the value of a button begins that keeps the words of a hint."""

LABELS: dict[str, Callable[[], str]] = {
    "slur": lambda: _("Slur"),
    "threat": lambda: _("Threat"),
    "trait": lambda: _("About the person"),
    "absolute": lambda: _("Absolute"),
    "personal": lambda: _("Private matter"),
    "bare": lambda: _("No evidence"),
    "capitals": lambda: _("Capitals"),
    "no_step": lambda: _("No next step"),
}
WHY: dict[str, Callable[[], str]] = {
    "slur": lambda: _("It is never sent. Take it out to submit."),
    "threat": lambda: _("It is never sent. Take it out to submit."),
    "trait": lambda: _("It judges the person; what was done can be practised."),
    "absolute": lambda: _("You saw one hour; name the moment you saw."),
    "personal": lambda: _("Looks, voice, age, sex, origin and family are not rated here."),
    "bare": lambda: _("Nobody can repeat or change it without knowing what was seen."),
    "capitals": lambda: _("Many capitals read like shouting."),
    "no_step": lambda: _("It names what was missing, but not what to try."),
}
REWRITE: dict[str, Callable[[], str]] = {
    "trait": lambda: _("Try: When the input grew, you ...; try ..."),
    "absolute": lambda: _("Try: In minute ..., you ...; try ..."),
    "personal": lambda: _("Try: When you explained ..., I could not follow ...; try ..."),
    "bare": lambda: _("Try: When ..., you ...; that worked because ..."),
    "capitals": lambda: _("Try: When ..., you ...; try ... in ordinary letters."),
    "no_step": lambda: _("Try: When ..., you ...; next time try ..."),
}


def hints(way: Steps, step: str | None) -> list[dict[str, Any]]:
    """The hints of one step, or of all, without those that were set aside."""
    service.note(way.findings)
    found = way.draft.feedback
    rows = query.dismissals(found.id) if found is not None and way.findings else ()
    kept = {query.key_of(row) for row in rows}
    shown = [one for one in way.findings if one.key not in kept and step in (None, one.step)]
    return [_hint(way, place, one, step) for place, one in enumerate(shown)]


def _hint(way: Steps, place: int, finding: Finding, step: str | None) -> dict[str, Any]:
    return told(finding) | {
        "refused": finding.refused,
        "where": way.title(finding.step) if step is None else "",
        "url": way.address(finding.step, finding.field),
        "value": f"{ASIDE}{place}|{finding.step}|{finding.field}|{finding.kind}|{finding.said}",
    }


def told(finding: Finding) -> dict[str, Any]:
    """The words, what is the matter with them, and another way to say it."""
    return {
        "label": LABELS[finding.kind](),
        "words": finding.said,
        "why": WHY[finding.kind](),
        "rewrite": REWRITE[finding.kind]() if finding.kind in REWRITE else "",
    }


def named(value: str) -> tuple[int, Finding]:
    """Which reason and which finding a button means; NotYours when it is none of ours."""
    parts = value.removeprefix(ASIDE).split("|", 4)
    if len(parts) != 5 or parts[0] not in {str(place) for place in range(100)}:
        raise NotYours
    number, *rest = parts
    finding = Finding(rest[0], rest[1], rest[2], (rest[3],))
    return int(number), finding


def said(count: int) -> str:
    """How many there are, for the live region; nothing for none."""
    if not count:
        return ""
    return ngettext("%(num)s hint about the wording", "%(num)s hints about the wording", count)


def aside(found: Feedback | None) -> list[tuple[str, str, str]]:
    """(label, words, reason) of what the author set aside."""
    if found is None:
        return []
    return [(LABELS[row.kind](), row.words, row.reason) for row in query.dismissals(found.id)]
