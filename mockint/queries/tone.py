"""The word lists of the tone check, read once, and what of a feedback was set aside."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from sqlalchemy import select

from mockint.db import db
from mockint.domain import tone
from mockint.domain.feedback import Content
from mockint.domain.tone import Finding, Lists
from mockint.models import ToneDismissal


@cache
def lists() -> tuple[Lists, ...]:
    """One for each file of data/tone, English first."""
    folder = files("mockint").joinpath("data", "tone")
    found = [
        tone.parse(json.loads(one.read_text(encoding="utf-8")))
        for one in folder.iterdir()
        if one.name.endswith(".json")
    ]
    return tuple(sorted(found, key=lambda one: (one.language != "en", one.language)))


def findings(content: Content) -> list[Finding]:
    """What the check says to all that is written, set aside or not."""
    return tone.findings(content, lists())


def dismissals(feedback_id: int) -> Sequence[ToneDismissal]:
    """What the author set aside and why, the oldest first."""
    query = select(ToneDismissal).where(ToneDismissal.feedback_id == feedback_id)
    return db.session.scalars(query.order_by(ToneDismissal.id)).all()


def key_of(row: ToneDismissal) -> tuple[str, str, str, str]:
    """Which finding it is about; see `Finding.key`."""
    return row.step, row.field, row.kind, row.words.casefold()
