"""How Jinja writes our pages; compiled templates are kept in the data folder, and loaded before a
server forks.

Compiling all takes a second of CPU; a process that was just started must not make readers wait.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]  # see below


def written(value: Any) -> Any:
    """What a page shows of a value, as `escape` has it; a page has hundreds of them.

    `escape` makes markup of each, though all that becomes of it is a piece of a longer text; what
    it calls for that has no public name.
    """
    kind = type(value)
    if kind is Markup:
        return value
    if kind is str:
        return _escape_inner(value)
    return str(value) if kind is int else escape(value)


class Writer(CodeGenerator):
    """Writes templates that call `written` where Jinja's own copy each piece of markup."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        escapes = frame.eval_ctx.autoescape and not frame.eval_ctx.volatile
        if escapes and finalize.src is None:
            self.write("environment.written(")
        else:
            super()._output_child_pre(node, frame, finalize)


class Pages(Environment):
    """Flask's environment, where a template has no globals of its own, so none are searched."""

    code_generator_class = Writer
    written = staticmethod(written)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


KEPT_AS = "written_%s.cache"
"""Says what the code in it calls: a version of mockint without it must not load it."""


class Kept(FileSystemBytecodeCache):
    """What cannot be kept or read, because the disk is full or read-only, is compiled again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            Path(self.directory).mkdir(mode=0o700, exist_ok=True)
            super().dump_bytecode(bucket)


def install(app: Flask, folder: Path) -> None:
    """Keep them in `folder`."""
    app.jinja_env.bytecode_cache = Kept(str(folder), KEPT_AS)


def load(app: Flask) -> None:
    """Load every page's template, so that processes forked from this one have them."""
    for name in app.jinja_env.list_templates(filter_func=_is_page):
        app.jinja_env.get_template(name)


def _is_page(name: str) -> bool:
    """Mails have an environment of their own."""
    return name.endswith(".html") and not name.startswith("mail/")
