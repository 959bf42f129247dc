"""The files of deploy/: what independent linters say, and what only we can know about them."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mockint.cli import COMMANDS
from mockint.settings import from_environment

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = DEPLOY / "Containerfile"
COMPOSE = DEPLOY / "compose.yaml"
UNITS = DEPLOY / "systemd"
COMMON = UNITS / "mockint-.service.d" / "common.conf"
TOOLS = Path(sys.executable).parent

NO_FAULT = (
    "ExecNotFound", "ReferencedUnitNotFound",  # they are on the machine the unit is for
    "Security.Delegate",  # nothing here makes control groups of its own
    "Security.UMaskOW",  # it takes the bits of UMask=0077 for those that are left
)  # fmt: skip
"""What systemdlint says without need."""


def lint(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]], capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout + done.stderr


def broken(tmp_path: Path, file: Path, old: str, new: str) -> Path:
    """A copy of `file` with a mistake in it."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    copy = tmp_path / file.name
    copy.write_text(text.replace(old, new), encoding="utf-8")
    return copy


# The image


def test_the_containerfile_has_no_fault() -> None:
    assert lint("hadolint", CONTAINERFILE) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("USER 10001:10001", "USER root", "DL3002"),
        ("FROM node:22-bookworm-slim", "FROM node", "DL3006"),
        ("EXPOSE 8000", "EXPOSED 8000", "missing whitespace"),
        ("WORKDIR /srv/mockint", "WORKDIR srv", "DL3000"),
    ],
)
def test_its_linter_sees(tmp_path: Path, old: str, new: str, rule: str) -> None:
    code, words = lint("hadolint", broken(tmp_path, CONTAINERFILE, old, new))
    assert code != 0
    assert rule in words


def test_what_the_image_copies_is_there_and_is_all_that_runs() -> None:
    text = CONTAINERFILE.read_text(encoding="utf-8")
    copied = set[str]()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        copied |= set(line.split()[:-1])
    for name in copied:
        assert (ROOT / name).exists(), name
    assert {"mockint", "migrations", "templates", "wsgi.py", "requirements.lock"} <= copied
    sources = {f"static/{p.name}" for p in (ROOT / "static").iterdir()} - {"static/dist"}
    assert sources <= copied, "the browser code is built from all its sources"


def test_the_image_starts_a_command_that_there_is() -> None:
    text = CONTAINERFILE.read_text(encoding="utf-8")
    words = json.loads(re.findall(r"^CMD (.+)$", text, re.MULTILINE)[-1])
    assert words[0] in COMMANDS
    assert "--migrate" in words
    assert 'PYTHONTZPATH=""' in text


# Compose


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(COMPOSE.read_text(encoding="utf-8"))
    return loaded


def ours() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, service in compose()["services"].items():
        if "mockint" in service["image"]:
            yield name, service


def test_the_compose_file_follows_its_schema() -> None:
    code, words = lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)
    assert code == 0, words


def test_the_compose_file_opens_no_door() -> None:
    code, words = lint("compose-lint", COMPOSE)
    assert code == 0, words


def test_its_schema_sees_a_mistake(tmp_path: Path) -> None:
    copy = broken(tmp_path, COMPOSE, "stop_grace_period: 45s", "stop_grace_perod: 45s")
    code, words = lint("check-jsonschema", "--builtin-schema", "vendor.compose-spec", copy)
    assert code == 1
    assert "stop_grace_perod" in words


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  read_only: true", "  privileged: true"),
        ("tmpfs: [/tmp, /data]", 'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]'),
    ],
)
def test_its_linter_sees_an_open_door(tmp_path: Path, old: str, new: str) -> None:
    code, words = lint("compose-lint", broken(tmp_path, COMPOSE, old, new))
    assert code == 1, words


