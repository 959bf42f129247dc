"""Bad input on every form: a clear sentence, 4xx, what was typed is kept, nothing changed.

The table of forms is in `tests.support.bad_input`; a new form that is not there fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mockint import clock
from mockint.settings import Settings
from tests.support import world
from tests.support.bad_input import account, calendars, declines, desk, interviews, rounds
from tests.support.bad_input.fields import NO_NUMBERS, Aside, Body, Text
from tests.support.bad_input.forms import ASIDE, Case, Form
from tests.support.bad_input.ground import Ground, Sender, sentences, shown
from tests.support.world import NOW

FORMS = (
    *account.FORMS,
    *calendars.FORMS,
    *interviews.FORMS,
    *declines.FORMS,
    *desk.FORMS,
    *rounds.FORMS,
)
STRICTER = (": NUL", "000 characters", ": 2**63")
COMPARED = frozenset(
    {("accounts.password", "email"), ("accounts.password", "password"), ("desk.keep_apart", "name")}
)
"""Words that find or prove somebody, and are not kept."""
NONE = ("0", "999999")
NO_ROWS = (str(2**31), str(10**30), "-1", "one", "1%00", "1;drop")


@pytest.fixture(scope="module")
def ground(world_app: Flask) -> Ground:
    return Ground(world_app, world_app.extensions["world"])


@pytest.fixture
def fresh(ground: Ground) -> Iterator[Ground]:
    """The world as it was built; what a test does to it is forgotten."""
    copy = ground.saved()
    yield ground
    ground.put_back(copy)


def test_every_form_is_in_the_table(world_app: Flask) -> None:
    routes = {
        rule.endpoint for rule in world_app.url_map.iter_rules() if "POST" in (rule.methods or ())
    }
    assert {form.endpoint for form in FORMS} == routes
    names = [form.id for form in FORMS]
    assert len(names) == len(set(names))


class Trial:
    """One form on its ground, with what was found wrong."""

    def __init__(self, ground: Ground, form: Form) -> None:
        self.ground, self.form, self.wrong = ground, form, list[str]()
        with ground.app.app_context():
            found = form.prepare(ground.world) if form.prepare else {}
        self.body: Body = form.body() | found
        self.address = ground.address(form)
        self.sender = ground.sender(form.who)
        self.copy = ground.saved()
        self.before = ground.rows()

    def works(self) -> None:
        """The good body does what it should; otherwise no refusal proves anything."""
        answer = self.ground.sender(self.form.who).send(self.address, self.body)
        assert answer.status_code == self.form.success, (self.form.id, sentences(answer))
        assert "/login" not in (answer.location or "") or self.form.who is None
        if self.form.changes:
            assert self.ground.rows() != self.before, "the good body changes nothing"

    def refused(
        self,
        case: Case,
        *,
        address: str = "",
        sender: Sender | None = None,
        token: str | None = None,
    ) -> None:
        """Send what is wrong; note what the answer lacks."""
        body = self.body | case.changes
        faults = []
        try:
            answer = (sender or self.sender).send(address or self.address, body, token=token)
        except Exception as error:  # in tests an error is no page with 500
            self.wrong.append(f"{case.label}: {error!r:.200}")
            return
        if answer.status_code not in case.answers:
            faults.append(f"{answer.status_code} {answer.location or sentences(answer)}")
        elif answer.status_code >= 400 and not sentences(answer):
            faults.append("no sentence")
        if self.form.keeps and answer.status_code in (409, 422) and not address:
            faults += [f"{name} is lost" for name in self._lost(case, answer)]
        self.wrong += [f"{case.label}: {fault}" for fault in faults]
        if self.ground.on_sqlite:
            self.unchanged(case.label)

    def unchanged(self, label: str) -> None:
        """Note the tables that differ from before, and put them back."""
        after = self.ground.rows()
        changed = [name for name, rows in self.before.items() if rows != after[name]]
        if changed:
            self.wrong.append(f"{label}: changed {changed}")
            self.ground.put_back(self.copy)

    def _lost(self, case: Case, answer: TestResponse) -> Iterator[str]:
        for name, field in self.form.fields.items():
            value = (self.body | case.changes)[name]
            if not (field.kept and isinstance(value, str)) or shown(answer, value):
                continue
            if value.isprintable() and len(value) < 10_000:
                yield name

    def led_astray(self) -> None:
        """What only says where to go next leads nowhere else."""
        asides = [name for name, field in self.form.fields.items() if isinstance(field, Aside)]
        for name in asides:
            for value in (*ASIDE, *NO_NUMBERS.values()):
                self.ground.put_back(self.copy)
                answer = self.sender.send(self.address, self.body | {name: value})
                to = urlsplit(answer.location or "")
                if answer.status_code != self.form.success or to.netloc or "elsewhere" in to.path:
                    self.wrong.append(f"{name} {value!r:.40}: {answer.status_code} {to.geturl()}")
        if asides:
            self.ground.put_back(self.copy)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_a_form_refuses_what_cannot_be_used(fresh: Ground, form: Form) -> None:
    trial = Trial(fresh, form)
    trial.works()
    fresh.put_back(trial.copy)
    for case in form.cases():
        trial.refused(case)
    elsewhere(trial)
    if form.token:
        stale = fresh.stale_sender(form.who)
        trial.before, trial.copy = fresh.rows(), fresh.saved()
        trial.refused(Case("made-up token", {}, (400,)), token="made-up")
        trial.refused(Case("yesterday's token", {}, (400,)), sender=stale)
    if "token" in form.args:
        useless_links(trial)
    trial.led_astray()
    assert trial.wrong == [], "\n".join(trial.wrong)


def test_only_spaces_at_the_ends_and_line_breaks_are_mended(ground: Ground) -> None:
    """What everybody's browser and fingers add is taken off; it is all that is ever changed."""
    wrong = []
    copy = ground.saved()
    for form in FORMS:
        typed = [name for name, field in form.fields.items() if isinstance(field, Text)]
        if not typed:
            continue
        trial = Trial(ground, form)
        texts = {name: str(trial.body[name]) for name in typed}
        untidy: Body = {n: "\t " + t.replace("\n", "\r\n") + " \r\n" for n, t in texts.items()}
        answer = trial.sender.send(trial.address, trial.body | untidy)
        now = ground.rows()
        fresh = "".join(row for name in now for row in set(now[name]) - set(trial.before[name]))
        kept = (text for name, text in texts.items() if (form.endpoint, name) not in COMPARED)
        lost = [line for text in kept for line in text.splitlines() if line not in fresh]
        if answer.status_code != form.success or lost or "\\r" in fresh or "\\t" in fresh:
            wrong.append(f"{form.id}: {answer.status_code}, lost {lost}")
        ground.put_back(copy)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("engine_url", ["postgres"], indirect=True)
