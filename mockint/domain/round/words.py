"""What a candidate without a match reads of a round."""

from __future__ import annotations

from mockint.domain.errors import N_
from mockint.domain.matching import Words
from mockint.domain.round.reasons import Kind, Reason

FEW = 12
"""Up to so many competitors are a number one can picture; more are told as a market."""


def unmatched(
    reason: Reason, *, priority: int, about: str, asked: int, offered: int
) -> Words | None:
    """Why there is no match; None when nobody suits, since the first emptying filter says more.

    `asked` candidates want what is called `about` (a track), for which `offered` interviews were
    on offer.
    """
    if reason.kind is Kind.NOBODY_SUITS:
        return None
    if reason.kind is Kind.NO_COMMON_TIME:
        one = N_("One interviewer suits you, but offered no time inside the times you marked.")
        many = N_(
            "%(count)s interviewers suit you, but none offered a time inside the times you marked."
        )
        return Words(one if reason.suited == 1 else many, {"count": reason.suited})
    if reason.kind is Kind.NO_PLACE:
        return Words(N_("Who suits you had no interview left to give at the times you marked."), {})
    return _block(reason, priority, about, asked, offered)


def _block(reason: Reason, priority: int, about: str, asked: int, offered: int) -> Words:
    before = reason.lowest > priority
    if reason.rivals > FEW:
        market = {"about": about, "asked": asked, "offered": offered}
        if before:
            return Words(
                N_(
                    "%(about)s: %(asked)s asked, %(offered)s interviews offered. Everyone who could"
                    " have made room for you has a higher priority."
                ),
                market,
            )
        return Words(N_("%(about)s: %(asked)s asked, %(offered)s interviews offered."), market)
    if reason.rivals == 1:
        one = N_(
            "You and one other person could take only one interview, and their priority is not"
            " lower than yours."
        )
        return Words(one, {})
    return Words(
        N_(
            "You and %(count)s others could take only %(count)s interviews, and none of them has a"
            " lower priority."
        ),
        {"count": reason.rivals},
    )
