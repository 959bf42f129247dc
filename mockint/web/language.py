"""Words in the reader's language: Flask-Babel, made quick for pages that have hundreds of them."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Flask
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from mockint.adapters.mailer import known_locale


@lru_cache(maxsize=128)
def locale_of(name: str) -> Locale:
    """The locale if Babel knows it, else English; always the same object for the same name."""
    return Locale.parse(known_locale(name))


class Words(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Keeps translations by locale; Flask-Babel writes out the locale's name for each word."""

    def __init__(self) -> None:
        super().__init__()
        self._of: dict[Locale | None, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        found = self._of.get(locale)
        if found is None:
            found = self._of[locale] = super().get_translations()
        return found


class Language(Babel):  # type: ignore[misc]  # same
    """Flask-Babel whose `_` and `ngettext` in templates do in one step what Jinja does in five."""

    @cached_property
    def domain_instance(self) -> Words:
        return Words()

    def init_app(self, app: Flask, **options: Any) -> None:
        super().init_app(app, **options)
        words = self.domain_instance

        @pass_eval_context
        def gettext(context: EvalContext, text: str, /, **values: Any) -> str:
            return _filled(context, words.get_translations().ugettext(text), values)

        @pass_eval_context
        def ngettext(context: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
            found = words.get_translations().ungettext(one, many, num)
            return _filled(context, found, {"num": num} | values)

        app.jinja_env.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext})


def _filled(context: EvalContext, text: str, values: dict[str, Any]) -> str:
    """A translated sentence is trusted, what is put into it is not."""
    if context.autoescape:
        text = Markup(text)
    return text % values if values or "%" in text else text
