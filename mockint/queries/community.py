"""The community's settings of the moment."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select

from mockint.db import db
from mockint.domain.community import Community
from mockint.models import CommunitySetting


def current() -> Community:
    """The defaults, overlaid with what an organiser changed; unknown old names are ignored."""
    names = {f.name for f in fields(Community)}
    changed: dict[str, Any] = {
        row.name: tuple(row.value) if isinstance(row.value, list) else row.value
        for row in db.session.scalars(select(CommunitySetting))
        if row.name in names
    }
    return replace(Community(), **changed)
