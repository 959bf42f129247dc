"""Roles, the states of a volunteer's application, and what people may type about themselves."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from mockint.domain import zones
from mockint.domain.errors import N_, Conflict, Invalid, Refusal
from mockint.domain.rubric import LANGUAGES, LEVELS, TRACKS

ROLES = ("candidate", "interviewer", "organiser")

APPLICATION_STATES = ("invited", "applied", "returned", "approved", "declined", "withdrawn")
APPLICATION_MOVES: dict[str, frozenset[str]] = {
    "invited": frozenset({"applied"}),
    "applied": frozenset({"approved", "returned", "declined", "withdrawn"}),
    "returned": frozenset({"applied", "declined", "withdrawn"}),
    "approved": frozenset({"withdrawn"}),
    "declined": frozenset({"applied"}),
    "withdrawn": frozenset({"applied"}),
}
"""From a state to the states it may legally become."""

LINK_LIFE = {
    "confirm": timedelta(hours=24),
    "login": timedelta(minutes=10),
    "reset": timedelta(minutes=30),
    "email": timedelta(hours=24),
    "invite": timedelta(days=7),
    "answer": timedelta(days=7),
}
"""Kinds of one-time links and how long each works (OWASP ASVS 5.0, 6.5.5)."""

LOGIN_IDLE, LOGIN_LIFE = timedelta(days=14), timedelta(days=30)
ORGANISER_IDLE, ORGANISER_LIFE = timedelta(minutes=60), timedelta(hours=12)

PASSWORD_MIN, PASSWORD_MAX = 8, 128
NAME_MAX, LINE_MAX, TEXT_MAX, LINK_MAX, EMAIL_MAX = 80, 120, 2000, 500, 254
COMPANIES_MAX = 20
YEARS_MAX = 60


class LinkUseless(Refusal):
    """A one-time link that is used up, too old, replaced or never was."""

    status = 410


def require_move(state: str, to: str) -> None:
    """Refuse an application's illegal move; the page the button was on is out of date."""
    if to not in APPLICATION_MOVES[state]:
        raise Conflict(N_("This application has changed meanwhile. Look at it again."))


def login_over(created_at: datetime, seen_at: datetime, *, now: datetime, strict: bool) -> bool:
    """Whether a login has ended by itself; `strict` are the short times of organisers."""
    idle, life = (ORGANISER_IDLE, ORGANISER_LIFE) if strict else (LOGIN_IDLE, LOGIN_LIFE)
    return now - seen_at >= idle or now - created_at >= life


# What people type

_BREAKS = "\u0085\u2028\u2029"
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _unprintable(text: str) -> bool:
    return any(
        (unicodedata.category(letter) in ("Cc", "Cs") and letter != "\n")
        or letter in _DIRECTION
        or letter in _BREAKS
        for letter in text
    )


def clean_text(field: str, text: str, limit: int = TEXT_MAX, *, required: bool = False) -> str:
    """Words of several lines, NFC, at most `limit` characters, without control characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " ")).strip()
    if _unprintable(text):
        raise Invalid(field, N_("Remove the characters that cannot be shown."))
    if len(text) > limit:
        raise Invalid(
            field,
            N_("Shorten this to %(limit)s characters. It has %(n)s."),
            limit=limit,
            n=len(text),
        )
    if required and not text:
        raise Invalid(field, N_("Fill this in."))
    return text


def clean_line(field: str, text: str, limit: int = LINE_MAX, *, required: bool = False) -> str:
    """As `clean_text`, on one line."""
    text = clean_text(field, text, limit, required=required)
    if "\n" in text:
        raise Invalid(field, N_("Write this on one line."))
    return text


def clean_zone(field: str, name: str) -> str:
    """Today's name of an IANA zone a person can be in."""
    zone = zones.canonical(name)
    if zone is None:
        raise Invalid(field, N_("Choose your time zone from the list."))
    return zone


def clean_choice(
    field: str, chosen: Iterable[str], known: Collection[str], *, required: bool = True
) -> tuple[str, ...]:
    """The chosen keys in the order of `known`; an unknown one is refused."""
    wanted = set(chosen)
    if wanted - set(known):
        raise Invalid(field, N_("Choose from the list."))
    if required and not wanted:
        raise Invalid(field, N_("Choose at least one."))
    return tuple(key for key in known if key in wanted)


def clean_companies(field: str, text: str) -> tuple[str, ...]:
    """Company names from lines or commas, each once, in the order written."""
    text = clean_text(field, text, COMPANIES_MAX * (LINE_MAX + 2))
    names = (clean_line(field, name) for name in re.split(r"[,;\n]", text))
    found = {name.casefold(): name for name in names if name}
    if len(found) > COMPANIES_MAX:
        raise Invalid(field, N_("Name at most %(limit)s companies."), limit=COMPANIES_MAX)
    return tuple(found.values())


def clean_link(field: str, text: str) -> str:
    """An https address of a meeting room, or nothing."""
    link = clean_line(field, text, LINK_MAX)
    if not link:
        return ""
    sentence = N_("Write the whole address of your meeting room, starting with https://.")
    if not link.isascii() or re.search(r"[\s<>\"\\^`{|}]", link):
        raise Invalid(field, sentence)
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        raise Invalid(field, sentence) from None
    host = parts.hostname or ""
    if parts.scheme != "https" or "." not in host or "@" in parts.netloc or port == 0:
        raise Invalid(field, sentence)
    return link


SITE_WORDS = ("mockint", "interview", "candidate", "organiser", "rubric", "booking")

