"""The steps of the feedback form: their order, titles, states and neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from mockint.domain import feedback as rules
from mockint.domain import tone
from mockint.domain.errors import Invalid
from mockint.domain.feedback import Lack, Seen
from mockint.queries import tone as tone_query
from mockint.queries.feedback import Draft
from mockint.web.errors import sentence
from mockint.web.feedback.forms import NONE

TITLES: dict[str, Callable[[], str]] = {
    "overall": lambda: _("Overall recommendation"),
    "summary": lambda: _("Summary"),
    "practice": lambda: _("What to practise next"),
    "review": lambda: _("Read it once more"),
}


class Steps:
    """The way through the form for one draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.dimensions = rules.rotated(draft.track.keys, draft.booking.id)
        self.keys = (*self.dimensions, *rules.STEPS)
        self._form = url_for("feedback.form", booking_id=draft.booking.id)
        self.findings = tone_query.findings(draft.content)
        self.lacks = [
            *rules.missing(draft.content, draft.track, draft.rubric.rules),
            *tone.lacks(self.findings),
        ]

    def first(self) -> str:
        """Where to go on: the first step that lacks something."""
        lacking = {lack.step for lack in self.lacks}
        return next((key for key in self.keys if key in lacking), "review")

    def title(self, key: str) -> str:
        """What the step is called."""
        dimension = self.draft.track.dimension(key)
        return dimension.name if dimension else TITLES[key]()

    def before(self, key: str) -> str | None:
        """The step before, if there is one."""
        place = self.keys.index(key)
        return self.keys[place - 1] if place else None

    def after(self, key: str) -> str | None:
        """The step after, if there is one."""
        place = self.keys.index(key)
        return self.keys[place + 1] if place + 1 < len(self.keys) else None

    def address(self, key: str, anchor: str | None = None) -> str:
        """Where the step is; the page has all of them, so the form's address is written once."""
        return f"{self._form}?step={quote(key)}" + (f"#{anchor}" if anchor else "")

    @property
    def locked(self) -> bool:
        """Whether the overall recommendation still waits for dimensions."""
        return any(lack.step in self.dimensions for lack in self.lacks)

    def of(self, key: str) -> list[Lack]:
        """What this step lacks."""
        return [lack for lack in self.lacks if lack.step == key]

    def rail(self, now: str) -> list[dict[str, Any]]:
        """The steps for `ui.rail`."""
        return [
            {
                "title": self.title(key),
                "url": self.address(key) if key != now else None,
                "state": self._state(key, now),
                "score": self._score(key),
            }
            for key in self.keys
        ]

    def _state(self, key: str, now: str) -> str:
        if key == now:
            return "now"
        if key == "overall" and self.locked:
            return "locked"
        return "next" if key == "review" or self.of(key) else "done"

    def _score(self, key: str) -> str | None:
        if key == "overall":
            return str(self.draft.content.recommendation or "") or None
        if key not in self.dimensions:
            return None
        seen = self.draft.content.scores.get(key, Seen())
        return "–" if seen.not_observed else str(seen.score or "")

    def missing(self) -> list[tuple[str, str]]:
        """Everything that is missing as (sentence, address of the field)."""
        order = {key: place for place, key in enumerate(self.keys)}
        lacks = sorted(self.lacks, key=lambda lack: order[lack.step])
        return [
            (
                f"{self.title(lack.step)}: {sentence(lack.refusal)}",
                self.address(lack.step, lack.field),
            )
            for lack in lacks
        ]


def options(draft: Draft, key: str) -> list[dict[str, str]]:
    """The four anchors of a dimension and "not observed", for `forms.anchors`."""
    dimension = draft.track.dimension(key)
    assert dimension is not None  # the caller has checked the step
    rows = [
        {
            "value": str(point.value),
            "numeral": str(point.value),
            "word": point.label,
            "text": dimension.anchor(int(point.value or 1)),
        }
        for point in draft.rubric.scale
    ]
    none = draft.rubric.not_observed
    return [*rows, {"value": NONE, "numeral": "–", "word": none.label, "text": none.meaning}]


def recommendations(draft: Draft) -> list[dict[str, str]]:
    """The four overall answers, for `forms.anchors`."""
    return [
        {
            "value": str(point.value),
            "numeral": str(point.value),
            "word": point.label,
            "text": point.meaning,
        }
        for point in draft.rubric.recommendations
    ]


def bar(draft: Draft) -> Markup:
    """The words on the bar between 2 and 3."""
    level = draft.booking.level
    return Markup("<b>{}</b> {}").format(
        _("The bar for %(level)s level:", level=level), draft.rubric.bars[level]
    )


def lock(draft: Draft, evidence: str) -> str | None:
    """Why the anchors are locked, as long as the evidence is too short."""
    least, count = draft.rubric.rules.evidence_min, rules.length(evidence)
    if count >= least:
        return None
    return sentence(
        Invalid(
            "evidence", "Write %(needed)s characters first, you have %(n)s.", needed=least, n=count
        )
    )
