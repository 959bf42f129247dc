"""Levels as a calibration might have found them, for tests of what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from mockint.domain.calibration.level import Interval, Level, Visit


def interval(value: float, reach: float = 0.3) -> Interval:
    """`value` plus and minus `reach`, within the scale."""
    return Interval(value, max(1.0, value - reach), min(4.0, value + reach))


def level(
    interviews: Sequence[int],
    dimensions: Mapping[str, Sequence[float]],
    *,
    reach: float = 0.3,
    raters: int = 2,
    fitted: bool = True,
    component: int = 0,
) -> Level:
    """One value a dimension and interview; the mean is known a third better than a dimension."""
    visits = tuple(
        Visit(
            str(booking_id),
            interval(fmean(values[place] for values in dimensions.values()), reach * 2 / 3),
            {key: interval(values[place], reach) for key, values in dimensions.items()},
        )
        for place, booking_id in enumerate(interviews)
    )
    last = visits[-1]
    return Level(last.overall, last.dimensions, visits, len(visits), raters, fitted, component)