def test_every_service_is_shut_in() -> None:
    for name, service in compose()["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["user"] not in ("root", "0", "0:0"), name
        assert "inside" in service["networks"], name
    assert compose()["networks"]["inside"]["internal"] is True


def test_nothing_starts_before_the_tables_are_right() -> None:
    services = dict(ours())
    assert set(services) == {"web", "worker", "scheduler", "migrate"}
    assert {service["command"][0] for service in services.values()} == {
        "serve", "worker", "scheduler", "migrate",
    }  # fmt: skip
    assert services["worker"]["deploy"]["replicas"] == 2
    for name in ("web", "worker", "scheduler"):
        condition = services[name]["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully", name
    assert services["migrate"]["restart"] == "no"
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def filled(variables: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What a container gets: unset variables have their default, secrets are in `folder`."""
    found = {}
    for name, text in variables.items():
        text = re.sub(r"\$\{MOCKINT_BASE_URL:\?[^}]+\}", "https://mock.example.org", text)
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
        found[name] = text.replace("/run/secrets", str(folder))
    return found


def make_secrets(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DEPLOY / "make-secrets", "smtp://u:p@mail.example.org:587"],
        env={"PATH": os.defpath, "MOCKINT_SECRETS_DIR": str(folder)},
        capture_output=True,
        text=True,
    )


def test_the_secrets_and_variables_make_usable_settings(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert make_secrets(folder).returncode == 0
    for name, service in ours():
        settings = from_environment(filled(service["environment"], folder))
        assert settings.mode == "production", name
        assert settings.database_url.endswith("@postgres/mockint")
        assert settings.redis_url.endswith("@redis:6379/0")
        assert len(settings.secret_key) == 64
        assert settings.trusted_proxies == 1
    password = (folder / "database_password").read_text(encoding="utf-8")
    assert f":{password}@" in (folder / "database_url").read_text(encoding="utf-8")
    files = compose()["secrets"]
    assert {Path(each["file"]).name for each in files.values()} == set(os.listdir(folder))


def test_secrets_are_private_new_and_never_written_over(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    make_secrets(first)
    make_secrets(second)
    assert stat.S_IMODE(first.stat().st_mode) == 0o700
    key = (first / "secret_key").read_text(encoding="utf-8")
    assert key != (second / "secret_key").read_text(encoding="utf-8")
    again = make_secrets(first)
    assert again.returncode == 1
    assert "Move it away" in again.stderr
    assert (first / "secret_key").read_text(encoding="utf-8") == key


def test_no_secret_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "deploy/secrets"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert listed.stdout == ""
    ignored = subprocess.run(
        ["git", "check-ignore", "-q", "deploy/secrets/secret_key"], cwd=ROOT, check=False
    )
    assert ignored.returncode == 0


# Units


def whole(tmp_path: Path, unit: Path, old: str = "", new: str = "") -> Path:
    """The unit with what its drop-in adds, as systemd reads it."""
    text = unit.read_text(encoding="utf-8")
    if unit.suffix == ".service":
        text += "\n" + COMMON.read_text(encoding="utf-8")
    assert old in text
    copy = tmp_path / unit.name
    copy.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return copy


def faults(unit: Path) -> list[str]:
    _, words = lint("systemdlint", unit)
    return [
        line for line in words.splitlines() if not any(f"[{each}]" in line for each in NO_FAULT)
    ]


@pytest.mark.parametrize(
    "name", sorted(p.name for p in UNITS.iterdir() if p.suffix in (".service", ".socket"))
)
def test_a_unit_has_no_fault(tmp_path: Path, name: str) -> None:
    assert faults(whole(tmp_path, UNITS / name)) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("ProtectSystem=strict", "ProtectSytem=strict", "InvalidSetting"),
        ("ProtectHome=true", "ProtectHome=maybe", "InvalidValue"),
        ("User=mockint", "", "Security.NoUser"),
        ("Restart=on-failure", "Restart=sometimes", "InvalidValue"),
    ],
)
def test_the_linter_of_units_sees(tmp_path: Path, old: str, new: str, rule: str) -> None:
    found = faults(whole(tmp_path, UNITS / "mockint-web.service", old, new))
    assert any(f"[{rule}]" in line for line in found), found


def test_units_start_commands_that_there_are_after_the_migration() -> None:
    started = {}
    for unit in UNITS.glob("*.service"):
        text = unit.read_text(encoding="utf-8")
        found = re.search(r"^ExecStart=\S+ -m mockint\.cli (\w+)", text, re.MULTILINE)
        assert found, unit
        started[found[1]] = text
    assert set(started) == {"serve", "worker", "scheduler", "migrate"} <= set(COMMANDS)
    for name in ("serve", "worker", "scheduler"):
        assert re.search(r"^Requires=.*mockint-migrate\.service", started[name], re.MULTILINE)
        assert re.search(r"^After=.*mockint-migrate\.service", started[name], re.MULTILINE)
        assert "RestartPreventExitStatus=2" in started[name]


def test_the_example_of_settings_is_usable() -> None:
    lines = (UNITS / "mockint.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    settings = from_environment({name: text for name, _, text in pairs})
    assert settings.base_url == "https://mock.example.org"
    assert not settings.embedded
