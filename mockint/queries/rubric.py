"""Published rubric sets, parsed once for each content."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from mockint.db import db
from mockint.domain import rubric
from mockint.models import RubricSet

DEFAULT = "default"
_OF_KEY = select(RubricSet).where(RubricSet.key == bindparam("key"))

_parsed: dict[str, rubric.RubricSet] = {}
"""By content hash: a published version never changes, so neither does its parsed form."""


def newest(key: str = DEFAULT) -> RubricSet:
    """The highest published version; LookupError before the first `mockint migrate`."""
    return highest(db.session.scalars(_OF_KEY, {"key": key}).all(), key)


def highest(rows: Sequence[RubricSet], key: str = DEFAULT) -> RubricSet:
    """The same of all versions that were read."""
    if not rows:
        raise LookupError(f"no rubric set {key!r} is published; run `mockint migrate`")
    return max(rows, key=lambda row: rubric.version_key(row.version))


def parsed(row: RubricSet) -> rubric.RubricSet:
    """The rubric set as domain values."""
    found = _parsed.get(row.content_hash)
    if found is None:
        found = _parsed[row.content_hash] = rubric.parse(row.content)
    return found


def current() -> rubric.RubricSet:
    """The newest default set."""
    return parsed(newest())
