"""Long lists of a round, a page at a time; the address carries the filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import request, url_for

from mockint.queries.paging import SIZE, Page
from mockint.web.desk.listing import links

Ask = Callable[[int, int], tuple[Sequence[Any], int]]
"""Offset and limit to the rows there, and how many there are in all."""


def page(ask: Ask, endpoint: str, **fields: Any) -> dict[str, Any]:
    """The page the address names; one past the end is the last one."""
    number = max(1, request.args.get("page", 1, type=int))
    rows, total = ask((number - 1) * SIZE, SIZE)
    last = max(1, -(-total // SIZE))
    if number > last:
        number = last
        rows, total = ask((number - 1) * SIZE, SIZE)
    found = Page(rows=rows, total=total, number=number)
    chosen = {name: value for name, value in fields.items() if value}
    return {
        "page": found,
        "paging": links(found, lambda n: url_for(endpoint, **chosen, page=n)),
    }


def text() -> str:
    """What somebody looks for, without what cannot be shown."""
    typed = request.args.get("q", "")
    return "".join(letter for letter in typed if letter.isprintable()).strip()[:100]
