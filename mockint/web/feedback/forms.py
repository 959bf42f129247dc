"""The shape of the feedback form, step by step, and of the candidate's rating."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, Form, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import FieldList, FormField
from wtforms.validators import ValidationError

from mockint.domain import feedback as rules
from mockint.domain.account import clean_line, clean_text
from mockint.domain.errors import Invalid
from mockint.domain.feedback import (
    OverallPart,
    Part,
    Practice,
    PracticePart,
    Seen,
    SeenPart,
    SummaryPart,
)
from mockint.queries.feedback import Draft
from mockint.services.feedback import COMMENT_MAX, REPORT_MAX
from mockint.web.errors import sentence

POINTS = ("1", "2", "3", "4")
NONE = "none"
"""The fifth radio: not observed."""


class Clean:
    """Text without control characters and not too long, by the domain's own rule."""

    def __init__(self, limit: int, *, line: bool = False) -> None:
        self.limit, self.rule = limit, clean_line if line else clean_text

    def __call__(self, form: Any, field: Field) -> None:
        try:
            field.data = self.rule(field.name, field.data or "", self.limit)
        except Invalid as refusal:
            raise ValidationError(sentence(refusal)) from refusal


class OneOf:
    """A radio that may be left alone, but not be given another value."""

    def __init__(self, *values: str) -> None:
        self.values = {"", *values}

    def __call__(self, form: Any, field: Field) -> None:
        field.data = field.data or ""
        if field.data not in self.values:
            raise ValidationError(gettext("Choose one of the answers."))


def _text(label: Any, limit: int) -> TextAreaField:
    return TextAreaField(label, [Clean(limit)])


def _line(label: Any, limit: int) -> StringField:
    return StringField(label, [Clean(limit, line=True)])


class StepForm(FlaskForm):
    """One step: what was typed, as a part of the draft."""

    class Meta(FlaskForm.Meta):
        csrf = False  # `extensions.csrf` has looked at the token of every POST

    def prepare(self, draft: Draft) -> None:
        """Fill in what depends on the rubric."""

    def part(self, step: str) -> Part:
        """The cleaned input as a domain value."""
        raise NotImplementedError


class DimensionForm(StepForm):
    evidence = _text(_("What did you see or hear?"), rules.EVIDENCE_MAX)
    score = StringField(_("Score"), [OneOf(*POINTS, NONE)])

    def part(self, step: str) -> Part:
        score = self.score.data or ""
        point = int(score) if score in POINTS else None
        return SeenPart(step, Seen(self.evidence.data or "", point, score == NONE))


class OverallForm(StepForm):
    recommendation = StringField(_("Recommendation"), [OneOf(*POINTS)])
    reason = _text(_("Why do they differ?"), rules.TEXT_MAX)

    def part(self, step: str) -> Part:
        chosen = self.recommendation.data
        return OverallPart(int(chosen) if chosen else None, self.reason.data or "")


class SummaryForm(StepForm):
    summary = _text(_("Summary"), rules.SUMMARY_MAX)
    strengths = FieldList(
        StringField(_("Strength"), [Clean(rules.STRENGTH_MAX, line=True)]),
        min_entries=3,
        max_entries=3,
    )
    organiser_note = _text(_("Note to the organisers"), rules.NOTE_MAX)

    def part(self, step: str) -> Part:
        named = tuple(text for text in self.strengths.data if text)
        return SummaryPart(self.summary.data or "", named, self.organiser_note.data or "")


class ItemForm(Form):
    focus = SelectField(_("Dimension"))
    gap = _text(_("What you saw"), rules.TEXT_MAX)
    aim = _text(_("What to aim for"), rules.TEXT_MAX)
    exercise = _text(_("What to do"), rules.TEXT_MAX)
    amount = _line(_("How often, how long, until when"), rules.LINE_MAX)
    check = _text(_("How they will know it worked"), rules.TEXT_MAX)
    resource = _line(_("A book, page or tool, if you know one"), rules.RESOURCE_MAX)


