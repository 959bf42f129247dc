"""One page of a list, or all of it as a file; the address carries the filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select

from mockint.db import db
from mockint.queries import lists, paging
from mockint.web.desk import export

MOST_EXPORTED = 20_000
"""Rows of one file; a longer list is filtered first."""
AROUND = 3
"""Pages linked on each side of the present one."""


def listing(
    name: str,
    query: Select[*tuple[Any, ...]],
    chosen: lists.Filter,
    *,
    heads: Sequence[str],
    cells: Callable[..., Sequence[object]],
    **more: Any,
) -> ResponseReturnValue:
    """The page desk/<name>.html; with ?format=csv every row, as `cells` of the row's entities."""
    if request.args.get("format") == "csv":
        rows = db.session.execute(query.limit(MOST_EXPORTED)).unique()
        return export.response(name, heads, (cells(*row) for row in rows))
    endpoint = f"desk.{name}"
    page = paging.page(query, request.args.get("page", 1, type=int))
    return render_template(
        f"desk/{name}.html",
        page=page,
        chosen=chosen,
        paging=links(page, lambda n: url_for(endpoint, **chosen.chosen(), page=n)),
        csv_url=url_for(endpoint, **chosen.chosen(), format="csv"),
        **more,
    )


def links(page: paging.Page, link: Callable[[int], str]) -> dict[str, Any]:
    """What `tables.paging` draws: the numbers around the present page."""
    shown = range(max(1, page.number - AROUND), min(page.pages, page.number + AROUND) + 1)
    return {
        "first": page.first,
        "last": page.last,
        "total": page.total,
        "numbers": [(n, link(n), n == page.number) for n in shown],
        "previous": link(page.number - 1) if page.number > 1 else None,
        "next": link(page.number + 1) if page.number < page.pages else None,
    }
