"""What a proof is asked, and what it found."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Database = Literal["sqlite", "postgresql"]
OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Options:
    """How a proof is to run."""

    database: Database = "sqlite"
    server: str = ""
    """A PostgreSQL server to make the database on; empty starts one."""
    seconds: float | None = None
    """How long the load may last; None: as long as the claim needs."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Bound:
    """What a value must hold against."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        return OPERATORS[self.sign](value, self.limit)

    def __str__(self) -> str:
        return f"{self.sign} {self.limit:g}"


def at_most(limit: float) -> Bound:
    return Bound("<=", limit)


def at_least(limit: float) -> Bound:
    return Bound(">=", limit)


def exactly(limit: float) -> Bound:
    return Bound("=", limit)


@dataclass(frozen=True, slots=True)
class Figure:
    """One value and what it must be."""

    name: str
    value: float
    unit: str = ""
    required: Bound | None = None
    stretch: Bound | None = None
    short: str = ""
    """Why the run was too short to judge this, when it was."""

    @property
    def met(self) -> bool | None:
        """Whether the required bound holds; None: nothing is required, or it was not judged."""
        if self.required is None:
            return None
        held = self.required.holds(self.value)
        return None if self.short and not held else held

    @property
    def stretched(self) -> bool | None:
        return None if self.stretch is None else self.stretch.holds(self.value)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "required": str(self.required or ""),
            "stretch": str(self.stretch or ""),
            "met": self.met,
            "stretched": self.stretched,
            "short": self.short,
        }


@dataclass
class Outcome:
    """What a run found."""

    figures: list[Figure]
    sizes: dict[str, object] = field(default_factory=dict)
    """How large the run was: clients, processes, rows, attempts."""
    notes: list[str] = field(default_factory=list)
    """What a reader must know, and examples of what went wrong."""

    @property
    def passed(self) -> bool:
        return all(figure.met is not False for figure in self.figures)

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "figures": [figure.as_json() for figure in self.figures],
            "sizes": self.sizes,
            "notes": self.notes,
        }
