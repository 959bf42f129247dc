"""The floor of a page: Flask and Jinja write 22 KB with 60 escaped rows, and no more.

`/page` is that, with no login, no database and no words to look up. `/people` reads through
SQLAlchemy and psycopg first, so a process that has answered it holds what any such application
holds: it is the floor of a start and of memory. `FLOOR_DATABASE_URL` names the PostgreSQL; nothing
has to be in it. Serve it with gunicorn like the application: `gunicorn bench.floor_pages:app`.
"""

from __future__ import annotations

import os

from flask import Flask, render_template_string
from sqlalchemy import String, create_engine, literal, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

ROWS = 60
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head><body>
<h1>{{ title }}</h1><table><thead><tr><th>Name</th><th>About</th><th>Page</th></tr></thead><tbody>
{%- for row in rows %}
<tr><td>{{ row.name }}</td><td>{{ row.about }}</td>
<td><a href="/people/{{ row.id }}" class="button">{{ row.link }}</a></td></tr>
{%- endfor %}
</tbody></table></body></html>
"""
ROW = [
    {
        "id": number,
        "name": f"Interviewer <{number}>",
        "about": "Distributed systems & data: " + "long in the work " * 11,
        "link": 'See "all" the times of this one',
    }
    for number in range(ROWS)
]


class Base(DeclarativeBase):
    """Of the one table."""


class Word(Base):
    """A row that PostgreSQL makes up, so that no table is needed."""

    __tablename__ = "floor_word"

    word: Mapped[str] = mapped_column(String(20), primary_key=True)


app = Flask(__name__)
engine = create_engine(os.environ["FLOOR_DATABASE_URL"])
page_template = app.jinja_env.from_string(PAGE)


@app.get("/page")
def page() -> str:
    return page_template.render(title="Interviewers", rows=ROW)


@app.get("/people")
def people() -> str:
    made_up = select(literal("Interviewers").label("word"))
    with Session(engine) as session:
        found = session.scalars(select(Word).from_statement(made_up)).one()
        return render_template_string(PAGE, title=found.word, rows=ROW)
