"""Canary strings: each text that people write says where it stands, so a crawl finds readers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from email import message_from_bytes, policy
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from sqlalchemy import JSON, Column, String, Table, Text, select, update

from mockint.db import Words, db, transaction
from mockint.models import KeptMail
from tests.support.doors import doors, may_enter, visitor
from tests.support.world import World

CANARY = re.compile(r"canary-([a-z_]+\.[a-z_]+)-([a-z]+)")
LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
FOLD = re.compile(r"\r?\n[ \t]")
"""How calendars and mails break a long line (RFC 5545 section 3.1, RFC 5322 section 2.2.3)."""
SHOWS_ALL_MAIL = "/mailbox"
"""The mailbox of demo and development shows everybody's mail on purpose."""


def text_columns(table: Table) -> list[Column[Any]]:
    """The columns in which somebody's words can stand."""
    return [one for one in table.columns if isinstance(one.type, (Text, String, Words, JSON))]


def written_about(*roots: str) -> list[Table]:
    """The tables that hang on these by foreign keys, and these themselves, at any depth."""
    found = set(roots)
    tables = db.metadata.sorted_tables
    for table in tables:
        if {key.column.table.name for key in table.foreign_keys} & found - {"booking"}:
            found.add(table.name)
    return [table for table in tables if table.name in found]


def plant(columns: Iterable[str], rows: Mapping[str, Mapping[int, str]]) -> None:
    """Write a canary into each `table.column` of these rows: table to key of the row to state."""
    tables = db.metadata.tables
    with transaction():
        for name in columns:
            table_name, column_name = name.split(".")
            table = tables[table_name]
            key = next(iter(table.primary_key))
            for row, state in rows[table_name].items():
                canary = f"canary-{name}-{state}"
                column = table.columns[column_name]
                said: Any = (canary,) if isinstance(column.type, Words) else canary
                db.session.execute(update(table).where(key == row).values({column_name: said}))


def found_in(text: str) -> set[tuple[str, str]]:
    """The canaries in a text: `table.column` and state."""
    return set(CANARY.findall(FOLD.sub("", text)))


def crawl(app: Flask, world: World, roles: Iterable[str | None]) -> dict[tuple[str, str], set[str]]:
    """Canary to the roles that meet it on any page, feed, CSV or JSON, and behind every link."""
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for who in roles:
        client = visitor(app, world, who)
        ahead = [one.address for one in doors(app, world, "GET") if may_enter(one, who)]
        known = set(ahead)
        while ahead:
            address = ahead.pop()
            if address.startswith(SHOWS_ALL_MAIL):
                continue
            answer = client.get(address)
            if (answer.mimetype or "").startswith(("text/", "application/json")):
                for canary in found_in(answer.text):
                    seen[canary].add(who or "anonymous")
            if answer.mimetype == "text/html":
                for link in LINK.findall(answer.text):
                    target = urlsplit(urljoin(address, unescape(link)))
                    onward = target._replace(scheme="", netloc="", fragment="").geturl()
                    if onward not in known and not onward.startswith("/static/"):
                        known.add(onward)
                        ahead.append(onward)
    return seen


def mailed(world: World) -> dict[tuple[str, str], set[str]]:
    """Canary to the roles that got it by mail, in any part of one."""
    names = {person: who for who, person in world.people.items()}
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mail in db.session.scalars(select(KeptMail)):
        message = message_from_bytes(mail.raw, policy=policy.default)
        texts = [message["Subject"]]
        for part in message.walk():
            if not part.is_multipart():
                texts.append(part.get_payload(decode=True).decode("utf-8", "replace"))  # type: ignore[union-attr]  # bytes of a leaf
        reader = names.get(mail.person_id or 0, mail.recipient)
        for canary in found_in("\n".join(texts)):
            seen[canary].add(reader)
    return seen
