"""The JSON request of `mockint slots preview -`: read exactly, or refused by field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockint.domain.errors import Invalid
from mockint.domain.slots_preview import format_start, parse_preview_request, read_preview

REQUEST: dict[str, Any] = {
    "tz": "Europe/Berlin",
    "weekly_hours": {"mon": [["09:00", "11:00"]], "sun": [["22:00", "24:00"]]},
    "overrides": {"2026-11-30": [], "2026-12-02": [["10:00", "11:00"]]},
    "duration_min": 60,
    "step_min": 30,
    "window_start_utc": "2026-11-23T00:00Z",
    "window_end_utc": "2026-12-07T00:00:00Z",
}


def with_field(**changes: object) -> dict[str, Any]:
    return {**REQUEST, **changes}


def answer(data: dict[str, Any]) -> list[str]:
    return [format_start(start) for start in read_preview(json.dumps(data)).starts()]


def test_a_request_is_answered_in_utc_minutes() -> None:
    assert answer(REQUEST) == [
        "2026-11-23T08:00Z",
        "2026-11-23T08:30Z",
        "2026-11-23T09:00Z",
        "2026-11-29T21:00Z",
        "2026-11-29T21:30Z",
        "2026-11-29T22:00Z",
        "2026-12-02T09:00Z",
        "2026-12-06T21:00Z",
        "2026-12-06T21:30Z",
        "2026-12-06T22:00Z",
    ]


def test_overrides_may_be_left_out_and_blocks_may_overlap() -> None:
    data = with_field(weekly_hours={"mon": [["10:00", "11:00"], ["09:00", "10:15"]]})
    del data["overrides"]
    assert answer(data)[:3] == ["2026-11-23T08:00Z", "2026-11-23T08:30Z", "2026-11-23T09:00Z"]


def test_an_old_name_of_a_zone_is_a_name() -> None:
    old, new = (with_field(tz=name) for name in ("Asia/Katmandu", "Asia/Kathmandu"))
    assert answer(old) == answer(new) != []


def test_an_empty_window_has_no_slots() -> None:
    assert answer(with_field(window_end_utc=REQUEST["window_start_utc"])) == []


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("tz", with_field(tz=None)),
        ("tz", with_field(tz="Mars/Base")),
        ("tz", with_field(tz="europe/berlin")),
        ("tz", with_field(tz="../../etc/passwd")),
        ("tz", with_field(tz="posix/Europe/Berlin")),
        ("tz", with_field(tz="localtime")),
        ("weekly_hours", with_field(weekly_hours=[])),
        ("weekly_hours.monday", with_field(weekly_hours={"monday": []})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": None})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": ["09:00", "10:00"]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["09:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["09:00", "10:00", "11:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["9:00", "10:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["09:05", "10:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["09:00", "24:15"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["09:00", "25:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["09:00", "10:60"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["10:00", "09:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["10:00", "10:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["22:00", "00:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["24:00", "24:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["09:00", "10:00\n"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [["٠٩:00", "10:00"]]})),
        ("weekly_hours.mon", with_field(weekly_hours={"mon": [[9, 10]]})),
        ("overrides", with_field(overrides=None)),
        ("overrides.2026-02-30", with_field(overrides={"2026-02-30": []})),
        ("overrides.20261130", with_field(overrides={"20261130": []})),
        ("overrides.2026-W48-1", with_field(overrides={"2026-W48-1": []})),
        ("overrides.2026-11-30", with_field(overrides={"2026-11-30": None})),
        ("duration_min", with_field(duration_min=True)),
        ("duration_min", with_field(duration_min="60")),
        ("duration_min", with_field(duration_min=60.0)),
        ("duration_min", with_field(duration_min=0)),
        ("duration_min", with_field(duration_min=-15)),
        ("duration_min", with_field(duration_min=50)),
        ("step_min", with_field(step_min=10**30)),
        ("step_min", with_field(step_min=None)),
        ("window_start_utc", with_field(window_start_utc="2026-11-23T00:00")),
        ("window_start_utc", with_field(window_start_utc="2026-11-23T00:00+00:00")),
        ("window_start_utc", with_field(window_start_utc="2026-11-23 00:00Z")),
        ("window_start_utc", with_field(window_start_utc="2026-11-23T24:00Z")),
        ("window_start_utc", with_field(window_start_utc="2026-11-23T00:00:60Z")),
        ("window_start_utc", with_field(window_start_utc="2026-11-23T00:00:00.5Z")),
        ("window_start_utc", with_field(window_start_utc="2026-02-30T00:00Z")),
        ("window_start_utc", with_field(window_start_utc=1795392000)),
        ("window_end_utc", with_field(window_end_utc="2026-11-22T23:59Z")),
        ("window_end_utc", with_field(window_end_utc="2099-01-01T00:00Z")),
        ("window_end_utc", with_field(window_end_utc="9999-12-31T23:59Z")),
        ("timezone", with_field(timezone="UTC")),
        ("input", []),
        ("input", None),
    ],
)
def test_anything_else_is_refused_by_field(field: str, data: object) -> None:
    with pytest.raises(Invalid) as refused:
        parse_preview_request(data)
    assert refused.value.field == field
    assert str(refused.value)


@pytest.mark.parametrize("field", [name for name in REQUEST if name != "overrides"])
def test_a_missing_field_is_named(field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_preview_request({name: value for name, value in REQUEST.items() if name != field})
    assert refused.value.field == field


long_number = '"step_min": ' + "1" * 5000


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("input", ""),
        ("input", "{"),
        ("input", b"\xff\xfe\x00"),
        ("input", "[" * 100_000),
        ("tz", json.dumps(with_field(tz=float("nan")))),
        ("duration_min", json.dumps(with_field(duration_min=float("inf")))),
        ("step_min", json.dumps(with_field(step_min=0)).replace('"step_min": 0', long_number)),
        ("tz", '{"tz": "UTC", "tz": "UTC"}'),
        ("mon", '{"weekly_hours": {"mon": [], "mon": []}}'),
    ],
)
def test_text_that_is_not_one_sound_object_is_refused(field: str, text: str | bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_preview(text)
    assert refused.value.field == field


def test_a_strange_field_name_cannot_write_to_the_terminal() -> None:
    with pytest.raises(Invalid) as refused:
        read_preview(json.dumps({"\x1b[2J\ud800" * 20: 1}))
    assert refused.value.field.isprintable()
    assert refused.value.field.isascii()
    assert len(refused.value.field) <= 60


def more_of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=3)
    return lists | st.dictionaries(st.text(max_size=5), inner, max_size=3)


plain_values = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
)


@given(st.sampled_from(sorted(REQUEST)), st.recursive(plain_values, more_of, max_leaves=6))
def test_no_value_makes_it_fall_over(field: str, value: object) -> None:
    at_fault = ""
    try:
        read_preview(json.dumps(with_field(**{field: value}))).starts()
    except Invalid as refused:
        at_fault = refused.field
    assert at_fault.split(".")[0] in {field, "window_end_utc", ""}
