"""Organisers change the community's settings, each change with an audit row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from mockint.db import db, transaction
from mockint.domain.community import Community, checked
from mockint.domain.errors import N_, Invalid
from mockint.models import CommunitySetting
from mockint.queries import safety
from mockint.queries.community import current
from mockint.services import audit


def change(values: Mapping[str, Any], *, by: int, now: datetime) -> list[str]:
    """Set the given settings; returns the names that really changed.

    Unknown names are a mistake of the caller, unusable values an `Invalid` naming the field.
    """
    unknown = set(values) - {f.name for f in fields(Community)}
    if unknown:
        raise ValueError(f"no such settings: {sorted(unknown)}")
    with transaction():
        before = current()
        after = checked(before, values)
        if after.safety_person_id not in (before.safety_person_id, 0):
            _require_organiser(after.safety_person_id)
        changed = [name for name in values if getattr(before, name) != getattr(after, name)]
        for name in changed:
            value = getattr(after, name)
            row = db.session.get(CommunitySetting, name) or CommunitySetting(name=name)
            row.value = list(value) if isinstance(value, tuple) else value
            row.updated_at = now
            db.session.add(row)
            audit.record(
                "setting.change",
                f"setting:{name}",
                by=by,
                now=now,
                before=getattr(before, name),
                after=value,
            )
        return changed


def _require_organiser(person_id: int) -> None:
    if person_id not in safety.eligible():
        raise Invalid("safety_person_id", N_("Choose one of the organisers."))
