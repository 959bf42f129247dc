"""Drawings made on the server: rulers, bars and charts as SVG.

Pure functions of plain values. Horizontal places are percentages and vertical ones `rem` or
percentages, without a viewBox, so that a drawing stretches while its text keeps its size.
Colours and strokes come from classes, never from inline styles. Everything runs left to right,
also in right-to-left pages, because time on a ruler does.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from markupsafe import Markup

Moments = tuple[datetime, datetime]
Band = tuple[float, float]

_QUARTER = timedelta(minutes=15)
_NIGHT_FROM, _NIGHT_TO = 22, 7
_EDGE = 14.0  # percent: a centred label nearer to an end than this would be cut on a phone
_CLEAR = 2.4  # percent: half an hour label on a phone

_TOP, _AXIS, _BOTTOM = 1.375, 3.5, 5.625  # rem, the ruler's two halves
_TOP_WORDS, _BOTTOM_WORDS = 0.875, 6.875  # rem, baselines of the words outside them


def double_ruler(
    *,
    start: datetime,
    end: datetime,
    reader_zone: str,
    reader_label: str,
    top: str,
    alt: str,
    other_zone: str | None = None,
    other_label: str = "",
    bottom: str = "",
    state: str = "booked",
    old: Moments | None = None,
) -> Markup:
    """The reader's day from midnight to midnight, with the other side's clock below.

    `start`, `end` and `old` are aware instants. `state` is "booked" or "ghost"; `old` is drawn
    dashed where the hour was before a move. A day of a clock change is as long as it is: its
    hours stand where they fall, and a span that runs past midnight is cut there.
    """
    day = _local_day(start, ZoneInfo(reader_zone))
    left, right = _place(start, day), _place(end, day)
    middle = (left + right) / 2
    parts = [_clock_half(day, ZoneInfo(reader_zone), (left, right), upper=True)]
    if other_zone is not None:
        parts.append(_clock_half(day, ZoneInfo(other_zone), (left, right), upper=False))
    parts.append(
        Markup('<line class="axis" x1="0" x2="100%" y1="{0}rem" y2="{0}rem"/>').format(_AXIS)
    )
    floor = _BOTTOM if other_zone is not None else _AXIS
    if old is not None:
        parts.append(_block(_place(old[0], day), _place(old[1], day), floor, "slot slot-ghost"))
    parts.append(_block(left, right, floor, f"slot slot-{state}"))
    parts.append(_name(reader_label, _TOP_WORDS, at_end=middle < 50))
    parts.append(_caption(top, left, right, _TOP_WORDS))
    if other_zone is not None:
        parts.append(_name(other_label, _BOTTOM_WORDS, at_end=middle < 50))
        parts.append(_caption(bottom, left, right, _BOTTOM_WORDS))
    kind = "ruler" if other_zone is not None else "ruler ruler-single"
    return _svg(kind, alt, parts)


def week_bar(
    open_: Iterable[tuple[int, int]], booked: Iterable[tuple[int, int]], alt: str
) -> Markup:
    """One weekday: open hours and booked hours, as minutes of the day from 0 to 1440.

    Shows 06 to 24, or the whole day when something lies before 06.
    """
    open_, booked = list(open_), list(booked)
    first = 0 if any(begin < 360 for begin, _ in [*open_, *booked]) else 6
    minutes = (24 - first) * 60

    def at(minute: int) -> float:
        return (minute - first * 60) / minutes * 100

    parts = [Markup('<rect class="ground" width="100%" height="100%"/>')]
    for hour in range(first, 24, 3):
        parts.append(
            Markup(
                '<line class="tick" x1="{0}%" x2="{0}%" y2="100%"/>'
                '<text x="{0}%" dx=".25rem" y="70%">{1:02d}</text>'
            ).format(_n(at(hour * 60)), hour)
        )
    for name, spans in (("open", open_), ("booked", booked)):
        for begin, finish in spans:
            parts.append(
                Markup('<rect class="{}" x="{}%" width="{}%" height="100%"/>').format(
                    name, _n(at(begin)), _n(at(finish) - at(begin))
                )
            )
    return _svg("week-bar", alt, parts)


def chart(
    points: Sequence[int | None],
    alt: str,
    *,
    estimate: Sequence[float | None] | None = None,
    band: Sequence[Band | None] | None = None,
    breaks: Sequence[int] = (),
    links: Sequence[tuple[str, str]] = (),
) -> Markup:
    """One dimension over time: scores as given, the estimate's line, its 90 % band.

    All sequences have one entry for each date; None where nothing is known. `breaks` are the
    indexes of the dates before which a new major version of the rubric begins: line and band end
    there and begin anew. `links` make each dot a link (address, name); they stay out of the order
    of the Tab key, as the table beside a chart has the same ones.
    """
    at = _columns(len(points))
    parts = [
        Markup(
            '<text x="0" y="{0}%" dy=".35em" aria-hidden="true">{1}</text>'
            '<line class="{2}" x1="5%" x2="100%" y1="{0}%" y2="{0}%"/>'
        ).format(_n(_height(score)), score, "bar" if score == 3 else "grid")
        for score in (4, 3, 2, 1)
    ]
    edges = [0, *breaks, len(points)]
    shapes = _join(
        _shapes(range(first, last), band or [], estimate or [], at)
        for first, last in pairwise(edges)
    )
    if shapes:
        parts.append(
            Markup(
                '<svg width="100%" height="100%" viewBox="0 0 100 100" preserveAspectRatio="none">'
            )
            + shapes
            + Markup("</svg>")
        )
    for index in breaks:
        middle = (at(index - 1) + at(index)) / 2 if index else 5.0
        parts.append(
            Markup('<line class="break" x1="{0}%" x2="{0}%" y2="100%"/>').format(_n(middle))
        )
    given = [index for index, score in enumerate(points) if score is not None]
    for index in given:
        place = _n(at(index)), _n(_height(points[index] or 0))
        name = "dot dot-last" if index == given[-1] else "dot"
        dot = Markup('<circle class="{}" cx="{}%" cy="{}%" r=".28rem"/>').format(name, *place)
        if links:
            hit = Markup('<circle class="hit" cx="{}%" cy="{}%" r=".75rem"/>').format(*place)
            opening = Markup('<a href="{}" aria-label="{}" tabindex="-1">').format(*links[index])
            dot = opening + hit + dot + Markup("</a>")
        parts.append(dot)
    return _svg("chart", alt, parts, role="group" if links else "img")


def gap_chart(values: Sequence[float | None], alt: str) -> Markup:
    """How far one's own scores lie above (or below) those given, one mean an interview."""
    at = _columns(len(values))
    parts = [
        Markup(
            '<text x="0" y="{0}%" dy=".35em">{1}</text>'
            '<line class="{2}" x1="5%" x2="100%" y1="{0}%" y2="{0}%"/>'
        ).format(_n(_gap_height(mark)), words, "bar" if mark == 0 else "grid")
        for mark, words in ((2, "+2"), (0, "0"), (-2, "−2"))
    ]
    for index, value in enumerate(values):
        if value is not None:
            parts.append(
                Markup('<circle class="dot" cx="{}%" cy="{}%" r=".28rem"/>').format(
                    _n(at(index)), _n(_gap_height(value))
                )
            )
    return _svg("chart", alt, parts)