class PracticeForm(StepForm):
    items = FieldList(FormField(ItemForm), min_entries=3, max_entries=3)

    def prepare(self, draft: Draft) -> None:
        choices = [(d.key, d.name) for d in draft.track.dimensions]
        for entry in self.items:
            entry.form.focus.choices = choices
            # A form of one or two items leaves the others out altogether.
            if entry.form.focus.data in (None, "None", ""):
                entry.form.focus.data = draft.track.keys[0]

    def part(self, step: str) -> Part:
        return PracticePart(tuple(Practice(**entry.form.data) for entry in self.items))

    def shown(self, one_more: bool) -> int:
        """How many items are drawn."""
        part = self.part("practice")
        assert isinstance(part, PracticePart)
        filled = [place for place, item in enumerate(part.items, start=1) if not item.blank]
        return min(3, max([1, *filled]) + one_more)

    def edit(self, go: str, draft: Draft) -> bool:
        """Redraw instead of saving: one item more, or one filled in from the rubric.

        `aim:0` writes the anchor one point higher into item 0, `use:0:1` its second suggestion.
        """
        if go == "add":
            fresh = self.items[min(self.shown(False), 2)].form
            fresh.aim.data = fresh.aim.data or _aim(draft, fresh.focus.data)
            return True
        verb, _colon, rest = go.partition(":")
        if verb not in ("aim", "use") or not re.fullmatch(r"[0-2](:[0-9])?", rest):
            return False
        entry = self.items[int(rest[0])].form
        dimension = draft.track.dimension(entry.focus.data)
        if dimension is None:
            return False
        if verb == "aim":
            entry.aim.data = _aim(draft, dimension.key)
        elif int(rest[-1]) < len(dimension.practice):
            entry.exercise.data = dimension.practice[int(rest[-1])]
        return True


def _aim(draft: Draft, key: str) -> str:
    """The anchor one point above the score this dimension has."""
    dimension = draft.track.dimension(key)
    return dimension.aim(draft.content.scores.get(key, Seen()).score) if dimension else ""


class ReviewForm(StepForm):
    """Nothing is typed on the last step."""


class RatingForm(FlaskForm):
    """The candidate's four answers about the interviewer."""

    clarity = RadioField(validate_choice=False)
    realism = RadioField(validate_choice=False)
    help = RadioField(validate_choice=False)
    respect = RadioField(validate_choice=False)
    comment = _text(_("Anything else, for the interviewer"), COMMENT_MAX)
    report = _text(_("What happened?"), REPORT_MAX)

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        for key in rules.RATING_KEYS:
            if self[key].data not in POINTS:
                self[key].errors = [gettext("Choose one of the four answers.")]
                good = False
        return good

    def ratings(self) -> dict[str, int]:
        """The four answers as numbers."""
        return {key: int(self[key].data) for key in rules.RATING_KEYS}


FORMS: dict[str, type[StepForm]] = {
    "overall": OverallForm,
    "summary": SummaryForm,
    "practice": PracticeForm,
    "review": ReviewForm,
}
"""Every other step is a dimension."""


def form_of(step: str, draft: Draft) -> StepForm:
    """The step's form: what was posted, or what the draft holds."""
    form = FORMS.get(step, DimensionForm)(data=stored(step, draft))
    form.prepare(draft)
    return form


def stored(step: str, draft: Draft) -> dict[str, Any]:
    """What the draft holds for this step, in the form's own names."""
    content = draft.content
    if step == "overall":
        chosen = content.recommendation
        return {
            "recommendation": str(chosen) if chosen else "",
            "reason": content.reason_for_difference,
        }
    if step == "summary":
        return {
            "summary": content.summary,
            "strengths": [*content.strengths, "", "", ""][:3],
            "organiser_note": content.organiser_note,
        }
    if step == "practice":
        items = content.practice or (suggested(draft),)
        filled = [*items, Practice(), Practice()][:3]
        return {"items": [{name: getattr(i, name) for name in Practice.__slots__} for i in filled]}
    if step == "review":
        return {}
    seen = content.scores.get(step, Seen())
    point = NONE if seen.not_observed else str(seen.score or "")
    return {"evidence": seen.evidence, "score": point}


def suggested(draft: Draft) -> Practice:
    """The first item to practise: the lowest scored dimension, aiming one point higher."""
    scores = draft.content.scores
    scored = [d for d in draft.track.dimensions if scores.get(d.key, Seen()).score is not None]
    lowest = min(scored, key=lambda d: scores[d.key].score or 0, default=draft.track.dimensions[0])
    return Practice(focus=lowest.key, aim=lowest.aim(scores.get(lowest.key, Seen()).score))
