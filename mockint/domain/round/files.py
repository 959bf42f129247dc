"""The neutral file of a round (docs/rounds-files.md): JSON in, an instance or a refusal out."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from itertools import chain
from typing import Any, NoReturn

import numpy as np

from mockint.domain.errors import N_, Invalid
from mockint.domain.round.instance import DAY, Capacity, Instance, IntArray, Request, Span, build

LARGEST = 10**6
"""Of durations, gaps, caps, qualities and wants."""
LARGEST_PRIORITY = 10**9
_MAGIC = b"\x1f\x8b"


def load(raw: bytes) -> Instance:
    """The instance in a file, plain or gzipped."""
    return read(decoded(raw))


def decoded(raw: bytes) -> object:
    """The JSON of a file, plain or gzipped; raises `Invalid` for anything else."""
    try:
        text = gzip.decompress(raw) if raw[:2] == _MAGIC else raw
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("input", N_("This is not JSON in UTF-8: %(why)s"), why=error) from error
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid("input", N_("This file cannot be unpacked: %(why)s"), why=error) from error


def read(data: object) -> Instance:
    """The instance in decoded JSON; `Invalid.field` names what is wrong and where."""
    given = _object("input", data)
    duration = _integer("duration", _field("duration", given), 1)
    days = _integer("days", _field("days", given), 1)
    latest = (days + 1) * DAY
    capacities = [
        _capacity(f"interviewers[{number}]", one, latest)
        for number, one in enumerate(_list("interviewers", _field("interviewers", given)))
    ]
    requests = [
        _request(f"candidates[{number}]", one, latest)
        for number, one in enumerate(_list("candidates", _field("candidates", given)))
    ]
    pointers, interviewers, qualities = _pairs(
        _list("eligible", _field("eligible", given)), len(requests), len(capacities)
    )
    ids = _object("ids", given.get("ids") or {})
    return build(
        duration=duration,
        days=days,
        capacities=capacities,
        requests=requests,
        pair_ptr=pointers,
        pair_interviewer=interviewers,
        pair_quality=qualities,
        previous=_previous(given.get("previous") or [], len(requests), len(capacities), latest),
        candidate_ids=_ids("candidates", ids, len(requests)),
        interviewer_ids=_ids("interviewers", ids, len(capacities)),
        load_price=_integer("load_price", given.get("load_price", 0), 0),
    )


def _capacity(field: str, value: object, latest: int) -> Capacity:
    given = _object(field, value)
    if "days" in given:
        days = _caps(f"{field}.days", given["days"])
    else:
        a_day = _integer(f"{field}.max_per_day", _field("max_per_day", given, field), 0)
        days = None
    starts = _minutes(f"{field}.starts", _field("starts", given, field), latest)
    return Capacity(
        starts=starts,
        gap=_integer(f"{field}.gap", _field("gap", given, field), 0),
        max_total=_integer(f"{field}.max_total", _field("max_total", given, field), 0),
        days=_days_of(starts, a_day) if days is None else days,
        weeks=_caps(f"{field}.weeks", given.get("weeks") or []),
    )


def _days_of(starts: Sequence[int], cap: int) -> list[Span]:
    """Days of UTC, each with the same cap."""
    return [(day * DAY, (day + 1) * DAY, cap) for day in {start // DAY for start in starts}]


def _request(field: str, value: object, latest: int) -> Request:
    given = _object(field, value)
    windows = []
    for number, one in enumerate(_list(f"{field}.windows", _field("windows", given, field))):
        place = f"{field}.windows[{number}]"
        window = _minutes(place, one, latest)
        if len(window) != 2 or window[0] > window[1]:
            _refuse(place, N_("A window is [from, to], and ends after it begins."))
        windows.append((window[0], window[1]))
    return Request(
        windows=windows,
        priority=_integer(
            f"{field}.priority",
            _field("priority", given, field),
            -LARGEST_PRIORITY,
            LARGEST_PRIORITY,
        ),
        wants=_integer(f"{field}.wants", _field("wants", given, field), 1),
    )


def _pairs(
    eligible: list[Any], n_candidates: int, n_interviewers: int
) -> tuple[IntArray, IntArray, IntArray]:
    if len(eligible) != n_candidates:
        _refuse(
            "eligible",
            N_("There are %(given)s lists for %(count)s candidates."),
            given=len(eligible),
            count=n_candidates,
        )
    interviewers, qualities = [], []
    for number, one in enumerate(eligible):
        field = f"eligible[{number}]"
        if len(_list(field, one)) != 2:
            _refuse(field, N_("This is [[interviewer, ...], [quality, ...]]."))
        who = _integers(f"{field}[0]", one[0], 0, n_interviewers - 1)
        worth = _integers(f"{field}[1]", one[1], 0, LARGEST)
        if len(who) != len(worth):
            _refuse(field, N_("There are not as many qualities as interviewers."))
        if len(set(who)) < len(who):
            place = next(at for at, each in enumerate(who) if each in who[:at])
            _refuse(f"{field}[0][{place}]", N_("This interviewer is listed twice."))
        interviewers.append(who)
        qualities.append(worth)
    pointers = np.cumsum([0, *map(len, interviewers)])
    return (
        pointers,
        np.fromiter(chain.from_iterable(interviewers), np.int64),
        np.fromiter(chain.from_iterable(qualities), np.int64),
    )


def _previous(
    value: object, n_candidates: int, n_interviewers: int, latest: int
) -> list[tuple[int, int, int]]:
    found = []
    for number, one in enumerate(_list("previous", value)):
        field = f"previous[{number}]"
        if len(_list(field, one)) != 3:
            _refuse(field, N_("This is [candidate, interviewer, start]."))
        found.append(
            (
                _integer(f"{field}[0]", one[0], 0, n_candidates - 1),
                _integer(f"{field}[1]", one[1], 0, n_interviewers - 1),
                _integer(f"{field}[2]", one[2], -DAY, latest),
            )
        )
    return found


def _ids(kind: str, ids: dict[str, Any], count: int) -> list[str] | None:
    if ids.get(kind) is None:
        return None
    field = f"ids.{kind}"
    found = _list(field, ids[kind])
    if len(found) != count:
        _refuse(field, N_("There are %(given)s ids for %(count)s."), given=len(found), count=count)
    seen = set()
    for number, one in enumerate(found):
        if type(one) not in (str, int):
            _refuse(f"{field}[{number}]", N_("An id is a text or a whole number."))
        if str(one) in seen:
            _refuse(f"{field}[{number}]", N_("This id is given twice."))
        seen.add(str(one))
    return [str(one) for one in found]


def _caps(field: str, value: object) -> list[Span]:
    spans = []
    for number, one in enumerate(_list(field, value)):
        place = f"{field}[{number}]"
        span = _integers(place, one, -(10**9), 10**9)
        if len(span) != 3 or span[0] > span[1] or span[2] < 0:
            _refuse(place, N_("This is [from, to, most], and ends after it begins."))
        spans.append((span[0], span[1], span[2]))
    return spans


def _minutes(field: str, value: object, latest: int) -> list[int]:
    """A local day of the round may begin or end up to a day of UTC outside it."""
    return _integers(field, value, -DAY, latest)


def _integers(field: str, value: object, least: int, most: int) -> list[int]:
    """A list of whole numbers; looks at each only when something is wrong."""
    numbers: list[int] = _list(field, value)
    if numbers and (
        set(map(type, numbers)) != {int} or min(numbers) < least or max(numbers) > most
    ):
        for number, one in enumerate(numbers):
            _integer(f"{field}[{number}]", one, least, most)
    return numbers


def _integer(field: str, value: object, least: int, most: int = LARGEST) -> int:
    if type(value) is not int:
        _refuse(field, N_("This is no whole number."))
    if not least <= value <= most:
        _refuse(field, N_("This lies outside %(least)s to %(most)s."), least=least, most=most)
    return value


def _field(name: str, given: dict[str, Any], within: str = "") -> object:
    if name not in given:
        _refuse(f"{within}.{name}" if within else name, N_("This field is missing."))
    return given[name]


def _list(field: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        _refuse(field, N_("This is no list."))
    return value


def _object(field: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(field, N_("This is no JSON object."))
    return value


def _refuse(field: str, sentence: str, **params: object) -> NoReturn:
    raise Invalid(field, sentence, **params)
