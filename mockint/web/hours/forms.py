"""The shape of the hours form: rows of blocks that grow, so it is read by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # not in its stubs yet
from wtforms.validators import InputRequired

from mockint.domain.availability import Blocks, Limits
from mockint.domain.timespan import CELL_MIN
from mockint.web.typed import whole

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS = DAYS[:5]
DEFAULT_BLOCK = ("18:00", "20:00")
MOST_BLOCKS = 8
COUNTS_A_DAY = range(1, 7)
COUNTS_A_WEEK = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20)
NOTICES_MIN = (120, 360, 720, 1440, 2880, 4320, 10080)
BUFFERS_MIN = (0, 15, 30, 45, 60)


def text_of(minutes: int) -> str:
    """Minutes of the day as forms send them: 18:00, 24:00."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


MINUTES = {text_of(minute): minute for minute in range(0, 1441, CELL_MIN)}

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class WeekForm:
    """What was typed: seven rows of blocks in words, the limits, and what is wrong with them."""

    rows: tuple[tuple[Row, ...], ...]
    on: tuple[bool, ...]
    limits: Limits
    errors: tuple[tuple[str, str], ...] = field(default=())
    """(day key or field, sentence)."""

    def weekly(self) -> list[Blocks]:
        """The blocks of the days that are on, as minutes; a day that is off keeps nothing."""
        return [
            tuple((MINUTES[start], MINUTES[end]) for start, end in rows) if on else ()
            for rows, on in zip(self.rows, self.on, strict=True)
        ]

    def usable(self) -> list[Blocks]:
        """The blocks that could be saved, for the preview while others are still being typed."""
        return [tuple(block for block in blocks if block[0] < block[1]) for blocks in self.weekly()]


def from_hours(weekly: Iterable[Blocks], limits: Limits) -> WeekForm:
    """The form as it is first shown."""
    rows = tuple(
        tuple((text_of(start), text_of(end)) for start, end in blocks) for blocks in weekly
    )
    return WeekForm(rows=rows, on=tuple(bool(blocks) for blocks in rows), limits=limits)


def read(form: MultiDict[str, str], limits: Limits) -> WeekForm:
    """What was sent; `limits` are the present ones, kept where a number cannot be used."""
    rows, on, errors = [], [], []
    for key in DAYS:
        known, sent = _blocks(form, f"{key}_start", f"{key}_end")
        if len(known) < sent:
            errors.append((key, _("Choose times from the list, at most eight blocks a day.")))
        switched = f"{key}_on" in form
        if switched and not sent:
            known = [DEFAULT_BLOCK] if form.get("op") in (None, f"add:{key}") else []
        if switched and any(MINUTES[s] >= MINUTES[e] for s, e in known):
            errors.append((key, _("A block ends after it starts; for over midnight use two days.")))
        rows.append(tuple(known))
        on.append(switched and bool(known))
    numbers = {
        "buffer_min": BUFFERS_MIN,
        "notice_min": NOTICES_MIN,
        "per_day": COUNTS_A_DAY,
        "per_week": COUNTS_A_WEEK,
    }
    changed: dict[str, Any] = {}
    for name, allowed in numbers.items():
        number = whole(form.get(name))
        if number is None or number not in {*allowed, getattr(limits, name)}:
            errors.append((name, _("Choose a value from the list.")))
        else:
            changed[name] = number
    return WeekForm(
        rows=tuple(rows),
        on=tuple(on),
        limits=replace(limits, **changed),
        errors=tuple(errors),
    )


def _blocks(form: MultiDict[str, str], start: str, end: str) -> tuple[list[Row], int]:
    """The blocks that can be meant, and how many were sent; a start needs its end."""
    starts, ends = form.getlist(start), form.getlist(end)
    pairs = list(zip(starts, ends, strict=False))[:MOST_BLOCKS]
    return [(s, e) for s, e in pairs if s in MINUTES and e in MINUTES], max(len(starts), len(ends))


def read_blocks(form: MultiDict[str, str]) -> tuple[list[Row], bool]:
    """The blocks of dates that differ, and whether all that was sent could be used."""
    known, sent = _blocks(form, "start", "end")
    return known, len(known) == sent


def edited(week: WeekForm, op: str, form: MultiDict[str, str]) -> WeekForm:
    """The form after "add hours", "remove" or "copy to"; an unknown `op` changes nothing."""
    verb, _colon, rest = op.partition(":")
    key, _colon, index = rest.partition(":")
    if key not in DAYS:
        return week
    day = DAYS.index(key)
    rows, on = [list(blocks) for blocks in week.rows], list(week.on)
    if verb == "add" and len(rows[day]) < MOST_BLOCKS:
        if week.on[day] or not rows[day]:
            rows[day].append(_next_block(rows[day]))
        on[day] = True
    elif verb == "remove" and (place := whole(index)) is not None and place < len(rows[day]):
        del rows[day][place]
        on[day] = on[day] and bool(rows[day])
    return copied(replace(week, rows=tuple(map(tuple, rows)), on=tuple(on)), form)


def copied(week: WeekForm, form: MultiDict[str, str]) -> WeekForm:
    """The form with every "copy to" that was ticked carried out, so that Save does it too."""
    rows, on = list(week.rows), list(week.on)
    for day, key in enumerate(DAYS):
        ticked = set(form.getlist(f"copy_{key}"))
        targets = (ticked & set(DAYS)) | (set(WEEKDAYS) if "weekdays" in ticked else set())
        for target in targets - {key}:
            rows[DAYS.index(target)] = week.rows[day]
            on[DAYS.index(target)] = week.on[day]
    return replace(week, rows=tuple(rows), on=tuple(on))


def _next_block(rows: list[Row]) -> Row:
    """A block after the last one where there is room, else the usual evening."""
    last = max((MINUTES[end] for _start, end in rows), default=None)
    if last is None or last > 1440 - 120:
        return DEFAULT_BLOCK
    start = min(last + 60, 1440 - 60)
    return text_of(start), text_of(min(start + 120, 1440))


class DateForm(FlaskForm):
    """Dates that differ; the blocks are read like those of a day."""

    first_on = DateField(_l("First day"), validators=[InputRequired(_l("Choose the first day."))])
    last_on = DateField(_l("Last day"), validators=[InputRequired(_l("Choose the last day."))])
    kind = RadioField(
        _l("What happens then"),
        choices=[
            SelectChoice("away", _l("No interviews")),
            SelectChoice("hours", _l("These hours instead")),
        ],
        default="away",
        validators=[InputRequired(_l("Choose what happens on these days."))],
    )


class PauseForm(FlaskForm):
    """A break: no new interviews until a date."""

    until = DateField(_l("Interviews again from"), validators=[InputRequired(_l("Choose a date."))])
