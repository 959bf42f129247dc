"""The shape of what the booking pages send."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from mockint.domain.booking import LONGEST_REASON


class CancelForm(FlaskForm):
    """Why an interview is cancelled; the other side reads it."""

    reason = TextAreaField(
        _l("Why do you cancel?"),
        filters=[lambda text: text.replace("\r\n", "\n") if text else text],
        validators=[
            InputRequired(_l("Say in a few words why; the other side reads it.")),
            Length(max=LONGEST_REASON, message=_l("Use at most %(max)d characters.")),
        ],
    )

    def validate_reason(self, field: TextAreaField) -> None:
        if any(ord(letter) < 32 and letter != "\n" for letter in field.data or ""):
            raise ValidationError(_("Some characters cannot be used here. Type it again."))
