"""Migrations of a next release, in a copy of the folder: a change of the largest table."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Flask

from mockint.settings import Settings
from tests.support.web import environment

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, sys
from mockint.app import create_app
from mockint.cli.database import bring_up_to_date
from mockint.settings import from_environment

app = create_app(from_environment(os.environ))
app.config["MIGRATIONS"] = sys.argv[1]
bring_up_to_date(app)
print("done")
"""
CHANGE = """
def upgrade():
    with op.batch_alter_table(
        "booking", recreate="{recreate}", table_kwargs={{"sqlite_autoincrement": True}}
    ) as table:
        table.add_column(sa.Column("mood", sa.String(20), server_default="calm", nullable=False))
{after}

def downgrade():
    with op.batch_alter_table(
        "booking", recreate="{recreate}", table_kwargs={{"sqlite_autoincrement": True}}
    ) as table:
        table.drop_column("mood")
"""


def head() -> str:
    """The newest revision there is."""
    found = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    assert found is not None
    return found


def next_release(folder: Path, *, after: str = "", recreate: str = "auto") -> Path:
    """A folder of migrations with one more: `booking` gets a column, then `after` happens.

    `recreate="always"` makes the table anew, as SQLite does for most changes.
    """
    copied = folder / "migrations"
    shutil.copytree(ROOT / "migrations", copied, ignore=shutil.ignore_patterns("__pycache__"))
    lines = ["import os, time", "import sqlalchemy as sa", "from alembic import op"]
    lines += ['revision = "next"', f'down_revision = "{head()}"']
    body = CHANGE.format(recreate=recreate, after=f"    {after}" if after else "")
    (copied / "versions" / "next.py").write_text("\n".join(lines) + "\n" + body)
    return copied


def use(app: Flask, folder: Path) -> None:
    """Let the app take its migrations from there."""
    app.config["MIGRATIONS"] = str(folder)


def start(settings: Settings, folder: Path) -> subprocess.Popen[str]:
    """A process that migrates as `mockint migrate` does, with the migrations of `folder`."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=ROOT,
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
