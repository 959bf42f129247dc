"""The shape of the forms; what the words must be is the domain's business."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # not in its stubs yet
from wtforms.widgets import DateInput, EmailInput, NumberInput, URLInput

from mockint.domain import zones
from mockint.domain.errors import N_, Invalid, Refusal
from mockint.domain.rubric import LANGUAGES, LEVELS, TRACKS
from mockint.web.errors import sentence


class Form(FlaskForm):
    """A form that can be told what a rule said."""

    def refuse(self, refusal: Refusal) -> None:
        """Show the refusal at the field it names, or above all fields."""
        words = sentence(refusal)
        field = self._fields.get(getattr(refusal, "field", ""))
        if field is None:
            self.form_errors.append(words)
        else:
            field.errors = [*field.errors, words]

    def text(self, name: str) -> str:
        """What was typed into a field, never None."""
        return self._fields[name].data or ""


def choices(names: Mapping[str, Any]) -> list[SelectChoice]:
    """Keys and their words, for a field to choose from."""
    return [SelectChoice(value=key, label=_(words)) for key, words in names.items()]


def zone_choices() -> list[SelectChoice]:
    """Every zone, place names readable; the empty one makes a person choose."""
    names = {name: name.replace("_", " ").replace("/", ", ") for name in zones.choices()}
    names = {"": gettext("Choose the nearest city")} | names
    return [SelectChoice(value=key, label=words) for key, words in names.items()]


class ZoneField(SelectField):
    """Zones to choose from; an old name of one is good too."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, choices=zone_choices, validate_choice=False, **kwargs)

    def process_data(self, value: Any) -> None:
        super().process_data(zones.canonical(value) if value else "")


def _many(label: Any, names: Mapping[str, str]) -> SelectMultipleField:
    return SelectMultipleField(label, choices=choices(names), validate_choice=False)


class MailForm(Form):
    """Where a link goes."""

    email = StringField(_("E-mail address"), widget=EmailInput())


class PasswordLoginForm(Form):
    """The other way in."""

    email = StringField(_("E-mail address"), widget=EmailInput(), id="password-email")
    password = PasswordField(_("Password"))


class NewcomerForm(Form):
    """Who somebody is."""

    name = StringField(_("Name"))
    zone = ZoneField(_("Time zone"))


class SignUpForm(NewcomerForm):
    """A new account."""

    wish = RadioField(
        _("What brings you here"),
        choices=choices(
            {
                "practise": _("I want to practise"),
                "interview": _("I want to interview others"),
            }
        ),
        default="practise",
        validate_choice=False,
    )
    email = StringField(_("E-mail address"), widget=EmailInput())
    password = PasswordField(_("Password"))


class NewPasswordForm(Form):
    """A new password, and the present one where there is one."""

    current = PasswordField(_("Present password"))
    password = PasswordField(_("New password"))


class ChangeEmailForm(Form):
    """A new address."""

    email = StringField(_("New e-mail address"), widget=EmailInput())
    current = PasswordField(_("Password"))


class ZoneForm(Form):
    """Where somebody is."""

    zone = ZoneField(_("Time zone"))


class LeaveForm(Form):
    """The last form."""

    reason = TextAreaField(_("What to tell the people whose interview you cancel"))
    sure = BooleanField(_("Delete my account"))


class WishForm(Form):
    """What a candidate prepares for."""

    target_level = RadioField(
        _("Level you prepare for"), choices=choices(LEVELS), validate_choice=False
    )
    tracks = _many(_("Tracks"), TRACKS)
    target_role = StringField(_("Role you prepare for"))
    target_companies = TextAreaField(_("Companies you aim at"))
    interview_on = StringField(_("Date of the real interview"), widget=DateInput())
    languages = _many(_("Languages you can be interviewed in"), LANGUAGES)
    current_employer = StringField(_("Where you work now"))
    goals = TextAreaField(_("What you want from the interviews"))

    def date_of_interview(self) -> date | None:
        """The day, if one was named."""
        typed = self.text("interview_on").strip()
        if not typed:
            return None
        try:
            return date.fromisoformat(typed)
        except ValueError:
            raise Invalid("interview_on", N_("Write the date as year-month-day.")) from None


class VolunteerForm(Form):
    """What a volunteer says."""

    company = StringField(_("Company"))
    title = StringField(_("What you do there"))
    years = StringField(_("Years of work"), widget=NumberInput(min=0, max=60))
    tracks = _many(_("Tracks you can interview"), TRACKS)
    levels = _many(_("Levels you can interview"), LEVELS)
    languages = _many(_("Languages you can interview in"), LANGUAGES)
    bio = TextAreaField(_("A few lines about you"))
    makes_link = BooleanField(_("Make a meeting room for each interview"))
    meeting_link = StringField(_("Meeting link"), widget=URLInput())

    def years_of_work(self) -> int:
        """The number, or a refusal."""
        typed = self.text("years").strip()
        if not (typed.isascii() and typed.isdigit() and len(typed) < 4):
            raise Invalid("years", N_("Write your years of work as a number, 0 to 60."))
        return int(typed)
