"""One page of a long list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from mockint.db import db

SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` are numbers `first` to `last` of the `total` that match."""

    rows: Sequence[Any]
    total: int
    number: int

    @property
    def first(self) -> int:
        """Number of the first row shown; 0 for an empty list."""
        return min((self.number - 1) * SIZE + 1, self.total)

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.number * SIZE, self.total)

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // SIZE))


def page(query: Select[*tuple[Any, ...]], number: int) -> Page:
    """The page of that number; one past the end is the last one."""
    total = (
        db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    )
    number = min(max(1, number), max(1, -(-total // SIZE)))
    rows = db.session.execute(query.limit(SIZE).offset((number - 1) * SIZE)).unique().all()
    return Page(rows=rows, total=total, number=number)