def test_postgresql_refuses_alike_what_it_cannot_hold(
    app: Flask, settings: Settings, set_clock: Callable[[datetime], None]
) -> None:
    """What SQLite would take (any length, NUL, large numbers), sent in every form."""
    set_clock(NOW)
    ground = Ground(app, world.build(app, settings))
    wrong = []
    for form in FORMS:
        cases = [case for case in form.cases() if case.label.endswith(STRICTER)]
        if not cases:
            continue
        trial = Trial(ground, form)
        for case in cases:
            trial.refused(case)
        trial.unchanged("all of it")
        wrong += [f"{form.id} {fault}" for fault in trial.wrong]
    assert wrong == [], "\n".join(wrong)


def elsewhere(trial: Trial) -> None:
    """The good body at an address of somebody else's, of nothing, or where it is out of place."""
    form, ground = trial.form, trial.ground
    if form.stranger:
        stranger = ground.sender(form.stranger)
        trial.before, trial.copy = ground.rows(), ground.saved()
        trial.refused(Case("a stranger", {}, (404,)), sender=stranger, address=trial.address)
    for name, answers in form.elsewhere.items():
        address = ground.address(form, booking_id=ground.world.bookings[name])
        trial.refused(Case(f"booking {name}", {}, answers), address=address)
    for name in form.nobody:
        address = ground.address(form, person_id=ground.world.people[name])
        trial.refused(Case(f"person {name}", {}, (404,)), address=address)
    for argument in form.args:
        if argument == "token":
            continue
        rule = next(
            rule for rule in ground.app.url_map.iter_rules(form.endpoint)
        ).rule  # one rule an endpoint
        for text in (*NONE, *NO_ROWS):
            address = rule.replace(f"<int:{argument}>", text) + form.query
            answer = form.gone if text in NONE else 404
            if answer is not None:
                trial.refused(Case(f"address {text}", {}, (answer,)), address=address)


def useless_links(trial: Trial) -> None:
    """Links that were never sent, are too old, or were used."""
    form, ground = trial.form, trial.ground
    good = ground.world.tokens[form.endpoint]
    others = [token for token in ground.world.tokens.values() if token != good]
    swapped = good[:-1] + ("a" if good[-1] != "a" else "b")
    for text in (*others, swapped, good + "x", good[:-1], "x" * 5000, "%00", f"{good}%0A", "²-a"):
        address = trial.address.replace(good, text)
        trial.refused(Case(f"link {text[:60]}", {}, (404, 410)), address=address)
    if form.endpoint in ("accounts.reminders_by_mail", "progress.shared"):
        return  # one switches reminders off, one shows what was chosen, as often as one likes
    with pytest.MonkeyPatch.context() as patch:
        late = NOW + timedelta(days=8)
        patch.setattr(clock, "datetime", SimpleNamespace(now=late.astimezone))
        trial.refused(Case("too old", {}, (410,)), address=trial.address)
    used = ground.sender(form.who)
    assert used.send(trial.address, trial.body).status_code == form.success
    trial.before = ground.rows()
    trial.refused(Case("used", {}, (410,)), address=trial.address)
    ground.put_back(trial.copy)
    trial.before = ground.rows()
