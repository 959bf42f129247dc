"""What bad settings get: a command that ends at once with one sentence, naming the variable."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from mockint.cli import COMMANDS
from mockint.settings import Settings
from tests.support.commands import run, run_process
from tests.support.servers import free_port, own_postgres
from tests.support.web import ROOT

HUSH = "hush"
"""A password that no message may hold."""
NO_SERVER = f"127.0.0.1:{free_port()}"
TYPED: dict[str, tuple[str, ...]] = {
    "backup": ("backup", "-"),
    "calendar": ("calendar", "look"),
    "db": ("db", "copy", "sqlite:////dev/null", "sqlite:////dev/null/x"),
    "demo": ("demo",),
    "doctor": ("doctor",),
    "feedback": ("feedback", "recalibrate"),
    "mail": ("mail", "test", "amina@people.example"),
    "migrate": ("migrate",),
    "organiser": ("organiser", "create", "--email", "amina@people.example", "--name", "Amina"),
    "restore": ("restore", "/dev/null"),
    "scheduler": ("scheduler",),
    "serve": ("serve", "--port", str(free_port())),
    "slots": ("slots", "price"),
    "verify": ("verify",),
    "worker": ("worker",),
    "zones": ("zones", "check"),
}
"""Every command that reads settings; `slots preview`, `feedback calibrate`, `rounds` do not."""

REFUSED: list[tuple[dict[str, str], str]] = [
    ({"SMPT_URL": "smtp://x"}, "MOCKINT_SMPT_URL is not a setting of mockint. "),
    ({"MODE": "prod"}, "MOCKINT_MODE is 'prod'. Use one of: production, "),
    ({"BASE_URL": "mock.example.org"}, "MOCKINT_BASE_URL cannot be used: it does not start with "),
    ({"LOG_JSON": "maybe"}, "MOCKINT_LOG_JSON is 'maybe'. Write true or false."),
    ({"TRUSTED_PROXIES": "all"}, "MOCKINT_TRUSTED_PROXIES is 'all'. Write a number from 0 to 8."),
    ({"MODE": "production", "RETRY_SCALE": "0.1"}, "MOCKINT_RETRY_SCALE is for tests. "),
    ({"DATABASE_URL": "mysql://u:hush@h/d"}, "MOCKINT_DATABASE_URL cannot be used: it does not "),
    (
        {"DATABASE_URL": "postgresql://u:hush@h:p/d"},
        "MOCKINT_DATABASE_URL cannot be used: its port",
    ),
    ({"REDIS_URL": "redis://:hush@h:p/0"}, "MOCKINT_REDIS_URL cannot be used: its port is not "),
    ({"SMTP_URL": "https://u:hush@h"}, "MOCKINT_SMTP_URL cannot be used: it does not start with "),
    ({"SECRET_KEY": HUSH}, "MOCKINT_SECRET_KEY is too short. Use at least 32 characters."),
    ({"SECRET_KEY_FILE": "no/such/file"}, "MOCKINT_SECRET_KEY_FILE names a file that cannot be "),
    ({"SECRET_KEY_FILE": "/dev/null"}, "MOCKINT_SECRET_KEY_FILE names an empty file. "),
    (
        {"REDIS_URL": "redis://h", "REDIS_URL_FILE": "/dev/null"},
        "MOCKINT_REDIS_URL_FILE and MOCKINT_REDIS_URL are both set. Remove one.",
    ),
    ({"DATA_DIR": "/dev/null/x"}, "MOCKINT_DATA_DIR (/dev/null/x) cannot be used: "),
    ({"DATABASE_URL": "sqlite:////dev/null/x/y.db"}, "/dev/null/x cannot be used: "),
    ({"DATABASE_URL": "sqlite:////dev"}, "The database cannot be used: unable to open "),
    ({"DATABASE_URL": f"postgresql://u:hush@{NO_SERVER}/x"}, "The database cannot be used: "),
    (
        {"DATABASE_URL": f"postgresql://u:hush@{NO_SERVER}/x?nonsense=1"},
        "The database cannot be used: invalid connection option ",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    """Variables of a new development installation without any tables."""
    return {"MOCKINT_MODE": "development", "MOCKINT_DATA_DIR": str(tmp_path / "data")}


def said(*words: str, **variables: str) -> str:
    """The one line with which this command ends."""
    done = run(*words, **variables)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert HUSH not in done.stderr
    return done.stderr.removeprefix("Error: ").rstrip("\n")


def test_every_command_is_tried() -> None:
    assert set(COMMANDS) - {"rounds"} <= set(TYPED)


@pytest.mark.parametrize("name", sorted(set(TYPED) - {"doctor"}))
def test_every_command_refuses_an_unknown_setting(name: str, folder: dict[str, str]) -> None:
    sentence = said(*TYPED[name], **folder, MOCKINT_SMPT_URL="smtp://x")
    assert sentence.startswith("MOCKINT_SMPT_URL is not a setting of mockint.")
    assert not Path(folder["MOCKINT_DATA_DIR"]).exists()


@pytest.mark.parametrize("name", ["serve", "migrate"])
@pytest.mark.parametrize(("wrong", "sentence"), REFUSED)
def test_what_cannot_be_used_is_said(
    name: str, wrong: dict[str, str], sentence: str, folder: dict[str, str]
) -> None:
    variables = folder | {"MOCKINT_SMTP_URL": f"smtp://{NO_SERVER}"}
    heard = said(*TYPED[name], **variables | {f"MOCKINT_{k}": v for k, v in wrong.items()})
    assert heard.startswith(sentence)
    assert f"MOCKINT_{next(reversed(wrong))}" in heard, "it names what to change"


@pytest.mark.parametrize("name", ["worker", "scheduler", "verify", "organiser", "backup"])
def test_every_process_refuses_a_database_that_does_not_answer(
    name: str, folder: dict[str, str]
) -> None:
    url = f"postgresql://u:{HUSH}@{NO_SERVER}/x"
    more = {"MOCKINT_DATABASE_URL": url, "MOCKINT_REDIS_URL": f"redis://{NO_SERVER}/0"}
    sentence = said(*TYPED[name], **folder | more)
    assert sentence.startswith("The database cannot be used: connection failed: ")
    assert sentence.endswith("Start it, or correct MOCKINT_DATABASE_URL.")


@pytest.fixture
def guarded() -> Iterator[str]:
    """host:port of a PostgreSQL that asks `locked` for a password."""
    with own_postgres() as server:
        rules = server.folder / "home" / "data" / "pg_hba.conf"
        rule = "host all locked 127.0.0.1/32 scram-sha-256\n"
        rules.write_text(rule + rules.read_text(encoding="utf-8"), encoding="utf-8")
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("create role locked login password 'the right one'")
            connection.execute("select pg_reload_conf()")
        yield server.url.rpartition("@")[2].partition("/")[0]


def test_a_wrong_password_is_said(guarded: str, folder: dict[str, str]) -> None:
    for name in ("migrate", "serve"):
        url = f"postgresql://locked:{HUSH}@{guarded}/postgres"
        sentence = said(*TYPED[name], **folder, MOCKINT_DATABASE_URL=url)
        assert "password authentication failed" in sentence
        assert sentence.endswith("correct MOCKINT_DATABASE_URL.")


def test_a_database_that_does_not_exist_is_said(guarded: str, folder: dict[str, str]) -> None:
    url = f"postgresql://mockint@{guarded}/none"
    sentence = said(*TYPED["serve"], **folder, MOCKINT_DATABASE_URL=url)
    assert 'database "none" does not exist' in sentence


@pytest.mark.parametrize("name", ["serve", "worker", "scheduler", "verify", "organiser", "backup"])
def test_a_database_without_tables_is_refused(name: str, folder: dict[str, str]) -> None:
    sentence = said(*TYPED[name], **folder, MOCKINT_REDIS_URL=f"redis://{NO_SERVER}/0")
    assert sentence == "The database has no tables yet. Run `mockint migrate` first."


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("made-tomorrow", "The tables are of a newer version of mockint. Use that version, or "),
        ("2026_11_23_loop", "The tables are of an older version of mockint. Run `mockint migrate`"),
    ],
)
def test_tables_of_another_version_are_refused(
    settings: Settings, revision: str, sentence: str
) -> None:
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    engine.dispose()
    variables = {
        "MOCKINT_MODE": "test",
        "MOCKINT_DATABASE_URL": settings.database_url,
        "MOCKINT_REDIS_URL": f"redis://{NO_SERVER}/0",
        "MOCKINT_SECRET_KEY": settings.secret_key,
    }
    newer = revision == "made-tomorrow"
    for name in ("serve", "worker", "scheduler", "verify", *(("migrate",) if newer else ())):
        assert said(*TYPED[name], **variables).startswith(sentence)


def test_embedded_means_one_process(folder: dict[str, str]) -> None:
    assert said("serve", "--workers", "2", **folder) == (
        "2 web processes need a Redis to share. Set MOCKINT_REDIS_URL, or leave out --workers."
    )
    for name in ("worker", "scheduler"):
        assert "Set MOCKINT_REDIS_URL to run workers of their own." in said(name, **folder)


def test_production_needs_mail(folder: dict[str, str]) -> None:
    for name in ("serve", "worker"):
        sentence = said(name, **folder | {"MOCKINT_MODE": "production"})
        assert sentence.startswith("MOCKINT_SMTP_URL is not set, so no invitation could be sent.")


@pytest.mark.parametrize(
    ("variable", "text", "sentence"),
    [
        ("MOCKINT_SMPT_URL", "smtp://x", "MOCKINT_SMPT_URL is not a setting of mockint. "),
        ("MOCKINT_DATABASE_URL", "postgresql://u:hush@no.such.host.invalid/x", "The database "),
    ],
)
def test_a_process_of_its_own_says_the_same(
    variable: str, text: str, sentence: str, folder: dict[str, str]
) -> None:
    done = run_process("serve", **folder | {variable: text})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Error: {sentence}")
    assert done.stderr.count("\n") == 1
    assert variable in done.stderr
    assert HUSH not in done.stderr


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "Nobody would send mail. Use `mockint serve`, or set MOCKINT_REDIS_URL and run "),
        ({"MOCKINT_SMPT_URL": "smtp://x"}, "MOCKINT_SMPT_URL is not a setting of mockint. "),
    ],
)
def test_another_server_is_told_too(
    variables: dict[str, str], sentence: str, folder: dict[str, str]
) -> None:
    bare = {name: text for name, text in os.environ.items() if not name.startswith("MOCKINT_")}
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env=bare | folder | {"MOCKINT_MODE": "production"} | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {sentence}")
    assert done.stderr.count("\n") == 1
