"""The shape of the forms of rounds; what may stand in them is the domain's business."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.widgets import DateInput, TimeInput

from mockint.domain import timespan, zones
from mockint.domain.errors import N_, Invalid
from mockint.domain.round.plan import Plan
from mockint.domain.rubric import TRACKS
from mockint.queries import community as community_query
from mockint.queries.round import Card
from mockint.web import presenters
from mockint.web.accounts.forms import Form, choices
from mockint.web.typed import whole


def _lengths() -> list[Any]:
    lengths = community_query.current().lengths_min
    return choices({str(each): presenters.duration(each) for each in lengths})


class ClosingForm(Form):
    """Until when candidates ask, by the wall clock of the round's zone."""

    closes_on = StringField(_l("Candidates ask until"), widget=DateInput())
    closes_at = StringField(_l("Time"), widget=TimeInput())

    def closing(self, zone: str) -> datetime:
        """The instant, or a refusal at the field at fault."""
        on = _date("closes_on", self.text("closes_on"))
        return instant(zone, on, _time("closes_at", self.text("closes_at")))


class PlanForm(ClosingForm):
    """A round as an organiser plans it; the names are those of `Plan`."""

    name = StringField(_l("Name of the round"))
    first_on = StringField(_l("First day"), widget=DateInput())
    last_on = StringField(_l("Last day"), widget=DateInput())
    duration_min = SelectField(
        _l("Length of an interview"), choices=_lengths, validate_choice=False
    )
    tracks = SelectMultipleField(_l("Tracks"), choices=choices(TRACKS), validate_choice=False)

    @classmethod
    def of(cls, card: Card) -> Self:
        """The form with what was planned."""
        closes = presenters.local(card.closes_at, card.zone)
        return cls(
            data={
                "name": card.name,
                "first_on": card.first_on.isoformat(),
                "last_on": card.last_on.isoformat(),
                "closes_on": closes.date().isoformat(),
                "closes_at": f"{closes:%H:%M}",
                "duration_min": str(card.duration_min),
                "tracks": list(card.tracks),
            }
        )

    def plan(self, zone: str) -> Plan:
        """What was typed; raises `Invalid` for what is no date, time or number."""
        return Plan(
            name=self.text("name"),
            zone=zone,
            first_on=_date("first_on", self.text("first_on")),
            last_on=_date("last_on", self.text("last_on")),
            closes_at=self.closing(zone),
            duration_min=whole(self.text("duration_min")) or 0,
            tracks=tuple(self.tracks.data or ()),
        )


def _date(field: str, text: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(field, N_("Write the date as year-month-day.")) from None
    if found.year not in range(2000, 2200):
        raise Invalid(field, N_("Choose a day of these years."))
    return found


def _time(field: str, text: str) -> time:
    hours, colon, minutes = text.strip().partition(":")
    hour, minute = whole(hours), whole(minutes)
    if not colon or hour is None or minute is None or hour > 23 or minute > 59:
        raise Invalid(field, N_("Write the time as hours and minutes, such as 18:00."))
    return time(hour, minute)


def instant(zone: str, on: date, at: time) -> datetime:
    """When the clock there shows this; the first time of two, the next minute of none."""
    minute = at.hour * 60 + at.minute
    found = zones.wall_intervals(zone, on, minute, 1440)
    if not found:
        return datetime.combine(on, at, tzinfo=UTC)
    return timespan.at_second(found[0][0])