def tendency(points: Sequence[tuple[float, float, float]], alt: str) -> Markup:
    """How far somebody scored from colleagues over time: (points, low, high), positive above.

    Two points up and down are shown; the line in the middle is what colleagues give.
    """
    at = _columns(len(points))

    def up(value: float) -> float:
        return 50 - 22 * max(-2.0, min(2.0, value))

    parts = [
        Markup(
            '<text x="0" y="{0}%" dy=".35em">{1}</text>'
            '<line class="{2}" x1="8%" x2="100%" y1="{0}%" y2="{0}%"/>'
        ).format(_n(up(value)), f"{value:+d}" if value else "0", "grid" if value else "bar")
        for value in (1, 0, -1)
    ]
    for index, (value, low, high) in enumerate(points):
        x, last = _n(at(index)), index == len(points) - 1
        parts.append(
            Markup(
                '<line class="estimate" x1="{0}%" x2="{0}%" y1="{1}%" y2="{2}%"/>'
                '<circle class="{4}" cx="{0}%" cy="{3}%" r=".28rem"/>'
            ).format(x, _n(up(high)), _n(up(low)), _n(up(value)), "dot dot-last" if last else "dot")
        )
    return _svg("chart", alt, parts)


def chart_dates(dates: Sequence[str]) -> Markup:
    """The dates under a chart, thinned out so that they never touch; the last one always stands."""
    at = _columns(len(dates))
    parts: list[Markup] = []
    free = 101.0
    for index in range(len(dates) - 1, -1, -1):
        if at(index) <= free:
            free = at(index) - 17
            anchor = "end" if at(index) > 92 else "middle"
            place = 100.0 if anchor == "end" else at(index)
            parts.append(
                Markup('<text class="{}" x="{}%" y="1em">{}</text>').format(
                    anchor, _n(place), dates[index]
                )
            )
    return Markup('<svg class="chart-dates" aria-hidden="true">') + _join(parts) + Markup("</svg>")


