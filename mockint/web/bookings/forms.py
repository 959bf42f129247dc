"""The shape of what the booking pages send."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import ValidationError

from mockint.domain.booking import clean_reason
from mockint.domain.errors import Invalid
from mockint.web.errors import sentence


class CancelForm(FlaskForm):
    """Why an interview is cancelled; the other side reads it."""

    reason = TextAreaField(_l("Why do you cancel?"))

    def validate_reason(self, field: TextAreaField) -> None:
        """The words as the mail will have them, or why they cannot be used."""
        try:
            field.data = clean_reason(field.data or "")
        except Invalid as refusal:
            raise ValidationError(sentence(refusal)) from refusal
