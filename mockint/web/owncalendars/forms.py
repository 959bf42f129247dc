"""The shape of the two forms: an address, or a file."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.widgets import FileInput, URLInput

from mockint.web.accounts.forms import Form


class UrlForm(Form):
    """A calendar that is read again and again."""

    url = StringField(_l("Address of the calendar"), widget=URLInput())
    name = StringField(_l("What you call it"))


class UploadForm(Form):
    """A calendar that is read once."""

    file = FileField(
        _l("Calendar file"),
        widget=FileInput(),
        validators=[FileRequired(_l("Choose a calendar file; it often ends in .ics."))],
    )
