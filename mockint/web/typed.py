"""Numbers out of forms and addresses, which anybody may have typed."""

from __future__ import annotations

MOST_DIGITS = 9
"""As many as every number of ours and every row's number fits in."""


def whole(text: str | None) -> int | None:
    """A whole number in plain digits, not below zero; anything else is none."""
    good = text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return int(text) if text and good else None


def revision(text: str | None) -> int:
    """What a form was shown with: 0 before the first save, -1 for what no page was shown with."""
    number = whole(text) if text is not None else 0
    return -1 if number is None else number


def said(text: str | None) -> int | None:
    """As `whole`, told apart from nothing said at all: 0 is what cannot be used."""
    return None if text is None else whole(text) or 0
