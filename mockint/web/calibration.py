"""What calibration says, in words: for interviewers about themselves, for organisers as an aid."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from mockint.domain.calibration.level import (
    DRIFT_FLAG,
    EARLY_UNDER,
    HALO_FLAG,
    INFIT_EXPECTED,
    SILENT_UNDER,
)
from mockint.models import RaterTendency


@dataclass(frozen=True, slots=True)
class Said:
    """One interviewer in one track."""

    severity: str
    notes: tuple[str, ...]
    """Reasons for a talk, if there are any."""


def said(one: RaterTendency, *, own: bool = False) -> Said:
    """In words that describe and do not judge; `own`: to the interviewer."""
    if one.feedbacks < SILENT_UNDER:
        words = ngettext(
            "%(num)s feedback so far; something is said from %(least)s on",
            "%(num)s feedbacks so far; something is said from %(least)s on",
            one.feedbacks,
            least=SILENT_UNDER,
        )
        return Said(words, ())
    words = (own_severity if own else severity)(one.points, one.points_low, one.points_high)
    if one.feedbacks < EARLY_UNDER:
        words = _("%(words)s; early, after %(n)s feedbacks", words=words, n=one.feedbacks)
    return Said(words, tuple(_notes(one)))


def severity(points: float, low: float, high: float) -> str:
    """From points taken away, with their interval: positive is below colleagues."""
    if low > 0.05:
        return _(
            "tends to score %(points)s below colleagues (%(low)s to %(high)s)",
            points=_n(points),
            low=_n(low),
            high=_n(high),
        )
    if high < -0.05:
        return _(
            "tends to score %(points)s above colleagues (%(low)s to %(high)s)",
            points=_n(-points),
            low=_n(-high),
            high=_n(-low),
        )
    return _(
        "scores about as colleagues do (between %(low)s below and %(high)s above)",
        low=_n(max(high, 0.0)),
        high=_n(max(-low, 0.0)),
    )


def own_severity(points: float, low: float, high: float) -> str:
    """The same, said to the interviewer."""
    if low > 0.05:
        return _(
            "You tend to score %(points)s below colleagues (%(low)s to %(high)s)",
            points=_n(points),
            low=_n(low),
            high=_n(high),
        )
    if high < -0.05:
        return _(
            "You tend to score %(points)s above colleagues (%(low)s to %(high)s)",
            points=_n(-points),
            low=_n(-high),
            high=_n(-low),
        )
    return _(
        "You score about as colleagues do (between %(low)s below and %(high)s above)",
        low=_n(max(high, 0.0)),
        high=_n(max(-low, 0.0)),
    )


def _n(points: float) -> str:
    return f"{points:.1f}"


def _notes(one: RaterTendency) -> list[str]:
    found = []
    if one.drift_z is not None and one.drift_z > DRIFT_FLAG:
        found.append(_("Stricter in later interviews than in earlier ones."))
    if one.drift_z is not None and one.drift_z < -DRIFT_FLAG:
        found.append(_("Milder in later interviews than in earlier ones."))
    if one.halo is not None and one.halo > HALO_FLAG:
        found.append(_("Scores inside one feedback are often all the same."))
    least, most = INFIT_EXPECTED
    if one.infit is not None and one.infit > most:
        found.append(_("Scores often differ from what others saw in the same people."))
    if one.infit is not None and one.infit < least:
        found.append(_("Scores differ less between candidates than those of colleagues."))
    return found
