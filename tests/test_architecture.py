"""What holds for the project as a whole. The import contracts are checked by bin/check."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from mockint.cli.database import bind_migrations
from mockint.db import db
from mockint.queries import tables
from mockint.web import guards

ROOT = Path(__file__).resolve().parents[1]
sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


def committed(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, check=True
    )
    files = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [file for file in files if file.is_file()]


def lines_with(pattern: str, files: list[Path]) -> list[str]:
    """Where the text files among `files` match, as file:line: text."""
    found = []
    for file in files:
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(text.splitlines(), 1)
            if re.search(pattern, line)
        ]
    return found


# Routes


@sqlite_only
def test_every_route_says_who_may_call_it(app: Flask) -> None:
    views = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert len(views) > 1
    assert [name for name in views if not hasattr(app.view_functions[name], "_allowed")] == []


@sqlite_only
def test_an_undeclared_route_keeps_the_app_from_starting(app: Flask) -> None:
    bare = Flask("bare")
    bare.add_url_rule("/open", "open", lambda: "anyone may come in")
    with pytest.raises(guards.UndeclaredRouteError, match="open"):
        guards.install(bare)


# Migrations


def test_migrations_have_one_head_which_is_found_without_alembic() -> None:
    script, folder = ScriptDirectory(str(ROOT / "migrations")), str(ROOT / "migrations")
    assert tables.heads(folder) == {script.get_current_head()}
    assert tables.known(folder) == {one.revision for one in script.walk_revisions()}


def differences(app: Flask) -> list[object]:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, db.metadata))


def test_models_equal_migrations(app: Flask) -> None:
    assert differences(app) == []


def test_migrations_go_down_and_up_again(app: Flask) -> None:
    bind_migrations(app)
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert sa.inspect(db.engine).get_table_names() == ["alembic_version"]
        flask_migrate.upgrade()
    assert differences(app) == []


def test_migrations_never_import_models() -> None:
    assert lines_with(r"^\s*(from|import) mockint\b", committed("migrations/versions/*.py")) == []


# Files


def test_lock_files_name_no_address() -> None:
    locks = committed("*.lock", "*package-lock.json")
    assert len(locks) >= 4
    assert lines_with(r"https?://", locks) == []


def test_no_committed_file_names_a_place_on_one_machine() -> None:
    places = {str(ROOT), str(Path.home()), *("/" + name for name in ("root", "home", "Users"))}
    pattern = "|".join(rf"(?<![\w.}}]){re.escape(place)}/\w" for place in places if place != "/")
    assert lines_with(pattern, committed()) == []


def test_pages_hold_nothing_inline() -> None:
    """The content security policy would refuse it; mails are styled inline of necessity."""
    pages = [file for file in committed("templates/*.html") if "mail" not in file.parts]
    assert pages
    assert lines_with(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", pages) == []
