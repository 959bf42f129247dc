"""Kinds of fields, and what nobody may send in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

Value = str | list[str] | tuple[bytes, str] | None
"""What is sent, a file as its content and name; None: the field is not sent at all."""
Body = dict[str, Value]
Bad = tuple[str, Value]
"""What is wrong with it, and the value."""

LONG = 100_000
CONTROLS = {
    "NUL": "\0",
    "BEL": "\a",
    "ESC": "\x1b",
    "U+0085": "\x85",
    "U+202E": "\u202e",
    "U+2028": "\u2028",
}
DIGITS = "9" * 5000
"""More than Python turns into a number without being asked twice."""
NO_NUMBERS = {
    "a word": "one",
    "a superscript": "²",
    "other digits": "٣",
    "a fraction": "1.5",
    "below zero": "-1",
    "2**31": str(2**31),
    "2**63": str(2**63),
    "5000 digits": DIGITS,
    "NUL": "1\0",
}


@dataclass(frozen=True)
class Field:
    """One field: a value that works, whether the form needs it, what it answers when bad."""

    value: Value = ""
    required: bool = False
    answers: Sequence[int] = (422,)
    kept: ClassVar[bool] = False
    """Whether the page of a refusal shows again what was typed here."""

    def bad(self) -> Iterator[Bad]:
        """What must be refused."""
        yield from ()


@dataclass(frozen=True)
class Text(Field):
    """Words of several lines."""

    limit: int = 0
    kept: ClassVar[bool] = True

    def bad(self) -> Iterator[Bad]:
        yield "one character too long", "x" * (self.limit + 1)
        yield f"{LONG} characters", "x" * LONG
        for name, letter in CONTROLS.items():
            yield name, f"Some{letter}words"
        if self.required:
            yield "empty", ""
            yield "only spaces", " \t\r\n "


@dataclass(frozen=True)
class Line(Text):
    """Words on one line."""

    def bad(self) -> Iterator[Bad]:
        yield from super().bad()
        yield "CR LF", "Some\r\nwords"
        yield "LF", "Some\nwords"
        yield "CR", "Some\rwords"


@dataclass(frozen=True)
class Email(Line):
    """An e-mail address."""

    limit: int = 254

    def bad(self) -> Iterator[Bad]:
        yield from super().bad()
        yield "no address", "sanjana"
        yield "too long", f"{'x' * 250}@people.example"
        yield "header injection", "sanjana@people.example\r\nBcc: all@people.example"
        yield "two", "sanjana@people.example, jonas@people.example"


@dataclass(frozen=True)
class Link(Line):
    """An https address."""

    limit: int = 500

    def bad(self) -> Iterator[Bad]:
        yield from super().bad()
        yield "too long", f"https://meet.example/{'x' * 500}"
        for text in ("javascript:alert(1)", "http://meet.example/a", "https://", "https://a b.c"):
            yield text, text


@dataclass(frozen=True)
class NewPassword(Field):
    """A password somebody chooses."""

    def bad(self) -> Iterator[Bad]:
        yield "129 characters", "mV7-" * 32 + "m"
        yield f"{LONG} characters", "mV7-" * (LONG // 4)
        yield "NUL", "long enough\0 to keep"
        yield "short", "mV7-q"
        yield "common", "password1"


@dataclass(frozen=True)
class Secret(Field):
    """A password somebody must know."""

    def bad(self) -> Iterator[Bad]:
        yield "wrong", "not the one that is kept"
        yield f"{LONG} characters", "x" * LONG
        yield "NUL", f"{self.value}\0"


@dataclass(frozen=True)
class Zone(Field):
    """A time zone."""

    def bad(self) -> Iterator[Bad]:
        for text in ("Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe/Berlin\0", ""):
            yield repr(text), text
        yield f"{LONG} characters", "Europe/" * (LONG // 7)


@dataclass(frozen=True)
class Choice(Field):
    """One of what is on offer."""

    def bad(self) -> Iterator[Bad]:
        yield "not on offer", "something-else"
        yield "NUL", f"{self.value}\0"
        yield f"{LONG} characters", "x" * LONG
        if self.required:
            yield "empty", ""


@dataclass(frozen=True)
class Choices(Field):
    """Some of what is on offer."""

    def bad(self) -> Iterator[Bad]:
        good = list(self.value) if isinstance(self.value, list) else []
        yield "one not on offer", [*good, "something-else"]
        yield f"{LONG} characters", ["x" * LONG]
        yield "NUL", [*good, "\0"]


@dataclass(frozen=True)
class Number(Field):
    """A whole number from a range."""

    outside: Sequence[str] = ()

    def bad(self) -> Iterator[Bad]:
        yield from NO_NUMBERS.items()
        for text in self.outside:
            yield f"out of range: {text}", text
        if self.required:
            yield "empty", ""


@dataclass(frozen=True)
class Row(Field):
    """The number of a row; `others` names rows that are there, but not for this."""

    answers: Sequence[int] = (404, 422)

    def bad(self) -> Iterator[Bad]:
        yield from NO_NUMBERS.items()
        yield "no such row", "999999"


@dataclass(frozen=True)
class Revision(Field):
    """What the page was shown with; anything else means that it is out of date."""

    answers: Sequence[int] = (409,)

    def bad(self) -> Iterator[Bad]:
        yield "stale", "999999"
        yield from NO_NUMBERS.items()


@dataclass(frozen=True)
class Day(Field):
    """A date; `outside` are days that are over or too far off."""

    outside: Sequence[str] = ()

    def bad(self) -> Iterator[Bad]:
        no_days = ("tomorrow", "2026-02-30", "2026-13-01", "0000-00-00", "99999-01-01", "2026-12")
        for text in (*no_days, *self.outside, f"{self.value}\0"):
            yield repr(text), text
        yield f"{LONG} characters", "2" * LONG


@dataclass(frozen=True)
class Instant(Field):
    """The start of an interview, as the buttons of the picker say it."""

    answers: Sequence[int] = (409, 422)

    def bad(self) -> Iterator[Bad]:
        yield from {
            "a word": "tomorrow",
            "without a zone": "2026-11-26T10:00",
            "past": "2020-01-06T10:00Z",
            "yesterday": "2026-11-22T10:00Z",
            "within the notice": "2026-11-23T15:00Z",
            "off the grid": "2026-11-26T10:07Z",
            "beyond the horizon": "2027-03-01T10:00Z",
            "year 9999": "9999-12-31T23:45Z",
            "year 1": "0001-01-01T00:00+2359",
            "no such day": "2026-02-30T10:00Z",
            "NUL": "2026-11-26T10:00Z\0",
            "huge": "2" * LONG,
            "empty": "",
        }.items()


@dataclass(frozen=True)
class Flag(Field):
    """A ticked box: only whether it is sent counts."""


@dataclass(frozen=True)
class Aside(Field):
    """Where to go next: what cannot be used there is ignored (see `forms.ASIDE`)."""


def required(field: Field) -> Field:
    """The same field, which the form cannot do without."""
    return replace(field, required=True)