def load_curve(
    points: Sequence[tuple[float, float, str, bool]], *, across: str, up: str, alt: str
) -> Markup:
    """Prices to choose from: (share in per cent, mean value, name, chosen), joined by a line.

    Those that lead to the same are one dot with several names.
    """
    right = max(*(one[0] for one in points), 1.0)
    low, high = min(one[1] for one in points), max(one[1] for one in points)
    tall = max(high - low, 0.1)
    parts = [
        Markup('<line class="axis" x1="9%" x2="96%" y1="84%" y2="84%"/>'),
        Markup(
            '<text x="0" y="0" dy=".8em">{}</text><text class="middle" x="12%" y="95%">0</text>'
            '<text class="middle" x="52%" y="95%">{}</text>'
            '<text class="middle" x="92%" y="95%">{}</text>'
        ).format(up, across, _n(round(right, 1))),
    ]
    for value in sorted({low, high}):
        parts.append(
            Markup(
                '<line class="grid" x1="9%" x2="96%" y1="{0}%" y2="{0}%"/>'
                '<text x="0" y="{0}%" dy=".35em">{1}</text>'
            ).format(_n(18 + 58 * (high - value) / tall), f"{value:.1f}")
        )
    dots: dict[Band, list[tuple[str, bool]]] = {}
    for x, y, name, chosen in points:
        place = (12 + 80 * x / right, 18 + 58 * (high - y) / tall)
        dots.setdefault(place, []).append((name, chosen))
    for (x1, y1), (x2, y2) in pairwise(sorted(dots)):
        line = Markup('<line class="curve" x1="{}%" y1="{}%" x2="{}%" y2="{}%"/>')
        parts.append(line.format(_n(x1), _n(y1), _n(x2), _n(y2)))
    for (x, y), named in dots.items():
        parts.append(
            Markup(
                '<circle class="{0}" cx="{1}%" cy="{2}%" r=".32rem"/>'
                '<text class="name" x="{1}%" y="{2}%" dy="-.8em">{3}</text>'
            ).format(
                "chosen" if any(chosen for _name_, chosen in named) else "dot",
                _n(x),
                _n(y),
                ", ".join(name for name, _chosen in named),
            )
        )
    return _svg("load", alt, parts)


