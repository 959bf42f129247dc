"""Home, help and privacy."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from mockint.db import db
from mockint.web.guards import ANYONE, allow

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
@allow(ANYONE)
def home() -> ResponseReturnValue:
    """The first page, by role."""
    return render_template("pages/home.html")


@blueprint.get("/healthz")
@allow(ANYONE)
def healthz() -> ResponseReturnValue:
    """The process answers and reaches its database."""
    db.session.execute(db.text("SELECT 1"))
    return {"status": "ok"}
