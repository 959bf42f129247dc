"""Refusals: each one is a plain sentence a person can act on, and an HTTP status."""

from __future__ import annotations

from collections.abc import Mapping


def N_(sentence: str) -> str:  # noqa: N802 - the gettext marker has this name everywhere
    """Mark a sentence for translation; the page that shows it translates it."""
    return sentence


class Refusal(Exception):
    """A rule said no.

    `sentence` is the untranslated text (marked with `N_`), with %(name)s places for `params`.
    """

    status = 422

    def __init__(self, sentence: str, **params: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.params: Mapping[str, object] = params

    def __str__(self) -> str:
        return self.sentence % self.params if self.params else self.sentence


class Invalid(Refusal):
    """Input that cannot be used; `field` names the input at fault."""

    def __init__(self, field: str, sentence: str, **params: object) -> None:
        super().__init__(sentence, **params)
        self.field = field


class NotYours(Refusal):
    """A foreign object answers exactly like a missing one, so that ids give nothing away."""

    status = 404

    def __init__(
        self, sentence: str = N_("There is nothing at this address."), **p: object
    ) -> None:
        super().__init__(sentence, **p)


class Conflict(Refusal):
    """The request was fine a moment ago; the state of things has moved on."""

    status = 409


class SlotTaken(Conflict):
    """Somebody else holds or has booked this time."""


class TooLate(Conflict):
    """A cut-off, a deadline or a minimum notice has passed."""


class TooEarly(Conflict):
    """The moment for this has not come yet."""


class LimitReached(Conflict):
    """A cap (upcoming interviews, interviews a day or a week) is used up."""
