"""Runs migrations with the application's own engine and metadata."""

from __future__ import annotations

from alembic import context
from flask import current_app

from mockint.db import UtcDateTime, Words, db


def render(kind: str, value: object, autogen: object) -> str | bool:
    """Migrations never import models, so our column types are written as plain ones."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, Words):
        return "sa.JSON()"
    return False


def skip_empty(migration_context: object, revision: object, directives: list) -> None:
    """No file for a change that changes nothing."""
    if (
        getattr(context.config.cmd_opts, "autogenerate", False)
        and directives[0].upgrade_ops.is_empty()
    ):
        directives[:] = []


options = dict(current_app.extensions["migrate"].configure_args)
options.setdefault("process_revision_directives", skip_empty)
with db.engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=db.metadata, render_item=render, **options
    )
    with context.begin_transaction():
        context.run_migrations()
