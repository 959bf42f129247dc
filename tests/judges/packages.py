"""What the judges need on this machine: Debian packages, and who installs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

PYTHON_PACKAGES = Path(__file__).resolve().parents[2] / ".cache" / "judges"
"""Filled by bin/judges from bin/tools/judges.lock."""
POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian's packages ask this file whether they may start their services."""


class Missing(Exception):
    """Something is not installed and cannot be installed from here."""


def require(packages: Iterable[str]) -> dict[str, str]:
    """Have these Debian packages; returns their versions."""
    if not shutil.which("dpkg-query"):
        raise Missing("The judges are Debian packages, and this is no Debian.")
    wanted = sorted(set(packages))
    missing = [name for name in wanted if not _version(name)]
    if missing and (os.geteuid() or not shutil.which("apt-get")):
        raise Missing(
            f"Not installed: {', '.join(missing)}. As root, run: "
            f"apt-get install --no-install-recommends {' '.join(missing)}"
        )
    if missing:
        _install(missing)
    return {name: _version(name) for name in wanted}


def _version(package: str) -> str:
    """Its version, or nothing when it is not installed."""
    asked = ["dpkg-query", "--show", "--showformat", "${Status}\t${Version}", package]
    status, _, version = subprocess.run(asked, capture_output=True, text=True).stdout.partition(
        "\t"
    )
    return version if status == "install ok installed" else ""


def _install(packages: list[str]) -> None:
    print(f"Installing {', '.join(packages)}", file=sys.stderr)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    with _nothing_started():
        for one in (["apt-get", "update", "--quiet"], command):
            done = subprocess.run(one, env=env, capture_output=True, text=True)
            if done.returncode:
                raise Missing(f"{' '.join(one)} failed:\n{done.stdout[-800:]}{done.stderr[-800:]}")


@contextmanager
def _nothing_started() -> Iterator[None]:
    """The judges start servers of their own; the machine must not get a mail server by this."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