def heat_level(count: int, highest: int) -> int:
    """0 for none, else one of five steps of equal width up to the highest count of the table."""
    if count <= 0:
        return 0
    return max(1, -(-count * 5 // max(highest, 5)))


def _svg(kind: str, alt: str, parts: Iterable[Markup], *, role: str = "img") -> Markup:
    opening = Markup('<svg class="{}" role="{}" aria-label="{}">').format(kind, role, alt)
    return opening + _join(parts) + Markup("</svg>")


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _n(number: float) -> str:
    """A number short enough for markup: at most two places, no trailing zeros."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _local_day(moment: datetime, zone: ZoneInfo) -> Moments:
    date = moment.astimezone(zone).date()
    midnight = datetime.combine(date, time(), tzinfo=zone)
    following = datetime.combine(date + timedelta(days=1), time(), tzinfo=zone)
    return midnight.astimezone(UTC), following.astimezone(UTC)


def _place(moment: datetime, day: Moments) -> float:
    """Where an instant lies in the day, in percent, cut at both ends."""
    share = (moment - day[0]) / (day[1] - day[0]) * 100
    return min(max(share, 0.0), 100.0)


def _quarters(day: Moments) -> Iterator[datetime]:
    moment = day[0]
    while moment <= day[1]:
        yield moment
        moment += _QUARTER


def _clock_half(day: Moments, zone: ZoneInfo, slot: Band, *, upper: bool) -> Markup:
    low, high = slot[0] - _CLEAR, slot[1] + _CLEAR
    return _join(part for x, part in _scale(day, zone, upper) if x is None or not low < x < high)


@lru_cache(maxsize=512)
def _scale(day: Moments, zone: ZoneInfo, upper: bool) -> tuple[tuple[float | None, Markup], ...]:
    """Nights, ticks and hours of a day; an hour with its place, as a slot may lie over it."""
    edge, sign = (_TOP, -1) if upper else (_AXIS, 1)
    parts: list[tuple[float | None, Markup]] = []
    for begin, finish in _nights(day, zone):
        night = Markup('<rect class="night" x="{}%" width="{}%" y="{}rem" height="{}rem"/>')
        parts.append((None, night.format(_n(begin), _n(finish - begin), edge, _AXIS - _TOP)))
    for moment in _quarters(day):
        local = moment.astimezone(zone)
        if local.minute:
            continue
        x = _place(moment, day)
        labelled = local.hour % 3 == 0
        tick = Markup('<line class="tick" x1="{0}%" x2="{0}%" y1="{1}rem" y2="{2}rem"/>')
        end = _n(_AXIS + sign * (0.625 if labelled else 0.3125))
        parts.append((None, tick.format(_n(x), _AXIS, end)))
        if labelled:
            parts.append((x, _hour(local.hour, x, _AXIS - 1 if upper else _AXIS + 1.625)))
    return tuple(parts)


def _nights(day: Moments, zone: ZoneInfo) -> Iterator[Band]:
    def is_night(moment: datetime) -> bool:
        hour = moment.astimezone(zone).hour
        return hour >= _NIGHT_FROM or hour < _NIGHT_TO

    for night, run in groupby(_quarters((day[0], day[1] - _QUARTER)), is_night):
        moments = list(run)
        if night:
            yield _place(moments[0], day), _place(moments[-1] + _QUARTER, day)


def _hour(hour: int, x: float, y: float) -> Markup:
    names = ["hour"]
    if hour % 6:
        names.append("hour-odd")
    if x < 1.5:
        x = 0
        names.append("start")
    elif x > 98.5:
        x = 100
        names.append("end")
    return Markup('<text class="{}" x="{}%" y="{}rem">{:02d}</text>').format(
        " ".join(names), _n(x), y, hour
    )


def _block(left: float, right: float, floor: float, name: str) -> Markup:
    return Markup('<rect class="{}" x="{}%" width="{}%" y="{}rem" height="{}rem" rx="1"/>').format(
        name, _n(left), _n(max(right - left, 0.5)), _TOP, _n(floor - _TOP)
    )


def _name(words: str, y: float, *, at_end: bool) -> Markup:
    return Markup('<text class="name {}" x="{}%" y="{}rem">{}</text>').format(
        "end" if at_end else "start", 100 if at_end else 0, y, words
    )


def _caption(words: str, left: float, right: float, y: float) -> Markup:
    middle = (left + right) / 2
    if middle < _EDGE:
        name, x = "start", left
    elif middle > 100 - _EDGE:
        name, x = "end", right
    else:
        name, x = "middle", middle
    return Markup('<text class="caption {}" x="{}%" y="{}rem">{}</text>').format(
        name, _n(x), y, words
    )


def _columns(count: int) -> Callable[[int], float]:
    """Places of the dates in percent: even steps, so that every chart of a page lines up."""
    step = 86 / max(count - 1, 1)
    return lambda index: 8 + index * step if count > 1 else 51.0


def _height(score: float) -> float:
    return 10 + (4 - score) * 80 / 3


def _gap_height(gap: float) -> float:
    return 50 - min(max(gap, -3.0), 3.0) * 40 / 3


def _shapes(
    part: range,
    band: Sequence[Band | None],
    values: Sequence[float | None],
    at: Callable[[int], float],
) -> Markup:
    """Band and line over the dates of `part`; nothing for a single one."""
    edges = [(at(i), *pair) for i in part if i < len(band) and (pair := band[i]) is not None]
    shapes = Markup("")
    if len(edges) > 1:
        upper = [f"{_n(x)},{_n(_height(high))}" for x, _, high in edges]
        lower = [f"{_n(x)},{_n(_height(low))}" for x, low, _ in reversed(edges)]
        places = " ".join(upper + lower)
        shapes += Markup('<polygon class="band" points="{}"/>').format(places)
    line = [
        f"{_n(at(i))},{_n(_height(value))}"
        for i in part
        if i < len(values) and (value := values[i]) is not None
    ]
    if len(line) > 1:
        shapes += Markup('<polyline class="estimate" points="{}"/>').format(" ".join(line))
    return shapes
