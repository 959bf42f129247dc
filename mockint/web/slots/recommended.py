"""Interviewers who suit somebody, as entries of a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from mockint.domain.matching import Request, Suggestion, sentence
from mockint.queries.seekers import Seeker
from mockint.services import suggestions


def entries(
    who: Seeker,
    request: Request,
    *,
    now: datetime,
    page: Callable[[int], str],
    times: Callable[[int], str],
    but: int | None = None,
) -> list[dict[str, Any]]:
    """The best few, without `but`; `page` and `times` are addresses about one interviewer."""
    found = suggestions.recommended(who, request, now=now, but=but)
    return [
        {
            "name": one.volunteer.name,
            "title": one.volunteer.title,
            "why": why(one.suggestion),
            "start": one.suggestion.start,
            "page": page(one.volunteer.interviewer.person_id),
            "url": times(one.volunteer.interviewer.person_id),
            "label": _("Times"),
        }
        for one in found
    ]


def why(one: Suggestion) -> str:
    """The reason in the reader's language."""
    words = sentence(one)
    return str(_(words.sentence, **words.params))


def profile_of(person_id: int) -> str:
    """The page where candidates read about an interviewer."""
    return url_for("slots.interviewer", person_id=person_id)
