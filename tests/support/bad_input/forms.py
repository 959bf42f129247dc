"""A form, what it takes, and the cases that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.support.bad_input.fields import Body, Field, Value
from tests.support.world import World

ASIDE = ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x" * 1000)
"""What nobody may be led to."""


class Case(NamedTuple):
    """One thing that is wrong: what changes in the good body, and what may answer."""

    label: str
    changes: Body
    answers: Sequence[int]


@dataclass(frozen=True)
class Form:
    """One form as it stands in the table."""

    endpoint: str
    who: str | None = None
    """Who of `World.people` sends it; None: nobody in particular."""
    fields: Mapping[str, Field] = field(default_factory=dict)
    args: Mapping[str, str] = field(default_factory=dict)
    """Argument of the address to the name of a booking or a person of the world, or to an id."""
    query: str = ""
    stranger: str | None = None
    """Who of the same role this is none of: they get 404."""
    elsewhere: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Other bookings of the same person, for which the good body is refused so."""
    nobody: Sequence[str] = ()
    """Other people for whom the good body is refused with 404."""
    more: Sequence[Case] = ()
    """What is wrong only in combination."""
    prepare: Callable[[World], Body] | None = None
    """Makes what the good body needs; returns values that only then are known."""
    success: int = 303
    changes: bool = True
    """Whether the good body changes any row."""
    token: bool = True
    """Whether our token is asked for."""
    keeps: bool = True
    """Whether a refusal shows again what was typed; a script's own answers need not."""
    empty: Sequence[int] = ()
    """What answers an empty body, where that is no refusal because nothing would change."""
    gone: int | None = 404
    """What answers the good body for a row that is not there; None: it does its work."""
    name: str = ""

    @property
    def id(self) -> str:
        """What the test is called."""
        return f"{self.endpoint}-{self.name}" if self.name else self.endpoint

    def body(self) -> Body:
        """What works."""
        return {name: one.value for name, one in self.fields.items()}

    def cases(self) -> Iterator[Case]:
        """Everything that must be refused."""
        for name, one in self.fields.items():
            for label, value in one.bad():
                yield Case(f"{name}: {label}", {name: value}, one.answers)
            if one.required:
                yield Case(f"{name}: missing", {name: None}, one.answers)
        needed = [one for one in self.fields.values() if one.required]
        if needed:
            nothing: Body = dict.fromkeys(self.fields)
            answers = {answer for one in needed for answer in one.answers}
            yield Case("nothing at all", nothing, self.empty or sorted(answers))
        yield from self._twice()
        yield from self.more

    def _twice(self) -> Iterator[Case]:
        for name, one in self.fields.items():
            bad = next((value for _label, value in one.bad()), None)
            if isinstance(bad, str) and isinstance(one.value, str):
                both: Value = [bad, one.value]
                yield Case(f"{name}: twice, the bad one first", {name: both}, one.answers)
                return
