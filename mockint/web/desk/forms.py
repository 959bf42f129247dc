"""Shapes of the organiser's forms."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange

from mockint.domain.community import LENGTHS, RANGES, STEPS

REQUIRED = "Fill this in."
WHOLE = "Write a whole number."


def number(name: str, label: str, description: str = "") -> IntegerField:
    """A whole number within the setting's range."""
    least, most = RANGES[name]
    return IntegerField(
        label,
        description=description,
        validators=[
            InputRequired(WHOLE),
            NumberRange(least, most, f"Choose a number from {least} to {most}."),
        ],
    )


class SettingsForm(FlaskForm):
    """Everything an organiser may set; the names are those of `Community`."""

    name = StringField("Community name", validators=[InputRequired(REQUIRED), Length(max=60)])
    contact = EmailField(
        "Contact address", description="Shown at the foot of every page.", validators=[Length(max=254)]
    )
    lengths_min = SelectMultipleField(
        "Interview lengths", coerce=int, choices=[(n, f"{n} minutes") for n in LENGTHS]
    )
    default_length_min = SelectField(
        "Usual length", coerce=int, choices=[(n, f"{n} minutes") for n in LENGTHS]
    )
    step_min = SelectField(
        "Starts lie apart", coerce=int, choices=[(n, f"{n} minutes") for n in STEPS]
    )
    minimum_notice_min = number(
        "minimum_notice_min", "Notice, minutes", "The latest a candidate can book before the start."
    )
    horizon_days = number("horizon_days", "Horizon, days", "How far ahead times can be booked.")
    hold_min = number("hold_min", "Hold, minutes", "How long a chosen time waits to be booked.")
    max_upcoming = number("max_upcoming", "Upcoming interviews a candidate may have")
    cutoff_reschedule_min = number(
        "cutoff_reschedule_min",
        "Move until, minutes before",
        "Binds candidates and interviewers, not organisers.",
    )
    cutoff_cancel_min = number("cutoff_cancel_min", "Cancel until, minutes before")
    reminders_min = StringField(
        "Reminders, minutes before",
        description="Separated by commas, such as 1440, 60. Empty: none.",
        validators=[Length(max=60)],
    )
    feedback_deadline_hours = number("feedback_deadline_hours", "Feedback deadline, hours after")
    feedback_hold_min = number(
        "feedback_hold_min", "Feedback can be reopened for, minutes", "Then it is sealed."
    )
    rating_window_hours = number(
        "rating_window_hours",
        "Release without a rating after, hours",
        "Earlier when the candidate has rated the interviewer.",
    )


class DecisionForm(FlaskForm):
    """What happens to a volunteer's application."""

    note = TextAreaField(
        "Note to the volunteer",
        description="They read it word for word. Needed to send back or decline.",
        validators=[Length(max=1000, message="Use at most 1,000 characters.")],
    )


class InviteForm(FlaskForm):
    """An invitation to volunteer."""

    email = EmailField("E-mail address", validators=[InputRequired(REQUIRED), Length(max=254)])
    name = StringField("Name", validators=[Length(max=80)])


class ReasonForm(FlaskForm):
    """Why an organiser cancels."""

    reason = TextAreaField(
        "What to tell both sides",
        validators=[InputRequired("Say why; both sides read it."), Length(max=500)],
    )
