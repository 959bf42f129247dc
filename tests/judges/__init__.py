"""Programs nobody here wrote judge what mockint sends and how it takes answers.

`bin/judges` runs them, apart from the tests: they are Debian packages and need a minute or two.
What they are shown comes from the product itself: `story.Story` books, moves and cancels through
the services, and its relay hands the mails to a mail server. Everything runs on loopback, in a
folder of its own, and is ended by whoever started it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that must be true, and what the judge said about it."""

    claim: str
    holds: bool
    said: str = ""


def equal(claim: str, found: object, expected: object) -> Claim:
    """Holds when the judge found just that."""
    said = f"{found}" if found == expected else f"{found}, not {expected}"
    return Claim(claim, found == expected, said)