_COMMON_WORDS = """
12345678 123456789 1234567890 0123456789 11111111 00000000 87654321 987654321 12341234 11223344
123123123 147258369 123654789 12345679 1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4 qwertyui qwertyuiop
qwerty12 qwerty123 qwerty1234 asdfghjk asdfghjkl zxcvbnm1 zxcvbnm123 qazwsxedc abcd1234 abc12345
abc123456 abcdefgh abcdefg1 a1234567 a12345678 aa123456 aa12345678 password password1 password12
password123 password1234 passw0rd p@ssw0rd p@ssword pa55word passwort passwort1 motdepasse
contrasena senha123 iloveyou iloveyou1 iloveyou2 princess princess1 sunshine sunshine1 football
football1 baseball baseball1 superman superman1 batman123 starwars starwars1 pokemon1 welcome1
welcome12 welcome123 letmein1 letmein123 trustno1 changeme changeme1 changeme123 administrator
admin123 admin1234 adminadmin rootroot test1234 testtest tester123 user1234 default1 secret123
topsecret computer computer1 internet internet1 whatever whatever1 michelle michelle1 jennifer
jessica1 michael1 jordan23 charlie1 samantha danielle alexander victoria elizabeth monkey123
dragon123 master123 shadow12 hunter12 liverpool liverpool1 chelsea1 arsenal1 barcelona
realmadrid mercedes corvette maverick midnight blink182 corvette1 babygirl babygirl1 lovelove
loveyou1 sweetheart chocolate chocolate1 butterfly rainbow1 basketball volleyball softball
hello123 helloworld goodmorning freedom1 fuckyou1 asshole1 bullshit hallo123 qwertz123 azerty123
azertyuiop google123 facebook facebook1 linkedin linkedin1 dropbox1 samsung1 nintendo
playstation spring2026 summer2026 autumn2026 winter2026 january1 december monday123 friday13
"""
_COMMON = frozenset(_COMMON_WORDS.split())
"""Passwords everybody tries first; shorter ones are refused by their length."""


def require_password(password: str, *, about: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too long or guessed first.

    Checked and stored exactly as typed. `about` are words that belong to the account: its name
    and its address.
    """
    if len(password) < PASSWORD_MIN:
        raise Invalid(
            "password",
            N_("Use at least %(limit)s characters. You have %(n)s."),
            limit=PASSWORD_MIN,
            n=len(password),
        )
    if len(password) > PASSWORD_MAX:
        raise Invalid("password", N_("Use at most %(limit)s characters."), limit=PASSWORD_MAX)
    if "\0" in password:
        raise Invalid("password", N_("Remove the characters that cannot be shown."))
    plain = password.casefold()
    core = plain.strip("0123456789!?.,-_#$%&*@ ")
    words = {word.casefold() for text in about for word in (text, text.partition("@")[0])}
    guessed = {*SITE_WORDS, *(word for word in words if len(word) > 3), ""}
    if plain in _COMMON or plain in words or core in guessed or len(set(plain)) < 3:
        raise Invalid("password", N_("This password is easily guessed. Choose another one."))


# What a candidate and a volunteer say


@dataclass(frozen=True, slots=True)
class Wish:
    """What a candidate prepares for."""

    target_level: str
    tracks: tuple[str, ...]
    languages: tuple[str, ...] = ("en",)
    target_role: str = ""
    target_companies: tuple[str, ...] = ()
    current_employer: str = ""
    interview_on: date | None = None
    goals: str = ""


def wish(
    *,
    target_level: str,
    tracks: Iterable[str],
    languages: Iterable[str],
    target_role: str = "",
    target_companies: str = "",
    current_employer: str = "",
    interview_on: date | None = None,
    goals: str = "",
    today: date,
) -> Wish:
    """Check what was typed; level and one track are what matching needs. `today` is local."""
    if target_level not in LEVELS:
        raise Invalid("target_level", N_("Choose the level you prepare for."))
    if interview_on is not None and not today <= interview_on <= today + timedelta(days=3 * 366):
        raise Invalid("interview_on", N_("Choose a date in the next three years."))
    return Wish(
        target_level=target_level,
        tracks=clean_choice("tracks", tracks, TRACKS),
        languages=clean_choice("languages", languages, LANGUAGES),
        target_role=clean_line("target_role", target_role),
        target_companies=clean_companies("target_companies", target_companies),
        current_employer=clean_line("current_employer", current_employer),
        interview_on=interview_on,
        goals=clean_text("goals", goals),
    )


@dataclass(frozen=True, slots=True)
class Application:
    """What a volunteer says; `makes_link` asks for a fresh room for each interview."""

    company: str
    title: str
    years: int
    tracks: tuple[str, ...]
    levels: tuple[str, ...]
    languages: tuple[str, ...]
    bio: str
    meeting_link: str
    makes_link: bool


def application(
    *,
    company: str,
    title: str,
    years: int,
    tracks: Iterable[str],
    levels: Iterable[str],
    languages: Iterable[str],
    bio: str,
    meeting_link: str,
    makes_link: bool,
    rooms: bool,
) -> Application:
    """Check what was typed; `rooms` says whether this installation can make meeting rooms."""
    makes_link = makes_link and rooms
    link = "" if makes_link else clean_link("meeting_link", meeting_link)
    if not link and not makes_link:
        raise Invalid(
            "meeting_link",
            N_("Write the whole address of your meeting room, starting with https://."),
        )
    if not 0 <= years <= YEARS_MAX:
        raise Invalid("years", N_("Write your years of work as a number, 0 to %(n)s."), n=YEARS_MAX)
    return Application(
        company=clean_line("company", company, required=True),
        title=clean_line("title", title, required=True),
        years=years,
        tracks=clean_choice("tracks", tracks, TRACKS),
        levels=clean_choice("levels", levels, LEVELS),
        languages=clean_choice("languages", languages, LANGUAGES),
        bio=clean_text("bio", bio, required=True),
        meeting_link=link,
        makes_link=makes_link,
    )
