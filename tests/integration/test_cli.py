"""The `mockint` command as an operator types it, short of what serves."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import create_engine, insert, text

from mockint import __version__
from mockint.cli import COMMANDS
from mockint.cli.demo import parse_span
from mockint.models import Heartbeat
from mockint.settings import Settings
from tests.support.commands import run
from tests.support.servers import free_port
from tests.support.smtp import MailServer

sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    """Variables of a new development installation without any tables."""
    return {"MOCKINT_MODE": "development", "MOCKINT_DATA_DIR": str(tmp_path / "data")}


def rows(url: str, query: str) -> list[Any]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


# What can be typed


def test_help_names_every_command() -> None:
    done = run("--help")
    names = [line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line]
    assert names == sorted(COMMANDS)
    for name in names:
        assert run(name, "--help").exit_code == 0
    assert run("--version").stdout == f"mockint, version {__version__}\n"


def test_an_unknown_command_is_refused() -> None:
    done = run("server")
    assert done.exit_code == 2
    assert "server" in done.stderr


# migrate and organiser


def test_migrate_makes_the_tables_and_may_be_repeated(
    engine_url: str, folder: dict[str, str]
) -> None:
    variables = folder | {"MOCKINT_DATABASE_URL": engine_url}
    for _ in range(2):
        done = run("migrate", **variables)
        assert (done.exit_code, done.stdout) == (0, "The database is up to date.\n"), done.stderr
    assert rows(engine_url, "SELECT key, version FROM rubric_set") == [("default", "1.0.0")]
    assert rows(engine_url, "SELECT count(*) FROM role") == [(3,)]


def test_migrate_starts_from_an_empty_folder(folder: dict[str, str]) -> None:
    assert run("migrate", **folder).exit_code == 0
    assert (Path(folder["MOCKINT_DATA_DIR"]) / "mockint.db").exists()


@sqlite_only
def test_the_first_organiser_is_made_by_options_or_by_asking(settings: Settings) -> None:
    by_options = run(
        "organiser",
        "create",
        "--email",
        "Amina@People.example",
        "--name",
        "Amina",
        settings=settings,
    )
    assert by_options.exit_code == 0, by_options.stderr
    assert by_options.stdout == (
        "Amina (amina@people.example) is an organiser now.\n"
        f"They sign in at {settings.base_url}/login.\n"
    )
    asked = run("organiser", "create", given="jonas@people.example\nJonas\n", settings=settings)
    assert asked.stdout.startswith("E-mail address: jonas@people.example\nName: Jonas\nJonas (jon")
    found = rows(
        settings.database_url,
        "SELECT email, confirmed_at IS NOT NULL, password FROM person JOIN person_role"
        " ON person.id = person_id JOIN role ON role.id = role_id WHERE role.name = 'organiser'",
    )
    assert sorted(found) == [("amina@people.example", 1, None), ("jonas@people.example", 1, None)]


@sqlite_only
def test_somebody_who_is_here_already_gets_the_role(settings: Settings, db_session: Any) -> None:
    from tests import factories  # only this test needs the web framework

    sanjana = factories.candidate()
    for _ in range(2):
        done = run(
            "organiser", "create", "--email", sanjana.email, "--name", "Else", settings=settings
        )
        assert done.stdout.startswith("Sanjana (sanjana@people.example) is an organiser now.")
    db_session.rollback()
    db_session.refresh(sanjana)
    assert sanjana.role_names == {"candidate", "organiser"}


@sqlite_only
@pytest.mark.parametrize(
    ("email", "name", "sentence"),
    [
        ("amina", "Amina", "Write your e-mail address like name@example.org."),
        ("amina@people.example", " ", ""),
        ("amina@people.example", "x" * 81, ""),
    ],
)
def test_an_organiser_that_cannot_be(
    settings: Settings, email: str, name: str, sentence: str
) -> None:
    done = run("organiser", "create", "--email", email, "--name", name, settings=settings)
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(settings.database_url, "SELECT count(*) FROM person") == [(0,)]


def test_an_organiser_needs_tables(folder: dict[str, str]) -> None:
    done = run("organiser", "create", "--email", "a@b.example", "--name", "A", **folder)
    assert (done.exit_code, done.stderr) == (
        2,
        "Error: The database has no tables yet. Run `mockint migrate` first.\n",
    )


# doctor


def findings(done: Result) -> dict[str, tuple[str, str]]:
    return {one["name"]: (one["level"], one["words"]) for one in json.loads(done.stdout)}


def beat(url: str, at: datetime) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        rows = [{"name": name, "at": at} for name in ("sweep", "scheduler")]
        connection.execute(insert(Heartbeat), rows)
    engine.dispose()


def test_a_well_installation(settings: Settings, redis_url: str, smtp: MailServer) -> None:
    beat(settings.database_url, datetime.now(UTC))
    done = run("doctor", "--json", settings=settings)
    assert done.exit_code == 0, done.output
    found = findings(done)
    engine = "PostgreSQL" if settings.database_url.startswith("postgres") else "SQLite"
    assert found["database"][0] == "ok"
    assert re.fullmatch(rf"It answers \({engine} \d+\.\d+(\.\d+)?\)\.", found["database"][1])
    assert found["clock"][0] == "ok"
    assert found["data folder"][0] == "ok"
    assert found["migrations"] == ("ok", "The tables are up to date.")
    assert found["redis"] == ("ok", "It answers.")
    assert found["smtp"] == ("ok", "It answers and takes the login.")
    assert found["worker"] == found["scheduler"] == ("ok", "It runs.")
    assert found["zone data"][1].startswith("Zone rules are IANA 20")
    assert found["secret"] == ("ok", f"{len(settings.secret_key)} characters, from the setting.")
    plain = run("doctor", settings=settings)
    assert plain.exit_code == 0
    lines = [line.split(maxsplit=1) for line in plain.stdout.splitlines()]
    assert [(level, words) for level, words in lines] == [
        (level, f"{name}: {words}") for name, (level, words) in found.items()
    ]
    assert settings.secret_key not in done.stdout


BROKEN: list[tuple[str, dict[str, str], str]] = [
    ("database", {"MOCKINT_DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"}, "not answer"),
    ("clock", {"MOCKINT_DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"}, "Unknown"),
    ("worker", {"MOCKINT_DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/x"}, "Unknown"),
    ("settings", {"MOCKINT_DATABASE_URL": "sqlite:////dev/null/x/y.db"}, "cannot be used"),
    ("migrations", {}, "The database has no tables yet. Run `mockint migrate` first."),
    ("redis", {"MOCKINT_REDIS_URL": "redis://:hush@127.0.0.1:1/0"}, "It does not answer: "),
    ("smtp", {"MOCKINT_SMTP_URL": "smtp://u:hush@127.0.0.1:1"}, "It does not work: "),
    ("smtp", {"MOCKINT_MODE": "production"}, "No mail can be sent. Set MOCKINT_SMTP_URL."),
    ("settings", {"MOCKINT_SECRET_KEY": "hush"}, "MOCKINT_SECRET_KEY is too short."),
    ("settings", {"MOCKINT_MODE": "prod"}, "MOCKINT_MODE is 'prod'."),
]


@pytest.mark.parametrize(("name", "variables", "words"), BROKEN)
def test_what_is_broken_says_so(
    folder: dict[str, str], name: str, variables: dict[str, str], words: str
) -> None:
    done = run("doctor", "--json", **(folder | variables))
    assert done.exit_code == 1
    level, said = findings(done)[name]
    assert level == "failed"
    assert words in said
    assert "hush" not in done.stdout
    assert done.stderr == ""


@sqlite_only
def test_strict_fails_on_warnings(settings: Settings) -> None:
    assert run("doctor", settings=settings).exit_code == 0
    done = run("doctor", "--strict", "--json", settings=settings)
    assert done.exit_code == 1
    assert findings(done)["worker"] == (
        "warning",
        "It has not run yet on this database. Start `mockint serve`.",
    )
    assert findings(done)["address"][0] == "warning"


@sqlite_only
def test_a_worker_that_stopped_is_a_warning(settings: Settings) -> None:
    beat(settings.database_url, datetime.now(UTC) - timedelta(minutes=20))
    done = run("doctor", "--json", settings=settings)
    found = findings(done)
    assert (
        found["worker"]
        == found["scheduler"]
        == (
            "warning",
            "It last ran 20 min ago. Start `mockint serve`.",
        )
    )


def test_a_secret_that_others_may_read_fails(folder: dict[str, str]) -> None:
    assert run("migrate", **folder).exit_code == 0
    kept = Path(folder["MOCKINT_DATA_DIR"]) / "secret_key"
    kept.chmod(0o640)
    done = run("doctor", "--json", **folder)
    assert done.exit_code == 1
    assert findings(done)["secret"] == (
        "failed",
        f"{kept} is open to others (mode 640). Run `chmod 600 {kept}`.",
    )


def test_data_that_every_user_may_read_is_a_warning(folder: dict[str, str]) -> None:
    assert run("migrate", **folder).exit_code == 0
    place = Path(folder["MOCKINT_DATA_DIR"])
    assert findings(run("doctor", "--json", **folder))["data folder"][0] == "ok"
    place.chmod(0o755)
    (place / "mockint.db").chmod(0o644)
    level, words = findings(run("doctor", "--json", **folder))["data folder"]
    assert (level, words.partition(". ")[2]) == ("warning", f"Run `chmod o= {place}`.")


@pytest.mark.parametrize(
    ("variables", "level", "words"),
    [
        ({"BASE_URL": "http://mock.example.org"}, "warning", "is not https: sign-in links travel"),
        ({"BASE_URL": "https://mock.example.org"}, "warning", "Set MOCKINT_TRUSTED_PROXIES,"),
        (
            {"BASE_URL": "https://mock.example.org", "TRUSTED_PROXIES": "1"},
            "ok",
            "https://mock.example.org",
        ),
    ],
)
def test_the_address_of_a_real_community(
    folder: dict[str, str], variables: dict[str, str], level: str, words: str
) -> None:
    wanted = folder | {"MOCKINT_MODE": "production"}
    done = run("doctor", "--json", **wanted | {f"MOCKINT_{k}": v for k, v in variables.items()})
    found = findings(done)["address"]
    assert found[0] == level
    assert words in found[1]


@sqlite_only
def test_the_password_of_the_mail_server_is_tried(
    folder: dict[str, str], settings: Settings, smtp: MailServer
) -> None:
    """A server that knows no login is as useless with a password as one with another password."""
    url = f"smtp://mockint:hush@127.0.0.1:{smtp.port}"
    done = run("doctor", "--json", **folder, MOCKINT_SMTP_URL=url)
    level, words = findings(done)["smtp"]
    assert level == "failed"
    assert words.endswith("Correct MOCKINT_SMTP_URL.")
    assert smtp.attempts == 0


# demo


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("2d", timedelta(days=2)),
        (" 1W ", timedelta(weeks=1)),
    ],
)
def test_spans_of_time(words: str, span: timedelta) -> None:
    assert parse_span(words) == span


@pytest.mark.parametrize(
    "words", ["", "24", "h", "-1h", "0h", "1.5h", "24 h", "1y", "99999m", "1h2m"]
)
def test_what_is_no_span_is_refused(words: str, folder: dict[str, str]) -> None:
    done = run("demo", "advance", "--", words, **folder)
    assert done.exit_code == 2
    assert "write it like 90m, 24h, 2d or 1w" in done.stderr


def test_there_is_no_clock_to_move_before_there_is_a_demo(folder: dict[str, str]) -> None:
    done = run("demo", "advance", "24h", **folder)
    assert (done.exit_code, done.stderr) == (
        1,
        "Error: There is no demo yet. Start it first: bin/demo.\n",
    )


@sqlite_only
def test_the_demo_leaves_a_real_community_alone(settings: Settings) -> None:
    for options in ((), ("--fresh",)):
        done = run("demo", "--port", str(free_port()), *options, settings=settings)
        assert done.exit_code == 1
        assert "holds data that no demo made" in done.stderr
    assert rows(settings.database_url, "SELECT count(*) FROM role") == [(3,)]
