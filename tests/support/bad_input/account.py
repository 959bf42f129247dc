"""Forms of people's own accounts."""

from __future__ import annotations

from mockint.db import db, transaction
from mockint.models import Person
from mockint.services import logins
from mockint.web.accounts import passwords
from tests.support.bad_input.fields import (
    Aside,
    Body,
    Choice,
    Choices,
    Day,
    Email,
    Field,
    Flag,
    Line,
    Link,
    NewPassword,
    Number,
    Row,
    Secret,
    Text,
    Zone,
)
from tests.support.bad_input.forms import Case, Form
from tests.support.world import NOW, World

PASSWORD = "a kettle under nine umbrellas"
KEPT: list[str] = []
"""The hash of `PASSWORD`, made once."""


def with_password(world: World) -> Body:
    """Sanjana has a password."""
    if not KEPT:
        KEPT.append(passwords.hashed(PASSWORD))
    with transaction():
        db.session.get_one(Person, world.people["candidate"]).password = KEPT[0]
    return {}


def other_device(world: World) -> Body:
    """Sanjana is signed in somewhere else as well; the first login is of Jonas."""
    made = [
        logins.start(world.people[who], key_hash=who, old_key_hash="", role="", device="", now=NOW)
        for who in ("interviewer", "candidate")
    ]
    assert made[0].id == 1 or db.engine.dialect.name != "sqlite", "the case below names it"
    return {"login": str(made[1].id)}


NEW_PASSWORD = NewPassword("a ladder beside four pianos", required=True)

ENTRY = (
    Form(
        "accounts.signup",
        fields={
            "wish": Choice("practise"),
            "name": Line("Noor", required=True, limit=80),
            "email": Email("noor@people.example", required=True),
            "zone": Zone("Asia/Kolkata", required=True),
            "password": Field(""),
        },
    ),
    Form(
        "accounts.signup",
        name="with a password",
        fields={
            "name": Field("Noor"),
            "email": Field("noor@people.example"),
            "zone": Field("Asia/Kolkata"),
            "password": NewPassword("a ladder beside four pianos"),
        },
    ),
    Form(
        "accounts.login_link",
        fields={"email": Email("sanjana@people.example", required=True), "next": Aside("/account")},
    ),
    Form(
        "accounts.password",
        fields={
            "email": Email("sanjana@people.example", required=True),
            "password": Secret(PASSWORD, required=True),
            "next": Aside("/account"),
        },
        prepare=with_password,
    ),
    Form("accounts.forgot", fields={"email": Email("sanjana@people.example", required=True)}),
    Form("accounts.confirm", args={"token": "confirm"}),
    Form("accounts.login_with_link", args={"token": "login"}, fields={"next": Aside("/account")}),
    Form("accounts.reset", args={"token": "reset"}, fields={"password": NEW_PASSWORD}),
    Form("accounts.change_email", args={"token": "email"}),
    Form(
        "accounts.invited",
        args={"token": "invite"},
        fields={
            "name": Line("Guest", required=True, limit=80),
            "zone": Zone("Asia/Kolkata", required=True),
        },
    ),
    Form("accounts.reminders_by_mail", args={"token": "reminders"}, success=200, token=False),
)

OWN = (
    Form("accounts.logout", "candidate", fields={"everywhere": Flag("y")}),
    Form("accounts.name", "candidate", fields={"name": Line("Sanju", required=True, limit=80)}),
    Form(
        "accounts.zone",
        "candidate",
        fields={"zone": Zone("Europe/Berlin", required=True), "next": Aside("/progress")},
    ),
    Form("accounts.role", "candidate", fields={"role": Choice("candidate", required=True)}),
    Form("accounts.reminders", "candidate", fields={"wanted": Choice("n", required=True)}),
    Form(
        "accounts.email",
        "candidate",
        fields={
            "email": Email("sanju@people.example", required=True),
            "current": Secret(PASSWORD, required=True),
        },
        prepare=with_password,
        more=(Case("the address they have", {"email": "sanjana@people.example"}, (422,)),),
    ),
    Form(
        "accounts.new_password",
        "candidate",
        fields={"current": Secret(PASSWORD, required=True), "password": NEW_PASSWORD},
        prepare=with_password,
    ),
    Form(
        "accounts.logins_end",
        "candidate",
        fields={"login": Row("", required=True)},
        prepare=other_device,
        more=(Case("a login of somebody else", {"login": "1"}, (404,)),),
    ),
    Form("accounts.export", "candidate", success=200, changes=False),
    Form("feeds.make", "candidate"),
    Form("feeds.revoke", "candidate"),
    Form(
        "accounts.leave",
        "candidate",
        fields={
            "reason": Text("I found a position and stop practising.", required=True, limit=500),
            "sure": Flag("y", required=True),
        },
    ),
    Form(
        "accounts.candidate",
        "candidate",
        fields={
            "target_level": Choice("senior", required=True),
            "tracks": Choices(["coding", "testing"], required=True),
            "target_role": Line("Site reliability engineer", limit=120),
            "target_companies": Text("Nordlicht\nLumen Labs", limit=20 * 122),
            "interview_on": Day("2026-12-18", outside=("2026-11-22", "1999-01-01", "2199-01-01")),
            "languages": Choices(["en"], required=True),
            "current_employer": Line("Everest Pay", limit=120),
            "goals": Text("Say two examples aloud\nbefore writing.", limit=2000),
            "next": Aside("/progress"),
        },
        more=(
            Case("21 companies", {"target_companies": "\n".join(map(str, range(21)))}, (422,)),
            Case("a long company", {"target_companies": "x" * 121}, (422,)),
        ),
    ),
    Form(
        "accounts.volunteer",
        "volunteer",
        fields={
            "company": Line("Ondas", required=True, limit=120),
            "title": Line("Staff engineer", required=True, limit=120),
            "years": Number("11", required=True, outside=("61", "999", "1000")),
            "tracks": Choices(["coding"], required=True),
            "levels": Choices(["mid"], required=True),
            "languages": Choices(["en"], required=True),
            "bio": Text("Ten years of search.\nI like small steps.", required=True, limit=2000),
            "meeting_link": Link("https://meet.example/olu", required=True),
        },
    ),
    Form("accounts.withdraw", "volunteer"),
)

FORMS = (*ENTRY, *OWN)
