"""What people may type about themselves, which moves an application makes, when a login ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from mockint.domain import account as rules
from mockint.domain.errors import Conflict, Invalid

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_every_move_names_states_that_are_known():
    assert set(rules.APPLICATION_MOVES) == set(rules.APPLICATION_STATES)
    assert set().union(*rules.APPLICATION_MOVES.values()) <= set(rules.APPLICATION_STATES)


@pytest.mark.parametrize("state", rules.APPLICATION_STATES)
@pytest.mark.parametrize("to", rules.APPLICATION_STATES)
def test_only_declared_moves_are_made(state, to):
    if to in rules.APPLICATION_MOVES[state]:
        rules.require_move(state, to)
    else:
        with pytest.raises(Conflict):
            rules.require_move(state, to)


def test_nobody_is_approved_without_having_applied():
    assert {s for s, to in rules.APPLICATION_MOVES.items() if "approved" in to} == {"applied"}


@pytest.mark.parametrize(
    ("seen_ago", "made_ago", "strict", "over"),
    [
        (timedelta(days=13), timedelta(days=29), False, False),
        (timedelta(days=14), timedelta(days=20), False, True),
        (timedelta(0), timedelta(days=30), False, True),
        (timedelta(minutes=59), timedelta(hours=11), True, False),
        (timedelta(minutes=60), timedelta(hours=2), True, True),
        (timedelta(0), timedelta(hours=12), True, True),
    ],
)
def test_logins_end_by_themselves(seen_ago, made_ago, strict, over):
    assert rules.login_over(NOW - made_ago, NOW - seen_ago, now=NOW, strict=strict) is over


@pytest.mark.parametrize(
    "password",
    ["password", "PASSWORD1", "qwerty123", "mockint!", "Interview2026", "sanjana1", "abababab",
     "sanjana@people.example", "1234567890", "!!!!!!!!!!", "a" * 7, "xy" * 65, "nul\0inside"],
)  # fmt: skip
def test_passwords_that_are_guessed_first(password):
    with pytest.raises(Invalid) as refused:
        rules.require_password(password, about=("Sanjana", "sanjana@people.example"))
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "password",
    ["seven quiet rivers", "correct horse", "  spaces  stay ", "пароль-длинный", "x9#kQ2!v"],
)
def test_other_passwords_need_no_symbols(password):
    rules.require_password(password, about=("Sanjana", "sanjana@people.example"))


def test_text_is_composed_stripped_and_kept():
    assert rules.clean_text("goals", "  Cafe\u0301\r\nand\ttea ") == "Café\nand tea"
    assert rules.clean_line("name", "محمد 中文 Ñ") == "محمد 中文 Ñ"


@pytest.mark.parametrize(
    "letter", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\ud800"]
)
def test_what_cannot_be_shown_is_refused(letter):
    with pytest.raises(Invalid):
        rules.clean_text("goals", f"a{letter}b")


def test_companies_are_split_and_named_once():
    assert rules.clean_companies("c", "Acme, acme; Fjord\n\n Acme ") == ("Acme", "Fjord")


def test_choices_come_in_the_order_they_are_offered():
    assert rules.clean_choice("tracks", ["b", "a", "b"], ("a", "b", "c")) == ("a", "b")


@pytest.mark.parametrize("link", ["https://meet.example/a?b=c#d", "https://x.meet.example:8443/r"])
def test_meeting_links_that_work(link):
    assert rules.clean_link("meeting_link", f" {link} ") == link


def test_the_date_of_the_interview_is_ahead():
    plain = {"target_level": "mid", "tracks": ["coding"], "languages": ["en"]}
    today = date(2026, 11, 23)
    assert rules.wish(**plain, interview_on=today, today=today).interview_on == today
    with pytest.raises(Invalid):
        rules.wish(**plain, interview_on=today - timedelta(days=1), today=today)
