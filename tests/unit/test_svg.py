"""Drawings are pure functions: places on the ruler follow the zones, words are escaped."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from mockint.web import svg

START = datetime(2026, 11, 26, 13, 0, tzinfo=UTC)


def ruler(start: datetime = START, hours: float = 1, **changes: object) -> str:
    values: dict[str, object] = {
        "start": start,
        "end": start + timedelta(hours=hours),
        "reader_zone": "Asia/Kathmandu",
        "reader_label": "You, Kathmandu",
        "top": "18:45 to 19:45",
        "alt": "18:45 Kathmandu, 14:00 Berlin",
        "other_zone": "Europe/Berlin",
        "other_label": "Jonas, Berlin",
        "bottom": "14:00 to 15:00",
    }
    return str(svg.double_ruler(**{**values, **changes}))  # type: ignore[arg-type]  # mixed values


def block(drawing: str, name: str = "booked") -> tuple[float, float]:
    found = re.search(rf'slot-{name}" x="([\d.]+)%" width="([\d.]+)%"', drawing)
    assert found is not None
    return float(found[1]), float(found[2])


def hours(drawing: str) -> list[tuple[float, str]]:
    found = re.findall(r'class="hour[^"]*" x="([\d.]+)%"[^>]*>(\d\d)<', drawing)
    return [(float(place), words) for place, words in found]


def test_the_block_stands_at_the_readers_hour() -> None:
    left, width = block(ruler())
    assert (left, width) == (78.12, 4.17)  # 18:45 of 24 hours, one hour wide


def test_the_other_clock_is_shifted_by_the_quarter_hours_of_the_zones() -> None:
    # Berlin's midnight is 04:45 in Kathmandu.
    assert (19.79, "00") in hours(ruler())


def test_no_hour_is_printed_under_the_block() -> None:
    left, width = block(ruler(datetime(2026, 11, 26, 12, 15, tzinfo=UTC)))  # 18:00 Kathmandu
    assert not [
        place
        for place, _ in hours(ruler(datetime(2026, 11, 26, 12, 15, tzinfo=UTC)))
        if left <= place <= left + width
    ]


def test_a_day_of_a_clock_change_is_as_long_as_it_is() -> None:
    start = datetime(2027, 3, 28, 10, 0, tzinfo=UTC)  # noon of 23 hours in Berlin
    drawing = ruler(start, reader_zone="Europe/Berlin", other_zone="UTC")
    assert block(drawing) == (47.83, 4.35)  # 11 of 23 hours


def test_a_span_past_midnight_is_cut_at_the_end_of_the_day() -> None:
    left, width = block(ruler(datetime(2026, 11, 26, 17, 45, tzinfo=UTC)))  # 23:30 Kathmandu
    assert left + width == 100


def test_a_move_shows_the_old_place_dashed() -> None:
    drawing = ruler(old=(START - timedelta(hours=4), START - timedelta(hours=3)))
    assert block(drawing, "ghost")[0] < block(drawing)[0]


def test_words_are_escaped() -> None:
    assert "<script>" not in ruler(reader_label="<script>", alt='"<script>')


def test_nothing_is_styled_inline() -> None:
    drawings = [
        ruler(),
        str(svg.week_bar([(540, 630)], [(540, 600)], "Tuesday")),
        str(svg.chart([2, None, 3], "Verification", estimate=[2, 2.5, 3], band=[(1, 3)] * 3)),
    ]
    for drawing in drawings:
        assert "style=" not in drawing
        assert "viewBox" not in drawing.replace('viewBox="0 0 100 100" preserve', "")


def test_the_week_bar_starts_at_six_unless_somebody_is_open_before() -> None:
    assert ">00<" not in svg.week_bar([(540, 630)], [], "")
    assert ">00<" in svg.week_bar([(300, 420)], [], "")


def test_a_chart_marks_the_latest_score() -> None:
    drawing = svg.chart([2, 3, None], "Verification")
    assert drawing.count('class="dot dot-last" cx="51%"') == 1
    assert "estimate" not in drawing


def test_dates_never_touch_and_the_latest_one_stands() -> None:
    drawing = svg.chart_dates([f"{day} Nov" for day in range(1, 21)])
    places = sorted(float(x) for x in re.findall(r'x="([\d.]+)%"', drawing))
    assert "20 Nov" in drawing
    assert all(later - earlier >= 15 for earlier, later in pairwise(places))


def test_heat_has_five_steps_and_none() -> None:
    assert [svg.heat_level(count, 12) for count in (0, 1, 3, 6, 9, 12)] == [0, 1, 2, 3, 4, 5]
    assert svg.heat_level(1, 1) == 1


def test_prices_that_lead_to_the_same_are_one_dot() -> None:
    drawn = svg.load_curve(
        [(41, 67.5, "0", False), (22, 66, "2", True), (22, 66, "5", False), (0, 64, "10", False)],
        across="idle",
        up="quality",
        alt="Quality against idle",
    )
    assert drawn.count("<circle") == 3
    assert drawn.count('class="curve"') == 2
    assert '<circle class="chosen" cx="54.93%"' in drawn
    assert ">2, 5</text>" in drawn
    assert '<circle class="dot" cx="92%" cy="18%"' in drawn
    assert '<circle class="dot" cx="12%" cy="76%"' in drawn


def test_prices_without_a_difference_are_a_flat_line() -> None:
    drawn = svg.load_curve(
        [(0, 57, "0", True), (0, 57, "2", False)], across="idle", up="quality", alt="Flat"
    )
    assert drawn.count("<circle") == drawn.count('class="grid"') == 1
    assert 'class="curve"' not in drawn
