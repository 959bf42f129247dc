"""Shapes of the organiser's forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import EmailInput

from mockint.domain.account import clean_text
from mockint.domain.booking import LONGEST_REASON
from mockint.domain.community import LENGTHS, RANGES, STEPS
from mockint.domain.errors import Invalid
from mockint.web import presenters
from mockint.web.accounts.forms import Form, choices
from mockint.web.errors import sentence

DAY = 1440
NOTICES = (0, 60, 120, 240, 360, 720, DAY, 2 * DAY, 3 * DAY, 7 * DAY)
"""Minutes before the start that a select offers."""
REMINDERS = (15, 30, 60, 120, 180, 720, DAY, 2 * DAY, 3 * DAY, 7 * DAY)


class Whole(IntegerField):
    """A whole number, refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            self.data = None
            raise ValueError(gettext("Write a whole number."))
        self.data = int(text)


class Minutes(SelectField):
    """A length of time to choose from; a present value that is not on the list stays on offer."""

    def __init__(self, label: Any, offered: Iterable[int], **kwargs: Any) -> None:
        super().__init__(label, coerce=int, validate_choice=False, choices=[], **kwargs)
        self.offered = tuple(offered)

    def post_process(self, formdata: Any = None) -> None:
        super().post_process(formdata)  # type: ignore[misc]  # not in its stubs yet
        self.choices = _offered({*self.offered, *([] if self.data is None else [self.data])})

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = _minutes(valuelist[:1])[0] if valuelist else None
        if self.data is None:
            raise ValueError(gettext("Choose one from the list."))


class ManyMinutes(SelectMultipleField):
    """Several lengths of time; the present ones stay on offer."""

    def __init__(self, label: Any, offered: Iterable[int], **kwargs: Any) -> None:
        super().__init__(label, coerce=int, validate_choice=False, choices=[], **kwargs)
        self.offered = tuple(offered)

    def post_process(self, formdata: Any = None) -> None:
        super().post_process(formdata)  # type: ignore[misc]  # not in its stubs yet
        self.choices = _offered({*self.offered, *(self.data or ())})

    def process_formdata(self, valuelist: list[str]) -> None:
        found = _minutes(valuelist)
        self.data = [minutes for minutes in found if minutes is not None]
        if None in found:
            raise ValueError(gettext("Choose from the list."))


def _offered(minutes: Iterable[int]) -> Any:
    return choices({str(each): presenters.duration(each) for each in sorted(minutes)})


def _minutes(texts: Iterable[str]) -> list[int | None]:
    return [
        int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
        for text in texts
    ]


def _number(name: str, label: Any) -> Whole:
    """A whole number; the range is the domain's, and said in the hint."""
    least, most = RANGES[name]
    return Whole(label, description=_("%(least)s to %(most)s", least=least, most=most))


class SettingsForm(Form):
    """Everything an organiser may set; the names are those of `Community`."""

    name = StringField(_("Community name"))
    contact = StringField(_("Contact address"), widget=EmailInput())
    lengths_min = ManyMinutes(_("Interview lengths"), LENGTHS)
    default_length_min = Minutes(_("Usual length"), LENGTHS)
    step_min = Minutes(_("Starts lie apart"), STEPS)
    minimum_notice_min = Minutes(_("Latest booking before the start"), NOTICES)
    horizon_days = _number("horizon_days", _("Can be booked ahead for"))
    hold_min = _number("hold_min", _("A chosen time is held for"))
    max_upcoming = _number("max_upcoming", _("A candidate may have ahead"))
    cutoff_reschedule_min = Minutes(_("Last moment to move, before the start"), NOTICES)
    cutoff_cancel_min = Minutes(_("Last moment to cancel, before the start"), NOTICES)
    reminders_min = ManyMinutes(_("Reminders before the start"), REMINDERS)
    feedback_deadline_hours = _number("feedback_deadline_hours", _("Late after"))
    feedback_hold_min = _number("feedback_hold_min", _("Can be reopened for"))
    rating_window_hours = _number("rating_window_hours", _("Released without a rating after"))


class WeightsForm(Form):
    """How much each part of a match's quality counts; the names are those of `Community`."""

    weight_target_company = _number("weight_target_company", _("A company they named"))
    weight_load = _number("weight_load", _("Few interviews lately"))
    weight_expertise = _number("weight_expertise", _("Practice in this very interview"))
    weight_level_fit = _number("weight_level_fit", _("Years for the level"))
    weight_variety = _number("weight_variety", _("Somebody from elsewhere"))
    weight_zone_comfort = _number("weight_zone_comfort", _("A good hour for them"))


class DecisionForm(Form):
    """What happens to a volunteer's application."""

    note = TextAreaField(_("Note to the volunteer"))


class ApartForm(Form):
    """Whom an organiser keeps apart from somebody, and why."""

    name = StringField(_("Name or e-mail address"))
    reason = TextAreaField(_("Why"))


class InviteForm(Form):
    """An invitation to volunteer."""

    email = StringField(_("E-mail address"), widget=EmailInput())


class ReasonForm(Form):
    """Why an organiser cancels; both sides read it."""

    reason = TextAreaField(
        _("What to tell both sides"), validators=[InputRequired(_("Say in a few words why."))]
    )

    def validate_reason(self, field: TextAreaField) -> None:
        """The words as the mail will have them, or why they cannot be used."""
        try:
            field.data = clean_text("reason", field.data or "", LONGEST_REASON, required=True)
        except Invalid as refusal:
            raise ValidationError(sentence(refusal)) from refusal
