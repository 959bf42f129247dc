"""A made-up language: every marked text in other letters, longer, in ⟦brackets⟧.

What is left of a page in plain letters was never marked, or is data.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo

ROOT = Path(__file__).resolve().parents[2]
LOCALE = "en_ZA"
"""Stands in for the made-up language; its dates are English words, which the tests know."""
LONGER = 0.4
KEPT = re.compile(r"%\([a-z_]+\)[sd]|%[sd%]|\{[a-z_]*\}|<[^>]+>|&[a-z]+;|&#\d+;")
LETTERS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçđéƒĝĥíĵķłɱñóþɋŕšŧúṽŵẋýžÁɃÇĐÉƑĜĤÍĴĶŁⱮÑÓÞɊŔŠŦÚṼŴẊÝŽ",
)


def made_up(text: str) -> str:
    """The text in the made-up language; places for values and markup stay."""
    if not text.strip():
        return text
    parts, end = [], 0
    for kept in KEPT.finditer(text):
        parts += [text[end : kept.start()].translate(LETTERS), kept[0]]
        end = kept.end()
    parts.append(text[end:].translate(LETTERS))
    words = "".join(parts)
    padding = "·" * max(1, round(len(text) * LONGER))
    return f"⟦{words}{padding}⟧"


def extracted() -> Catalog:
    """Every marked text of the code and the templates."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog(locale=LOCALE)
    found = extract_from_dir(
        ROOT,
        method_map=methods,
        options_map=options,
        keywords={**DEFAULT_KEYWORDS, "N_": None, "_l": None},
        comment_tags=(),
        directory_filter=lambda folder: Path(folder).name not in ("node_modules", ".venv", ".git"),
    )
    for name, line, message, _comments, _context in found:
        catalog.add(message, locations=[(name, line)])
    return catalog


def write(folder: Path) -> Catalog:
    """Put the made-up language into `folder` as a compiled catalogue; returns it."""
    catalog = extracted()
    for message in catalog:
        if message.id:
            forms = (message.id,) if isinstance(message.id, str) else message.id
            strings = tuple(made_up(form) for form in forms)
            message.string = strings if len(strings) > 1 else strings[0]
    target = folder / LOCALE / "LC_MESSAGES"
    target.mkdir(parents=True)
    with (target / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    return catalog


class Words(HTMLParser):
    """What a page says: texts, and attributes that are read out or shown."""

    SHOWN = frozenset({"title", "alt", "aria-label", "placeholder", "aria-description"})
    SILENT = frozenset({"script", "style", "template"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        for name, value in attrs:
            sentence = name.startswith("data-") and re.search(r"[A-Za-z]{2} [a-z]{2}", value or "")
            if value and (name in self.SHOWN or sentence):
                self.said.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.said.append(" ".join(data.split()))


def plain(text: str) -> str:
    """What is not in the made-up language: values that were put in, and words nobody marked."""
    return " ".join(re.sub(r"[^\x20-\x7e]+", " ", text).split())
