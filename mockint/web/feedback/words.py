"""What is said about written feedback."""

from __future__ import annotations

import re

from flask_babel import gettext as _
from markupsafe import Markup, escape

from mockint.domain.rubric import LEVELS

_QUOTED = re.compile(r"“[^”\n]{2,300}”|\"[^\"\n]{2,300}\"")


def verdict(recommendation: int, level: str) -> str:
    """The recommendation as a sentence to the candidate."""
    level = _(LEVELS[level]).lower()
    return {
        1: _("Not yet at %(level)s level, and that is what practice is for.", level=level),
        2: _("Not yet at %(level)s level.", level=level),
        3: _("Yes. This would pass at %(level)s level today.", level=level),
        4: _("Yes, with ease. This would pass at %(level)s level.", level=level),
    }[recommendation]


def verdict_lead(recommendation: int) -> str | None:
    """What follows from the verdict, where it needs a word."""
    if recommendation <= 2:
        return _("One interview says little; here is what to practise.")
    return _("Consider the next level.") if recommendation == 4 else None


def marked(text: str) -> Markup:
    """The text with what somebody said in it marked; lines are kept."""
    lines = []
    for line in text.splitlines():
        parts, place = [], 0
        for found in _QUOTED.finditer(line):
            parts += [
                escape(line[place : found.start()]),
                Markup('<span class="quote">{}</span>').format(found.group()),
            ]
            place = found.end()
        parts.append(escape(line[place:]))
        lines.append(Markup("").join(parts))
    return Markup("<br>").join(lines)
