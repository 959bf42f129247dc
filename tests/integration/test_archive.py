"""Everything from one database to another: each row, each number, or nothing at all."""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, delete, insert, select, text, update

from mockint.cli.database import newest_revision
from mockint.db import db, transaction
from mockint.domain.errors import Refusal
from mockint.models import Booking, Person
from mockint.queries import verify
from mockint.services import archive
from mockint.services.archive import values
from mockint.services.archive.text import Writer
from mockint.settings import Settings
from tests import factories, people
from tests.support import databases, everything, world
from tests.support.content import content

NOW = world.NOW
sqlite_only = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _now(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture(params=["sqlite", "postgres"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second fresh, migrated database."""
    if request.param == "sqlite":
        (tmp_path / "other").mkdir()
        template = request.getfixturevalue("_sqlite_template")
        yield databases.sqlite_copy(template, tmp_path / "other")
        return
    template = request.getfixturevalue("_postgres_template")
    with databases.postgres_copy(os.environ["TEST_POSTGRES_URL"], template) as url:
        yield url


@pytest.fixture
def other(other_url: str) -> Iterator[Engine]:
    engine = create_engine(Settings(database_url=other_url).database)
    yield engine
    engine.dispose()


@pytest.fixture
def revision(app: Flask) -> str:
    return newest_revision(app)


@pytest.fixture
def full(app: Flask, settings: Settings) -> None:
    everything.build(app, settings)


@pytest.fixture
def small(app: Flask) -> None:
    """A booking and its people, in an archive of a few kilobytes."""
    with app.app_context():
        factories.booking(factories.candidate(), factories.interviewer(), now=NOW)
        db.session.remove()


def written(app: Flask, revision: str) -> bytes:
    sink = io.BytesIO()
    with app.app_context():
        archive.write(db.engine, sink, revision=revision, now=NOW)
    return sink.getvalue()


def broken(url: str, tmp_path: Path) -> list[str]:
    """What `verify` finds in another database."""
    from mockint.app import create_app

    app = create_app(Settings(mode="test", database_url=url, data_dir=str(tmp_path)))
    with app.app_context():
        found = list(verify.violations(now=NOW))
        db.session.remove()
        db.engine.dispose()
    return found


def next_number(engine: Engine) -> int:
    """The number that a new booking gets."""
    table = Booking.__table__
    with engine.begin() as connection:
        row = connection.execute(select(table).limit(1)).mappings().one()
        same = {name: row[name] for name in row if name != "id"}
        made = insert(table).values(same | {"uid": uuid.uuid4().hex, "request_key": None})
        return int(connection.scalar(made.returning(table.c.id)))


# What arrives


@sqlite_only
def test_the_community_of_these_tests_leaves_no_table_empty(engine_url: str, full: None) -> None:
    assert [name for name, rows in content(engine_url).items() if rows.startswith("0 ")] == []


@pytest.mark.usefixtures("full")
def test_everything_arrives(
    app: Flask, engine_url: str, other_url: str, other: Engine, revision: str, tmp_path: Path
) -> None:
    packed = written(app, revision)
    steps: list[tuple[int, int]] = []
    contents = archive.restore(
        other,
        io.BytesIO(packed),
        revision=revision,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert content(other_url) == content(engine_url)
    assert steps[-1] == (contents.total, contents.total)
    assert broken(other_url, tmp_path) == broken(engine_url, tmp_path)


@pytest.mark.usefixtures("small")
def test_a_number_is_not_given_again(app: Flask, other: Engine, revision: str) -> None:
    """Though its row, the highest, is gone: an old link must not meet another booking."""
    with app.app_context():
        last = db.session.scalars(select(Booking)).one()
        gone = factories.booking(last.candidate, last.interviewer, start=last.end_at, now=NOW)
        number = gone.id
        with transaction():
            db.session.execute(delete(Booking).where(Booking.id == number))
        db.session.remove()
    archive.restore(other, io.BytesIO(written(app, revision)), revision=revision)
    assert next_number(other) == number + 1


@pytest.mark.usefixtures("small")
def test_numbers_of_what_is_replaced_are_not_given_again_either(
    app: Flask, other: Engine, revision: str
) -> None:
    packed = written(app, revision)
    archive.restore(other, io.BytesIO(packed), revision=revision)
    last = [next_number(other) for _ in range(3)][-1]
    archive.restore(other, io.BytesIO(packed), revision=revision, replace=True)
    assert next_number(other) == last + 1


@sqlite_only
@pytest.mark.usefixtures("small")
def test_each_row_of_postgres_goes_on_counting(app: Flask, other: Engine, revision: str) -> None:
    archive.restore(other, io.BytesIO(written(app, revision)), revision=revision)
    with other.begin() as connection:
        person = {"email": "new@people.example", "fs_uniquifier": "new", "name": "New"}
        person |= {"zone": "UTC", "locale": "en", "created_at": NOW}
        made = insert(Person.__table__).values(person | {"active": True, "wants_reminders": True})
        number = connection.scalar(made.returning(Person.__table__.c.id))
        assert number == connection.scalar(select(db.func.max(Person.__table__.c.id)))


def test_every_column_can_be_archived(app: Flask) -> None:
    with app.app_context():
        for table in db.metadata.sorted_tables:
            assert len(values.fields(table, db.engine.dialect)) == len(table.columns)


def test_a_type_nobody_taught_us_is_refused() -> None:
    strange = db.Table("strange", db.MetaData(), db.Column("span", db.Interval))
    with pytest.raises(TypeError, match=r"strange\.span cannot be archived"):
        values.fields(strange, create_engine("sqlite://").dialect)


class Interrupting(io.BytesIO):
    """Calls back before each write."""

    def __init__(self, before: Callable[[], None]) -> None:
        super().__init__()
        self.before = before

    def write(self, data: Any) -> int:
        self.before()
        return super().write(data)


@pytest.mark.parametrize("other_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("small")
def test_what_is_written_meanwhile_is_not_in_it(
    app: Flask, engine_url: str, other_url: str, other: Engine, revision: str
) -> None:
    """People and bookings come and go between the tables; the archive is of one moment."""
    before, made = content(engine_url), []

    def book() -> None:
        with app.app_context():
            number = len(made)
            candidate = factories.candidate(email=f"{number}@people.example", now=NOW)
            interviewer = factories.interviewer(people.JONAS, email=f"i{number}@x.example", now=NOW)
            made.append(factories.booking(candidate, interviewer, now=NOW).id)
            db.session.remove()

    sink = Interrupting(book)
    with app.app_context():
        archive.write(db.engine, sink, revision=revision, now=NOW)
    archive.restore(other, io.BytesIO(sink.getvalue()), revision=revision)
    assert content(other_url) == before
    assert len(made) > 20
    assert content(engine_url) != before


# What is refused


def refused(engine: Engine, packed: bytes, revision: str, **options: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        archive.restore(engine, io.BytesIO(packed), revision=revision, **options)
    return str(refusal.value)


DAMAGED = "The archive is damaged or cut short, so nothing was changed."
NO_ARCHIVE = "This is no archive made by `mockint backup`."


@sqlite_only
@pytest.mark.usefixtures("small")
def test_a_changed_byte_is_noticed_wherever_it_is(
    app: Flask, other_url: str, other: Engine, revision: str
) -> None:
    packed, before = written(app, revision), content(other_url)
    places = {*range(0, len(packed), len(packed) // 60), *range(24)}
    places |= set(range(len(packed) - 24, len(packed)))
    for place in sorted(places):
        altered = bytearray(packed)
        altered[place] ^= 0xFF
        said = refused(other, bytes(altered), revision)
        assert said in (DAMAGED, NO_ARCHIVE), f"byte {place} of {len(packed)}: {said}"
    assert content(other_url) == before
    archive.restore(other, io.BytesIO(packed), revision=revision)


@sqlite_only
@pytest.mark.usefixtures("small")
def test_what_is_cut_short_or_longer_is_noticed(
    app: Flask, other_url: str, other: Engine, revision: str
) -> None:
    packed, before = written(app, revision), content(other_url)
    lengths = {*range(0, len(packed), len(packed) // 40), *range(len(packed) - 20, len(packed))}
    for length in sorted(lengths):
        said = refused(other, packed[:length], revision)
        assert said in (DAMAGED, NO_ARCHIVE), f"{length} of {len(packed)}: {said}"
    for more in (b"\0", b"x", packed):
        assert refused(other, packed + more, revision) == DAMAGED
    assert content(other_url) == before


def archived(*lines: object) -> bytes:
    sink = io.BytesIO()
    writer = Writer(sink)
    writer.lines(lines)
    writer.finish()
    return sink.getvalue()


def header(revision: str, **changes: object) -> dict[str, object]:
    plain = {"archive": "mockint", "format": 1, "program": "0.9", "revision": revision}
    return plain | {"made_at": NOW.isoformat(), "rows": {}, "numbers": {}} | changes


@sqlite_only
@pytest.mark.parametrize("other_url", ["sqlite"], indirect=True)
def test_what_is_no_archive_of_ours(other: Engine, other_url: str, revision: str) -> None:
    before = content(other_url)
    for given in (b"", b"SELECT 1;", archived(), archived([1]), archived({"archive": "else"})):
        assert refused(other, given, revision) in (NO_ARCHIVE, DAMAGED)
    later = archived(header(revision, format=2))
    assert refused(other, later, revision) == (
        "The archive is from another version of mockint (0.9). Use that one."
    )
    older = archived(header("2025_first"))
    assert refused(other, older, revision) == (
        f"The archive is of revision 2025_first, but this version of mockint has {revision}. "
        "Restore it with mockint 0.9, then update and run `mockint migrate`."
    )
    assert "the tables differ" in refused(other, archived(header(revision)), revision)
    assert content(other_url) == before


@pytest.mark.usefixtures("small")
def test_a_database_in_use_is_refused(app: Flask, engine_url: str, revision: str) -> None:
    packed, before = written(app, revision), content(engine_url)
    with app.app_context():
        said = refused(db.engine, packed, revision)
    assert said.startswith("The database is in use: its table person has rows. Restore into an")
    assert content(engine_url) == before
    with app.app_context():
        archive.restore(db.engine, io.BytesIO(packed), revision=revision, replace=True)
        damaged = packed[:-1] + bytes([packed[-1] ^ 1])
        assert refused(db.engine, damaged, revision, replace=True) == DAMAGED
    assert content(engine_url) == before


def test_tables_of_another_revision_are_refused(app: Flask, revision: str) -> None:
    sink = io.BytesIO()
    with app.app_context():
        with pytest.raises(Refusal, match=f"at revision {revision}, but this .* needs next"):
            archive.write(db.engine, sink, revision="next", now=NOW)
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version"))
        with pytest.raises(Refusal, match="no tables yet"):
            archive.write(db.engine, sink, revision=revision, now=NOW)
    assert sink.getvalue() == b""


@sqlite_only
@pytest.mark.parametrize("other_url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("value", "words"), [("a\0b", "NUL"), ("x" * 81, "value too long for type character varying")]
)
def test_what_the_other_engine_cannot_hold(
    app: Flask, other: Engine, other_url: str, revision: str, value: str, words: str
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Person).values(name=value))
    before = content(other_url)
    said = refused(other, written(app, revision), revision)
    assert said.startswith("The table person does not fit this database, so nothing was changed: ")
    assert words in said
    assert content(other_url) == before


@sqlite_only
@pytest.mark.parametrize("other_url", ["postgres"], indirect=True)
@pytest.mark.usefixtures("small")
def test_a_busy_database_is_not_waited_for_long(app: Flask, other: Engine, revision: str) -> None:
    packed = written(app, revision)
    with other.begin() as busy:
        busy.execute(text("LOCK TABLE person IN ROW EXCLUSIVE MODE"))
        said = refused(other, packed, revision)
    assert said == "The database is in use. Stop mockint first."
