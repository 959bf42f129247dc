"""The shape of what the picker sends; what can be booked is asked of the services."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

YEARS = range(2000, 2200)
HERE = ("track", "level", "length", "who")
"""Fields that the page shows, so that an error can point there."""


class _Sent(FlaskForm):
    """What buttons of our pages send; `extensions.csrf` has looked at the token of every POST."""

    class Meta(FlaskForm.Meta):
        csrf = False


class AskForm(_Sent):
    """Which interview is looked for."""

    track = StringField(validators=[InputRequired(_l("Choose one of the tracks.")), Length(max=40)])
    level = StringField(validators=[InputRequired(_l("Choose one of the levels.")), Length(max=20)])
    length = StringField(
        validators=[Regexp(r"\d{2,3}\Z", message=_l("Choose one of the lengths offered."))]
    )

    @property
    def minutes(self) -> int:
        return int(self.length.data or 0)

    def problems(self) -> list[tuple[str, str | None]]:
        """Every refused field as a sentence and where to mend it, for a summary."""
        return [
            (str(words[0]), f"#{name}" if name in HERE else None)
            for name, words in self.errors.items()
            if words
        ]


def instant(text: str | None) -> datetime:
    """2026-11-26T13:00Z, as the buttons send it."""
    try:
        found = datetime.strptime(text or "", "%Y-%m-%dT%H:%M%z")
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise ValidationError(_("This is no time. Choose one of the times shown."))
    return found.astimezone(UTC)


class MoveForm(_Sent):
    """A new time for a booking."""

    start = StringField(validators=[InputRequired(_l("Choose a time."))])
    at: datetime
    """`start`, once it was found valid."""

    def validate_start(self, field: StringField) -> None:
        self.at = instant(field.data)


class InsteadForm(MoveForm):
    """A time, and with whom; without that with anyone."""

    who = StringField(
        validators=[
            Optional(),
            Regexp(r"\d{1,9}\Z", message=_l("Choose one of the interviewers.")),
        ]
    )

    @property
    def interviewer_id(self) -> int | None:
        return int(self.who.data) if self.who.data else None


class HoldForm(AskForm, InsteadForm):
    """A time chosen in the picker."""

    again = BooleanField()
    key = StringField(
        validators=[
            Optional(),
            Regexp(r"[0-9a-f]{1,64}\Z", message=_l("Reload this page and choose again.")),
        ]
    )
