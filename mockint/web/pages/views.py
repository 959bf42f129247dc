"""Home, help and privacy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mockint.domain import timespan, zones
from mockint.web import presenters
from mockint.web.guards import ANYONE, allow
from mockint.web.pages import home as first_page

blueprint = Blueprint("pages", __name__)

HERE, THERE = "Asia/Kathmandu", "Europe/Berlin"
"""The two clocks of the example hour."""


@blueprint.app_context_processor
def example_hour() -> dict[str, Any]:
    """An hour on two clocks, for the pages strangers see."""
    return {"example": _example}


def _example() -> dict[str, Any]:
    """Next Thursday 20:00 in one place, and what it is in the other."""
    today = zones.local_date(HERE, presenters.now())
    thursday = today + timedelta(days=(3 - today.weekday()) % 7 or 7)
    second, _ = zones.wall_intervals(HERE, thursday, 20 * 60, 20 * 60 + 1)[0]
    start = timespan.at_second(second)
    return {"start": start, "end": start + timedelta(hours=1), "here": HERE, "there": THERE}


@blueprint.get("/")
@allow(ANYONE)
def home() -> ResponseReturnValue:
    """The first page: what this is for strangers, what is next for everybody else."""
    g.nav = "Home"
    if not current_user.is_authenticated:
        return render_template("pages/home.html", part="stranger")
    role = presenters.active_role()
    if role == "organiser":
        return redirect(url_for("desk.desk"))
    part = role or "volunteer"
    return render_template("pages/home.html", part=part, **first_page.PARTS[part]())


@blueprint.get("/help")
@allow(ANYONE)
def help() -> ResponseReturnValue:
    """How it works, in questions people ask."""
    return render_template("pages/help.html")


@blueprint.get("/privacy")
@allow(ANYONE)
def privacy() -> ResponseReturnValue:
    """What is kept, for how long, and who sees it."""
    return render_template("pages/privacy.html")
