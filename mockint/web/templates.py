"""Compiled templates: kept in the data folder, and loaded before a server forks.

Compiling all takes a second of CPU; a process that was just started must not make readers wait.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


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
    app.jinja_env.bytecode_cache = Kept(str(folder))


def load(app: Flask) -> None:
    """Load every page's template, so that processes forked from this one have them."""
    for name in app.jinja_env.list_templates(filter_func=_is_page):
        app.jinja_env.get_template(name)


def _is_page(name: str) -> bool:
    """Mails have an environment of their own."""
    return name.endswith(".html") and not name.startswith("mail/")
