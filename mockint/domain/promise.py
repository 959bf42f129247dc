"""An interview is promised for a time on the interviewer's wall; new zone rules may move it there.

The instant is what both calendars show, so it stays until somebody says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from mockint.domain import zones
from mockint.domain.timespan import at_second, seconds_of


@dataclass(frozen=True, slots=True)
class Promise:
    """What was said, beside the instant it was said of."""

    zone: str
    wall_start: str
    """YYYY-MM-DDTHH:MM, as `zones.wall_text` writes it."""
    start: datetime

    @property
    def now_reads(self) -> str:
        """What the wall will read at the instant, by the rules in force."""
        return zones.wall_text(self.zone, self.start)

    @property
    def is_kept(self) -> bool:
        return self.now_reads == self.wall_start

    @property
    def said(self) -> datetime:
        """The promised wall time, naive."""
        return datetime.fromisoformat(self.wall_start)

    @property
    def promised_start(self) -> datetime | None:
        """The instant at which the wall reads what was promised, by the rules in force.

        None for a time that is skipped now; of one that comes twice the nearer to the instant.
        """
        return _instant(self.zone, self.said.date(), self.said.time(), near=self.start)


def _instant(zone: str, day: date, at: time, *, near: datetime) -> datetime | None:
    minute = at.hour * 60 + at.minute
    starts = [first for first, _ in zones.wall_intervals(zone, day, minute, minute + 1)]
    centre = seconds_of(near)
    nearest = min(starts, key=lambda second: abs(second - centre), default=None)
    return None if nearest is None else at_second(nearest)
