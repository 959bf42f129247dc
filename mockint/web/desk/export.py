"""Lists as CSV; a cell that a spreadsheet would run is defused (OWASP, CSV injection)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Also the full-width forms, which some spreadsheets read alike."""


def cell(value: object) -> str:
    """The value as text, with an apostrophe before anything a spreadsheet would calculate."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(STARTS) else text


def response(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file to save, UTF-8 with a mark so that spreadsheets read the letters right."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(heads)
    writer.writerows([[cell(value) for value in row] for row in rows])
    return Response(
        "\ufeff" + buffer.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
