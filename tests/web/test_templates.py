"""Compiled templates are kept over starts, and a folder that takes nothing stops no page."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment

from mockint.web import templates

pytestmark = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The names of the templates that had to be compiled."""
    names: list[str | None] = []
    compile_template = Environment.compile

    def noting(self: Environment, source: str, name: str | None, file: str | None) -> object:
        names.append(name)
        return compile_template(self, source, name, file)

    monkeypatch.setattr(Environment, "compile", noting)
    return names


def test_they_are_compiled_once(app: Flask, tmp_path: Path, compiled: list[str | None]) -> None:
    templates.install(app, tmp_path / "templates")
    templates.load(app)
    assert "slots/picker.html" in compiled
    compiled.clear()
    app.jinja_env.cache.clear()  # type: ignore[union-attr]  # Flask's environment has one
    templates.load(app)
    assert compiled == []


@pytest.mark.parametrize("folder", ["a file", "missing/templates"])
def test_a_folder_that_takes_nothing_stops_no_page(
    app: Flask, tmp_path: Path, compiled: list[str | None], folder: str
) -> None:
    (tmp_path / "a file").touch()
    templates.install(app, tmp_path / folder)
    assert app.test_client().get("/login").status_code == 200
    assert "accounts/login.html" in compiled
