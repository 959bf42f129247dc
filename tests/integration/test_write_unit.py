"""What is changed outside a write unit is never kept, however it was changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from mockint.db import db, end_reading, transaction
from mockint.domain.errors import Refusal
from mockint.models import Person
from tests import factories

NOW = datetime(2026, 11, 23, 9, 35, tzinfo=UTC)


def by_an_object(number: int) -> None:
    db.session.get_one(Person, number).name = "Changed"


def by_an_object_that_was_flushed(number: int) -> None:
    by_an_object(number)
    db.session.flush()


def by_a_statement(number: int) -> None:
    db.session.execute(update(Person).where(Person.id == number).values(name="Changed"))


def by_text(number: int) -> None:
    db.session.execute(text("UPDATE person SET name = 'Changed'"))


WAYS = (by_an_object, by_an_object_that_was_flushed, by_a_statement, by_text)


@pytest.mark.parametrize("change", WAYS)
@pytest.mark.parametrize("ends", ["with the request", "with a write unit"])
def test_it_is_undone(db_session: Session, change: Callable[[int], None], ends: str) -> None:
    who = factories.candidate(now=NOW)
    number, name = who.id, who.name
    change(number)
    if ends == "with the request":
        end_reading()
    else:
        with transaction():
            pass
    db.session.remove()
    assert db.session.scalar(select(Person.name).where(Person.id == number)) == name


@pytest.mark.parametrize("change", WAYS)
def test_inside_a_write_unit_it_is_kept(db_session: Session, change: Callable[[int], None]) -> None:
    number = factories.candidate(now=NOW).id
    with transaction():
        change(number)
    end_reading()
    db.session.remove()
    assert db.session.scalar(select(Person.name).where(Person.id == number)) == "Changed"


def refused(change: Callable[[int], object], number: int) -> None:
    with transaction():
        change(number)
        raise Refusal("No.")


@pytest.mark.parametrize("change", WAYS)
def test_a_refusal_undoes_what_was_changed_before_it(
    db_session: Session, change: Callable[[int], None]
) -> None:
    who = factories.candidate(now=NOW)
    number, name = who.id, who.name
    with pytest.raises(Refusal):
        refused(change, number)
    db.session.remove()
    assert db.session.scalar(select(Person.name).where(Person.id == number)) == name


def test_a_refusal_before_any_change_keeps_prepared_statements(db_session: Session) -> None:
    number = factories.candidate(now=NOW).id
    undone: list[object] = []

    def note(connection: object) -> None:
        undone.append(connection)

    event.listen(db.engine, "rollback", note)
    with pytest.raises(Refusal):
        refused(lambda one: db.session.get_one(Person, one), number)
    event.remove(db.engine, "rollback", note)
    assert undone == []
    assert not db.session().in_transaction()
