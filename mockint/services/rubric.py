"""Publishing rubric sets: once, and never changed afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import select

from mockint.db import db, transaction
from mockint.domain import rubric
from mockint.domain.errors import N_, Conflict
from mockint.models import RubricSet
from mockint.services import audit


def publish_default(*, now: datetime) -> RubricSet:
    """Publish the set that comes with mockint; once it is there, nothing happens."""
    text = files("mockint").joinpath("data", "rubrics.json").read_text(encoding="utf-8")
    return publish(json.loads(text), now=now)


def publish(content: Mapping[str, Any], *, now: datetime, by: int | None = None) -> RubricSet:
    """Publish a set under its key and version; InvalidRubric when it breaks a loader rule.

    The same content again is the same row; other content under a published version is refused,
    because feedback was given on that text.
    """
    parsed = rubric.parse(content)
    digest = rubric.content_hash(content)
    with transaction():
        found = db.session.scalar(
            select(RubricSet).where(
                RubricSet.key == parsed.key, RubricSet.version == parsed.version
            )
        )
        if found is None:
            found = RubricSet(
                key=parsed.key,
                version=parsed.version,
                content=dict(content),
                content_hash=digest,
                published_at=now,
            )
            db.session.add(found)
            db.session.flush()
            audit.record("rubric.publish", f"rubric_set:{found.id}", by=by, now=now)
        elif found.content_hash != digest:
            raise Conflict(
                N_(
                    "Version %(version)s of the rubric set %(key)s is published with other "
                    "content. Raise the version."
                ),
                version=parsed.version,
                key=parsed.key,
            )
    return found
